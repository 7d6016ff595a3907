"""What AWS printed is served as it was printed, and our own answers have the same members."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.utils import parse_to_aware_datetime

from emulator.aws import Emulator
from emulator.ram import seeding

from ..conftest import Client
from .conftest import GATEWAY, RECEIVER, REGION, SENDER, associations, invitations, own

PENDING = ("aws-docs/ram.get-resource-share-invitations.json", "aws-cli-ram/get-resource-share-invitations.output.json")
ANSWERED = (
    "aws-docs/ram.accept-resource-share-invitation.json",
    "aws-docs/ram.reject-resource-share-invitation.json",
    "aws-cli-ram/accept-resource-share-invitation.output.json",
)
Printed = Callable[[str], Any]


def _invitation(printed: Printed, name: str) -> dict[str, Any]:
    document = printed(name)
    found: dict[str, Any] = document.get("resourceShareInvitation") or document["resourceShareInvitations"][0]
    return found


def _region(invitation: dict[str, Any]) -> str:
    return str(invitation["resourceShareArn"]).split(":")[3]


def _listed(client: Client, invitation: dict[str, Any]) -> list[dict[str, Any]]:
    return invitations(client, invitation["receiverAccountId"], _region(invitation))


def _as_read(invitation: dict[str, Any]) -> dict[str, Any]:
    return invitation | {"invitationTimestamp": parse_to_aware_datetime(invitation["invitationTimestamp"])}


@pytest.mark.parametrize("name", [*PENDING, *ANSWERED])
def test_it_is_served_as_printed_however_old(client: Client, printed: Printed, name: str) -> None:
    invitation = _invitation(printed, name)
    seeding.load(invitation, ageless=True)
    assert _listed(client, invitation) == [_as_read(invitation)]


@pytest.mark.parametrize("name", PENDING)
def test_it_can_be_accepted_in_its_own_time(client: Client, aws: Emulator, printed: Printed, name: str) -> None:
    invitation = _invitation(printed, name)
    aws.clock.move_to(parse_to_aware_datetime(invitation["invitationTimestamp"]) + timedelta(hours=1))
    arn = seeding.load(
        invitation, resources=printed("aws-cli-ram/list-pending-invitation-resources.output.json")["resources"]
    )
    receiver = client(invitation["receiverAccountId"], _region(invitation))
    inside = receiver.list_pending_invitation_resources(resourceShareInvitationArn=arn)["resources"]
    assert [each["type"] for each in inside] == ["ec2:Subnet", "license-manager:LicenseConfiguration"]
    answer = receiver.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    assert answer["resourceShareInvitation"] == _as_read(invitation) | {"status": "ACCEPTED"}
    aws.advance(timedelta(minutes=2))
    (share,) = receiver.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert share["resourceShareArn"] == invitation["resourceShareArn"]


@pytest.mark.parametrize("name", PENDING)
def test_it_expires_by_the_clock_unless_told_otherwise(
    client: Client, aws: Emulator, printed: Printed, name: str
) -> None:
    invitation = _invitation(printed, name)
    aws.clock.move_to(parse_to_aware_datetime(invitation["invitationTimestamp"]) + timedelta(hours=12))
    seeding.load(invitation)
    assert [each["status"] for each in _listed(client, invitation)] == ["EXPIRED"]


def test_an_accepted_one_that_was_printed_brings_its_share(client: Client, printed: Printed) -> None:
    invitation = _invitation(printed, ANSWERED[0])
    seeding.load(invitation, ageless=True)
    receiver = client(invitation["receiverAccountId"], _region(invitation))
    assert len(receiver.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]) == 1


def test_times_are_taken_as_epoch_as_text_and_as_moments(client: Client, aws: Emulator) -> None:
    moment = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    for number, written in enumerate((moment.timestamp(), "2026-11-20T10:00:00+02:00", moment)):
        arn = f"arn:aws:ram:{REGION}:{SENDER}:resource-share-invitation/{number}"
        share = f"arn:aws:ram:{REGION}:{SENDER}:resource-share/{number}"
        seeding.load(
            {
                "resourceShareInvitationArn": arn,
                "resourceShareName": "hub",
                "resourceShareArn": share,
                "senderAccountId": SENDER,
                "receiverAccountId": RECEIVER,
                "invitationTimestamp": written,
                "status": "PENDING",
            }
        )
    assert aws.clock.now() > moment
    assert [each["invitationTimestamp"] for each in invitations(client)] == [moment] * 3


def test_our_answers_have_the_members_that_aws_printed(client: Client, aws: Emulator, printed: Printed) -> None:
    owner, receiver = client(SENDER), client(RECEIVER)
    share = owner.create_resource_share(name="hub", resourceArns=[GATEWAY], principals=[RECEIVER])["resourceShare"]
    arn = share["resourceShareArn"]
    waiting = invitations(client)
    given = waiting[0]["resourceShareInvitationArn"]
    inside = receiver.list_pending_invitation_resources(resourceShareInvitationArn=given)["resources"]
    accepted = receiver.accept_resource_share_invitation(resourceShareInvitationArn=given)["resourceShareInvitation"]
    aws.advance(timedelta(minutes=2))
    of_its_own = {"resourceOwner": "SELF"}
    resources, principals = associations(client, "RESOURCE"), associations(client)
    recorded = "recorded/test_resource_share_disassociate_matched/ram."
    left = owner.disassociate_resource_share(resourceShareArn=arn, principals=[RECEIVER])["resourceShareAssociations"]
    for ours, name, path in (
        (waiting, PENDING[0], "resourceShareInvitations"),
        (waiting, PENDING[1], "resourceShareInvitations"),
        ([accepted], ANSWERED[0], "resourceShareInvitation"),
        ([accepted], ANSWERED[2], "resourceShareInvitation"),
        (resources, "aws-cli-ram/get-resource-share-associations.output.json", "resourceShareAssociations"),
        (principals, "aws-cli-ram/get-resource-share-associations.output1.json", "resourceShareAssociations"),
        (principals, f"{recorded}GetResourceShareAssociations_1.json", "resourceShareAssociations"),
        (left, f"{recorded}DisassociateResourceShare_1.json", "resourceShareAssociations"),
        (own(client), f"{recorded}GetResourceShares_1.json", "resourceShares"),
        (owner.list_principals(**of_its_own)["principals"], "aws-cli-ram/list-principals.output.json", "principals"),
    ):
        theirs = _members(printed(name), path)
        assert set(ours[0]) == theirs, name
    newer = {"resourceRegionScope"}
    assert set(inside[0]) - newer == _members(
        printed("aws-cli-ram/list-pending-invitation-resources.output.json"), "resources"
    )
    listed = owner.list_resources(**of_its_own)["resources"]
    assert set(listed[0]) - newer - {"status"} == _members(
        printed("aws-cli-ram/list-resources.output.json"), "resources"
    )


def _members(document: dict[str, Any], path: str) -> set[str]:
    found = document.get("data", document)[path]
    return set(found if isinstance(found, dict) else found[0])
