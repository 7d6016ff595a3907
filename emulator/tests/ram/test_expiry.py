"""When invitations go stale, and when they vanish: by the clock alone."""

from datetime import timedelta

import pytest

from emulator.aws import Emulator
from emulator.ram.entities import resource_types
from emulator.ram.models import ram_backends

from ..conftest import Client
from .conftest import GATEWAY, RECEIVER, REGION, SENDER, associations, incoming, invitations, invite

JUST = timedelta(milliseconds=1)


def _statuses(client: Client) -> list[str]:
    return [each["status"] for each in invitations(client)]


@pytest.mark.parametrize("type_name", sorted(resource_types.LEAVABLE))
def test_what_can_be_left_again_waits_seven_days(client: Client, aws: Emulator, type_name: str) -> None:
    invite([type_name])
    aws.advance(timedelta(days=7) - JUST)
    assert _statuses(client) == ["PENDING"]
    aws.advance(JUST)
    assert _statuses(client) == ["EXPIRED"]


@pytest.mark.parametrize(
    "types", [("glue:Table",), ("ssm:Parameter",), ("new:Thing",), (), ("rds:Cluster", "glue:Table")]
)
def test_everything_else_waits_twelve_hours(client: Client, aws: Emulator, types: tuple[str, ...]) -> None:
    invite(types)
    aws.advance(timedelta(hours=12) - JUST)
    assert _statuses(client) == ["PENDING"]
    aws.advance(JUST)
    assert _statuses(client) == ["EXPIRED"]


def test_types_are_compared_without_case(client: Client, aws: Emulator) -> None:
    invite(["EC2:transitgateway"])
    aws.advance(timedelta(days=1))
    assert _statuses(client) == ["PENDING"]


def test_what_the_owner_adds_while_it_waits_changes_the_clock(client: Client, aws: Emulator) -> None:
    share = client(SENDER).create_resource_share(name="hub", principals=[RECEIVER])["resourceShare"]
    client(SENDER).associate_resource_share(resourceShareArn=share["resourceShareArn"], resourceArns=[GATEWAY])
    aws.advance(timedelta(days=6))
    assert _statuses(client) == ["PENDING"]


def test_nothing_brings_an_expired_invitation_back(client: Client, aws: Emulator) -> None:
    share = client(SENDER).create_resource_share(name="hub", principals=[RECEIVER])["resourceShare"]
    aws.advance(timedelta(hours=13))
    client(SENDER).associate_resource_share(resourceShareArn=share["resourceShareArn"], resourceArns=[GATEWAY])
    assert _statuses(client) == ["EXPIRED"]


def test_the_principal_leaves_the_share_when_its_invitation_expires(client: Client, aws: Emulator) -> None:
    share = client(SENDER).create_resource_share(name="hub", principals=[RECEIVER])["resourceShare"]
    (before,) = associations(client, resourceShareArns=[share["resourceShareArn"]])
    aws.advance(timedelta(hours=12))
    (after,) = associations(client, resourceShareArns=[share["resourceShareArn"]])
    assert (before["status"], after["status"]) == ("ASSOCIATING", "DISASSOCIATED")
    assert after["lastUpdatedTime"] == aws.clock.now()


@pytest.mark.parametrize("answer", ["accept_resource_share_invitation", "reject_resource_share_invitation"])
def test_what_was_answered_is_purged_a_week_later(client: Client, aws: Emulator, answer: str) -> None:
    arn = invite(["ec2:TransitGateway"])
    getattr(client(RECEIVER), answer)(resourceShareInvitationArn=arn)
    aws.advance(timedelta(days=7) - JUST)
    assert len(_statuses(client)) == 1
    aws.advance(JUST)
    assert _statuses(client) == []


def test_what_expired_is_purged_a_week_later_and_then_unknown(client: Client, aws: Emulator) -> None:
    arn = invite(["glue:Table"])
    aws.advance(timedelta(days=7, hours=12))
    assert _statuses(client) == []
    with pytest.raises(client(RECEIVER).exceptions.ResourceShareInvitationArnNotFoundException):
        client(RECEIVER).accept_resource_share_invitation(resourceShareInvitationArn=arn)


def test_an_accepted_share_outlives_its_invitation(client: Client, aws: Emulator) -> None:
    client(RECEIVER).accept_resource_share_invitation(resourceShareInvitationArn=invite(["glue:Table"]))
    aws.advance(timedelta(days=30))
    assert [share["status"] for share in incoming(client)] == ["ACTIVE"]


def test_the_time_to_purge_can_be_set(client: Client, aws: Emulator) -> None:
    ram_backends[RECEIVER][REGION].settings.delays.purge = timedelta(hours=1)
    invite(["glue:Table"], at=aws.clock.now() - timedelta(hours=13))
    assert _statuses(client) == []
