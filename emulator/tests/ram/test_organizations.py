"""Within an organization that shares freely nobody is invited."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from emulator.aws import Emulator

from ..conftest import Client

MANAGEMENT, OUTSIDER, REGION = "111122223333", "444455556666", "eu-west-1"


@dataclass(frozen=True, slots=True)
class Members:
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
def members(aws: Emulator, session: boto3.Session) -> Members:
    """Create an organization."""
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
    return Members(arn, outer["Arn"], inside, beside)


def _share(client: Client, *principals: str, **more: Any) -> str:
    gateway = f"arn:aws:ec2:{REGION}:{MANAGEMENT}:transit-gateway/tgw-1"
    request = {"name": "hub", "resourceArns": [gateway], "principals": list(principals)} | more
    return str(client(MANAGEMENT).create_resource_share(**request)["resourceShare"]["resourceShareArn"])


def _sees(client: Client, account: str) -> int:
    return len(client(account).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"])


def _invitations(client: Client, account: str) -> int:
    return len(client(account).get_resource_share_invitations()["resourceShareInvitations"])


def test_members_are_invited_like_strangers_before_sharing_is_enabled(client: Client, members: Members) -> None:
    _share(client, members.inside)
    assert _invitations(client, members.inside) == 1


def test_members_need_no_invitation_once_sharing_is_enabled(client: Client, members: Members, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, members.inside, f"arn:aws:iam::{members.beside}:role/reader")
    assert (_invitations(client, members.inside), _invitations(client, members.beside)) == (0, 0)
    assert _sees(client, members.inside) == 0
    aws.advance(timedelta(seconds=4))
    assert (_sees(client, members.inside), _sees(client, members.beside)) == (1, 1)
    held = client(MANAGEMENT).get_resource_share_associations(associationType="PRINCIPAL")
    assert [each["external"] for each in held["resourceShareAssociations"]] == [False, False]


def test_outsiders_are_invited_also_when_sharing_is_enabled(client: Client, members: Members) -> None:
    assert members
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, OUTSIDER)
    assert _invitations(client, OUTSIDER) == 1


def test_members_share_with_each_other(client: Client, members: Members, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    client(members.inside).create_resource_share(name="peer", principals=[members.beside, MANAGEMENT])
    aws.advance(timedelta(seconds=4))
    assert (_sees(client, members.beside), _sees(client, MANAGEMENT)) == (1, 1)


def test_a_share_with_the_organization_reaches_all_of_it(client: Client, members: Members, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, members.arn)
    aws.advance(timedelta(seconds=4))
    assert [_sees(client, account) for account in (members.inside, members.beside, OUTSIDER)] == [1, 1, 0]
    listed = client(members.beside).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
    assert [each["type"] for each in listed] == ["ec2:TransitGateway"]


def test_a_share_with_a_unit_reaches_what_is_below_it(client: Client, members: Members, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, members.unit)
    aws.advance(timedelta(seconds=4))
    assert [_sees(client, account) for account in (members.inside, members.beside)] == [1, 0]


def test_a_share_that_reaches_an_account_twice_is_listed_once(client: Client, members: Members, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    _share(client, members.arn, members.unit, members.inside)
    aws.advance(timedelta(seconds=4))
    assert _sees(client, members.inside) == 1


def test_pages_go_on_from_direct_shares_to_those_of_the_organization(
    client: Client, members: Members, aws: Emulator
) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    shares = {_share(client, members.arn), _share(client, members.inside), _share(client, members.unit)}
    aws.advance(timedelta(seconds=4))
    pages = (
        client(members.inside)
        .get_paginator("get_resource_shares")
        .paginate(resourceOwner="OTHER-ACCOUNTS", PaginationConfig={"PageSize": 1})
    )
    listed = [share["resourceShareArn"] for page in pages for share in page["resourceShares"]]
    assert (len(listed), set(listed)) == (3, shares)
    resources = (
        client(members.inside)
        .get_paginator("list_resources")
        .paginate(resourceOwner="OTHER-ACCOUNTS", PaginationConfig={"PageSize": 1})
    )
    assert {each["resourceShareArn"] for page in resources for each in page["resources"]} == shares


def test_nobody_leaves_a_share_of_his_own_organization(client: Client, members: Members, aws: Emulator) -> None:
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    arn = _share(client, members.inside)
    aws.advance(timedelta(seconds=4))
    with pytest.raises(client(members.inside).exceptions.OperationNotPermittedException):
        client(members.inside).disassociate_resource_share(resourceShareArn=arn, principals=[members.inside])


def test_an_organization_is_no_principal_before_sharing_is_enabled(client: Client, members: Members) -> None:
    for principal in (members.arn, members.unit):
        with pytest.raises(client(MANAGEMENT).exceptions.OperationNotPermittedException, match="only be shared within"):
            _share(client, principal)
    with pytest.raises(client(MANAGEMENT).exceptions.OperationNotPermittedException):
        _share(client, members.inside, allowExternalPrincipals=False)


def test_another_organization_is_unknown(client: Client, members: Members) -> None:
    assert members
    client(MANAGEMENT).enable_sharing_with_aws_organization()
    for principal in ("organization/o-abcdefghij", "ou/o-abcdefghij/ou-abcd-abcdefgh"):
        with pytest.raises(client(MANAGEMENT).exceptions.UnknownResourceException):
            _share(client, f"arn:aws:organizations::999999999999:{principal}")


def test_only_the_management_account_enables_sharing(client: Client, members: Members) -> None:
    for account in (members.inside, OUTSIDER):
        with pytest.raises(client(account).exceptions.OperationNotPermittedException):
            client(account).enable_sharing_with_aws_organization()
