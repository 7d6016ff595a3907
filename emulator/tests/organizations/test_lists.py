"""Organizations of many accounts: listed in pages, to those who may ask."""

from datetime import datetime
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.organizations import seeding
from emulator.organizations.seeding import Seeded

from ..conftest import Call, Client, checked_call, code_of

MANAGER = "111122223333"
MEMBERS = [f"2{number:011d}" for number in range(45)]
STRANGER = "999999999999"


@pytest.fixture
def organization(aws: Emulator) -> Seeded:
    assert aws
    units = {"": ["300000000000"], "workloads/prod": MEMBERS, "workloads/test": ["400000000000"], "empty": []}
    return seeding.organize(MANAGER, units, names={MEMBERS[0]: "payments"})


@pytest.fixture
def call(client: Client) -> Call:
    """Call an operation of Organizations or Account Management, and check the answer."""

    def made(operation: str, account: str = MANAGER, service: str = "organizations", **given: Any) -> dict[str, Any]:
        return checked_call(client(service, account, "us-east-1"), operation, given)

    return made


def all_of(call: Call, operation: str, member: str, **given: Any) -> tuple[list[str], list[int]]:
    """Return the ids in all pages, and the sizes of the pages."""
    pages, token = [], dict[str, str]()
    while True:
        answer = call(operation, **given, **token)
        pages.append([each["Id"] for each in answer[member]])
        if "NextToken" not in answer:
            return [each for page in pages for each in page], [len(page) for page in pages]
        token = {"NextToken": answer["NextToken"]}


def test_all_accounts_come_in_pages_of_at_most_twenty(call: Call, organization: Seeded) -> None:
    assert organization.identifier.startswith("o-")
    everybody = [MANAGER, "300000000000", *MEMBERS, "400000000000"]
    assert all_of(call, "ListAccounts", "Accounts") == (everybody, [20, 20, 8])
    assert all_of(call, "ListAccounts", "Accounts", MaxResults=15) == (everybody, [15, 15, 15, 3])
    assert code_of(call, "ListAccounts", MaxResults=21) == "InvalidInputException"


def test_the_accounts_and_units_of_a_parent_are_its_own_alone(call: Call, organization: Seeded) -> None:
    units = organization.units
    prod = all_of(call, "ListAccountsForParent", "Accounts", ParentId=units["workloads/prod"])
    assert prod == (MEMBERS, [20, 20, 5])
    assert all_of(call, "ListAccountsForParent", "Accounts", ParentId=organization.root)[0] == [MANAGER, "300000000000"]
    below = {
        organization.root: ["workloads", "empty"],
        units["workloads"]: ["workloads/prod", "workloads/test"],
        units["empty"]: [],
    }
    for parent, paths in below.items():
        found, _ = all_of(call, "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
        assert found == [units[path] for path in paths]
    assert code_of(call, "ListAccountsForParent", ParentId=f"{units['empty'][:-1]}_") == "ParentNotFoundException"


def test_pages_may_be_empty_and_go_on(aws: Emulator, call: Call) -> None:
    assert aws
    seeding.organize(MANAGER, {"": MEMBERS[:20]}, empty_pages=1)
    found, sizes = all_of(call, "ListAccounts", "Accounts")
    assert (found, sizes) == ([MANAGER, *MEMBERS[:20]], [0, 20, 0, 1])


def test_a_token_is_good_for_its_own_list_alone(call: Call, organization: Seeded) -> None:
    token = call("ListAccounts")["NextToken"]
    refusal = code_of(call, "ListAccountsForParent", ParentId=organization.root, NextToken=token)
    assert refusal == "InvalidInputException"


def test_an_account_tells_its_state_and_status_and_where_it_belongs(call: Call, organization: Seeded) -> None:
    seeding.set_state(MEMBERS[1], "PENDING_CLOSURE")
    seeding.set_state(MEMBERS[2], "CLOSED")
    told = {each["Id"]: each for each in call("ListAccounts")["Accounts"]}
    first = told[MEMBERS[0]]
    assert (first["Name"], first["State"], first["Status"]) == ("payments", "ACTIVE", "ACTIVE")
    assert first["Arn"] == f"arn:aws:organizations::{MANAGER}:account/{organization.identifier}/{MEMBERS[0]}"
    assert isinstance(first["JoinedTimestamp"], datetime)
    assert (told[MEMBERS[1]]["State"], told[MEMBERS[1]]["Status"]) == ("PENDING_CLOSURE", "PENDING_CLOSURE")
    assert (told[MEMBERS[2]]["State"], told[MEMBERS[2]]["Status"]) == ("CLOSED", "SUSPENDED")


@pytest.mark.usefixtures("organization")
def test_the_management_account_and_delegated_administrators_alone_may_list(call: Call, client: Client) -> None:
    manager = client("organizations", account=MANAGER)
    manager.register_delegated_administrator(AccountId=MEMBERS[3], ServicePrincipal="config.amazonaws.com")
    assert len(call("ListAccounts", account=MEMBERS[3])["Accounts"]) == 20
    for account, error in ((MEMBERS[4], "AccessDeniedException"), (STRANGER, "AWSOrganizationsNotInUseException")):
        assert code_of(call, "ListAccounts", account=account) == error


def test_a_member_is_told_which_organization_it_is_in(call: Call, organization: Seeded) -> None:
    for account in (MANAGER, MEMBERS[0]):
        told = call("DescribeOrganization", account=account)["Organization"]
        assert (told["Id"], told["MasterAccountId"]) == (organization.identifier, MANAGER)


@pytest.mark.usefixtures("organization")
def test_who_left_is_listed_no_more_and_is_still_there(call: Call, client: Client) -> None:
    seeding.leave(MEMBERS[0])
    assert MEMBERS[0] not in all_of(call, "ListAccounts", "Accounts")[0]
    assert code_of(call, "DescribeOrganization", account=MEMBERS[0]) == "AWSOrganizationsNotInUseException"
    role = f"arn:aws:iam::{MEMBERS[0]}:role/spoke"
    assert client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]


@pytest.mark.usefixtures("organization")
def test_no_role_of_a_suspended_account_can_be_assumed(aws: Emulator, call: Call, client: Client) -> None:
    seeding.suspend(MEMBERS[0], aws.faults)
    told = {each["Id"]: each for each in call("ListAccounts")["Accounts"]}
    assert (told[MEMBERS[0]]["State"], told[MEMBERS[0]]["Status"]) == ("SUSPENDED", "SUSPENDED")
    refusal = code_of(
        client("sts").assume_role, RoleArn=f"arn:aws:iam::{MEMBERS[0]}:role/spoke", RoleSessionName="test"
    )
    assert refusal == "AccessDenied"
    assert client("sts").assume_role(RoleArn=f"arn:aws:iam::{MEMBERS[1]}:role/spoke", RoleSessionName="test")


def test_a_member_is_forgotten_with_its_emulator() -> None:
    for management, member in (("111122223333", "222233334444"), ("222233334444", "111122223333")):
        with Emulator():
            seeding.organize(management, {"unit": [member]})
