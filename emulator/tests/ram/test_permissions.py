"""The managed permissions of AWS."""

import pytest

from ..conftest import Client, code_of
from .conftest import SENDER


@pytest.mark.parametrize("name", ["glue:Catalog", "glue:catalog", "GLUE:CATALOG"])
def test_the_permissions_of_a_type_are_listed_whatever_its_case(client: Client, name: str) -> None:
    found = client(SENDER).list_permissions(resourceType=name)["permissions"]
    assert {each["resourceType"] for each in found} == {"glue:Catalog"}
    assert any(each["isResourceTypeDefault"] for each in found)


def test_all_are_those_of_aws(client: Client) -> None:
    ram = client(SENDER)
    everything = ram.list_permissions()["permissions"]
    assert len(everything) > 30
    assert ram.list_permissions(permissionType="AWS_MANAGED")["permissions"] == everything
    assert ram.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []


def test_a_type_without_a_permission_is_refused(client: Client) -> None:
    assert code_of(client(SENDER).list_permissions, resourceType="ec2:Instance") == "InvalidParameterException"
