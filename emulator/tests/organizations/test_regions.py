"""The Regions of an account, as itself and its management account are told of them."""

from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.organizations import regions, seeding

from ..conftest import Call, Client, code_of
from .test_lists import MANAGER, MEMBERS, STRANGER

ON = ["ENABLED", "ENABLED_BY_DEFAULT"]


def listed(call: Call, account: str = MANAGER, **given: Any) -> dict[str, str]:
    found = call("ListRegions", account=account, service="account", **given)["Regions"]
    return {each["RegionName"]: each["RegionOptStatus"] for each in found}


@pytest.mark.usefixtures("organization")
def test_seventeen_regions_are_on_by_default_and_the_others_off(call: Call) -> None:
    told = listed(call)
    assert {"ENABLED_BY_DEFAULT", "DISABLED"} == set(told.values())
    assert len(listed(call, RegionOptStatusContains=ON)) == 17
    assert (told["us-east-1"], told["af-south-1"]) == ("ENABLED_BY_DEFAULT", "DISABLED")


@pytest.mark.usefixtures("organization")
def test_the_management_account_is_told_of_a_members_regions(call: Call) -> None:
    regions.set_status(MEMBERS[0], "af-south-1", "ENABLED")
    regions.set_status(MEMBERS[0], "eu-south-1", "ENABLING")
    member = listed(call, AccountId=MEMBERS[0])
    assert (member["af-south-1"], member["eu-south-1"]) == ("ENABLED", "ENABLING")
    assert listed(call, AccountId=MEMBERS[1])["af-south-1"] == "DISABLED"
    assert listed(call, AccountId=MEMBERS[0], RegionOptStatusContains=["ENABLED"]) == {"af-south-1": "ENABLED"}
    assert listed(call, account=MEMBERS[0]) == member
    asked = {"AccountId": MEMBERS[0], "RegionName": "af-south-1"}
    assert call("GetRegionOptStatus", service="account", **asked)["RegionOptStatus"] == "ENABLED"


@pytest.mark.usefixtures("organization")
def test_regions_come_in_pages(call: Call) -> None:
    first = call("ListRegions", service="account", MaxResults=15, RegionOptStatusContains=ON)
    rest = call(
        "ListRegions", service="account", MaxResults=15, RegionOptStatusContains=ON, NextToken=first["NextToken"]
    )
    assert (len(first["Regions"]), len(rest["Regions"])) == (15, 2)
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    ("caller", "about", "error"),
    [
        (MANAGER, MANAGER, "ValidationException"),
        (MANAGER, STRANGER, "AccessDeniedException"),
        (MEMBERS[0], MEMBERS[1], "AccessDeniedException"),
        (STRANGER, MEMBERS[0], "AccessDeniedException"),
    ],
)
@pytest.mark.usefixtures("organization")
def test_who_may_not_ask_is_refused(call: Call, caller: str, about: str, error: str) -> None:
    assert code_of(listed, call, account=caller, AccountId=about) == error


@pytest.mark.usefixtures("organization")
def test_a_delegated_administrator_of_account_management_is_told_and_one_of_another_service_is_not(
    call: Call, client: Client
) -> None:
    manager = client("organizations", account=MANAGER)
    services = "account.amazonaws.com", "config.amazonaws.com"
    for account, service in zip(MEMBERS, services, strict=False):
        manager.register_delegated_administrator(AccountId=account, ServicePrincipal=service)
    assert listed(call, account=MEMBERS[0], AccountId=MEMBERS[2])
    assert code_of(listed, call, account=MEMBERS[1], AccountId=MEMBERS[2]) == "AccessDeniedException"


@pytest.mark.usefixtures("organization")
def test_without_trusted_access_nobody_is_told_of_members(call: Call, client: Client) -> None:
    client("organizations", account=MANAGER).disable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    assert code_of(listed, call, AccountId=MEMBERS[0]) == "AccessDeniedException"
    assert listed(call, account=MEMBERS[0])


@pytest.mark.usefixtures("organization")
def test_in_a_region_that_is_off_no_call_passes(aws: Emulator, call: Call, client: Client) -> None:
    seeding.switch_off(MEMBERS[0], "eu-west-1", aws.faults)
    assert listed(call, AccountId=MEMBERS[0])["eu-west-1"] == "DISABLED"
    assert code_of(client("sqs", account=MEMBERS[0]).list_queues) == "UnrecognizedClientException"
    client("sqs", account=MEMBERS[0], region="eu-west-2").list_queues()
    client("sqs", account=MEMBERS[1]).list_queues()


def test_a_status_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="'OPEN'"):
        regions.set_status(MANAGER, "us-east-1", "OPEN")
