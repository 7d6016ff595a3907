"""Within an organization that shares freely nobody is invited."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from emulator.aws import Emulator

from ..conftest import Client, code_of
from .conftest import GATEWAY, OWNER, RECEIVER, REGION, associations, incoming, invitations, usable

MANAGEMENT, OUTSIDER = OWNER, RECEIVER


@dataclass(frozen=True, slots=True)
class House:
    """An organization of three accounts.

    Attributes:
        arn: of the organization.
        unit: ARN of a unit inside a unit, which *inside* is in.
        inside, beside: member accounts; *beside* is in the root.
    """

    arn: str
    unit: str
    inside: str
    beside: str


@pytest.fixture
def house(aws: Emulator, session: boto3.Session) -> House:
    """Found an organization."""
    assert aws
    api = session.client("organizations", aws_access_key_id=MANAGEMENT, aws_secret_access_key="x", region_name=REGION)
    arn = api.create_organization(FeatureSet="ALL")["Organization"]["Arn"]
    root = api.list_roots()["Roots"][0]["Id"]
    outer = api.create_organizational_unit(ParentId=root, Name="outer")["OrganizationalUnit"]
    inner = api.create_organizational_unit(ParentId=outer["Id"], Name="inner")["OrganizationalUnit"]
    inside, beside = (
        api.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        for name in ("inside", "beside")
    )
    api.move_account(AccountId=inside, SourceParentId=root, DestinationParentId=inner["Id"])
    return House(arn, outer["Arn"], inside, beside)


def _share(client: Client, *principals: str, **more: Any) -> str:
    request = {"name": "hub", "resourceArns": [GATEWAY], "principals": list(principals)} | more
    return str(client(MANAGEMENT).create_resource_share(**request)["resourceShare"]["resourceShareArn"])


def test_members_are_invited_like_strangers_before_sharing_is_enabled(client: Client, house: House) -> None:
    _share(client, house.inside)
    assert len(invitations(client, house.inside)) == 1


def test_members_need_no_invitation_once_sharing_is_enabled(client: Client, house: House, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, house.inside, f"arn:aws:iam::{house.beside}:role/reader")
    assert (len(invitations(client, house.inside)), len(invitations(client, house.beside))) == (0, 0)
    assert len(incoming(client, house.inside)) == 0
    aws.advance(timedelta(seconds=4))
    assert (len(incoming(client, house.inside)), len(incoming(client, house.beside))) == (1, 1)
    assert [each["external"] for each in associations(client)] == [False, False]


def test_outsiders_are_invited_also_when_sharing_is_enabled(client: Client, house: House) -> None:
    assert house
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, OUTSIDER)
    assert len(invitations(client, OUTSIDER)) == 1


def test_members_share_with_each_other(client: Client, house: House, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    client(house.inside).create_resource_share(name="peer", principals=[house.beside, MANAGEMENT])
    aws.advance(timedelta(seconds=4))
    assert (len(incoming(client, house.beside)), len(incoming(client, MANAGEMENT))) == (1, 1)


def test_a_share_with_the_organization_reaches_all_of_it(client: Client, house: House, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, house.arn)
    aws.advance(timedelta(seconds=4))
    assert [len(incoming(client, account)) for account in (house.inside, house.beside, OUTSIDER)] == [1, 1, 0]
    assert [each["type"] for each in usable(client, house.beside)] == ["ec2:TransitGateway"]


def test_a_share_with_a_unit_reaches_what_is_below_it(client: Client, house: House, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, house.unit)
    aws.advance(timedelta(seconds=4))
    assert [len(incoming(client, account)) for account in (house.inside, house.beside)] == [1, 0]


def test_a_share_that_reaches_an_account_twice_is_listed_once(client: Client, house: House, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, house.arn, house.unit, house.inside)
    aws.advance(timedelta(seconds=4))
    assert len(incoming(client, house.inside)) == 1


def test_pages_go_on_from_direct_shares_to_those_of_the_organization(
    client: Client, house: House, aws: Emulator
) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    shares = {_share(client, house.arn), _share(client, house.inside), _share(client, house.unit)}
    aws.advance(timedelta(seconds=4))
    pages = (
        client(house.inside)
        .get_paginator("get_resource_shares")
        .paginate(resourceOwner="OTHER-ACCOUNTS", PaginationConfig={"PageSize": 1})
    )
    listed = [share["resourceShareArn"] for page in pages for share in page["resourceShares"]]
    assert (len(listed), set(listed)) == (3, shares)
    resources = (
        client(house.inside)
        .get_paginator("list_resources")
        .paginate(resourceOwner="OTHER-ACCOUNTS", PaginationConfig={"PageSize": 1})
    )
    assert {each["resourceShareArn"] for page in resources for each in page["resources"]} == shares


def test_nobody_leaves_a_share_of_his_own_organization(client: Client, house: House, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    arn = _share(client, house.inside)
    aws.advance(timedelta(seconds=4))
    with pytest.raises(client(house.inside).exceptions.OperationNotPermittedException):
        client(house.inside).disassociate_resource_share(resourceShareArn=arn, principals=[house.inside])


def test_an_organization_is_no_principal_before_sharing_is_enabled(client: Client, house: House) -> None:
    for principal in (house.arn, house.unit):
        with pytest.raises(client(MANAGEMENT).exceptions.OperationNotPermittedException, match="only be shared within"):
            _share(client, principal)
    assert code_of(_share, client, house.inside, allowExternalPrincipals=False) == "OperationNotPermittedException"


def test_another_organization_is_unknown(client: Client, house: House) -> None:
    assert house
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    for principal in ("organization/o-abcdefghij", "ou/o-abcdefghij/ou-abcd-abcdefgh"):
        assert code_of(_share, client, f"arn:aws:organizations::999999999999:{principal}") == "UnknownResourceException"


def test_only_the_management_account_enables_sharing(client: Client, house: House) -> None:
    for account in (house.inside, OUTSIDER):
        assert code_of(client(account).enable_sharing_with_aws_organization) == "OperationNotPermittedException"
