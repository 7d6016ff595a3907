"""Who is invited to a share, and what sender and receiver see of it."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding

from ..conftest import Client, code_of
from .conftest import GATEWAY, MESH, RECEIVER, SENDER, STRANGER, associations, invitations, own


def _share(client: Client, **more: Any) -> dict[str, Any]:
    request = {"name": "hub", "resourceArns": [GATEWAY], "principals": [RECEIVER]} | more
    share: dict[str, Any] = client(SENDER).create_resource_share(**request)["resourceShare"]
    return share


def test_an_account_outside_the_organization_is_invited(client: Client, aws: Emulator) -> None:
    share = _share(client)
    (invitation,) = invitations(client)
    arn = invitation.pop("resourceShareInvitationArn")
    assert arn.startswith(f"arn:aws:ram:eu-west-1:{SENDER}:resource-share-invitation/")
    assert invitation == {
        "resourceShareName": "hub",
        "resourceShareArn": share["resourceShareArn"],
        "senderAccountId": SENDER,
        "receiverAccountId": RECEIVER,
        "invitationTimestamp": aws.clock.now(),
        "status": "PENDING",
    }


def test_only_the_receiver_sees_the_invitation(client: Client) -> None:
    _share(client)
    assert invitations(client, SENDER) == []
    assert invitations(client, STRANGER) == []


def test_an_invitation_is_in_the_region_of_its_share_only(client: Client) -> None:
    _share(client)
    assert invitations(client, region="us-east-1") == []


@pytest.mark.parametrize(
    ("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")]
)
def test_arns_are_of_the_partition_of_the_region(client: Client, region: str, partition: str) -> None:
    share = client(SENDER, region).create_resource_share(name="hub", principals=[RECEIVER])["resourceShare"]
    (invitation,) = invitations(client, region=region)
    assert share["resourceShareArn"].startswith(f"arn:{partition}:ram:{region}:")
    assert invitation["resourceShareInvitationArn"].startswith(f"arn:{partition}:ram:{region}:")


@pytest.mark.parametrize("path", ["role/ops/reader", "user/jane"])
def test_a_role_or_user_is_invited_by_its_arn(client: Client, path: str) -> None:
    principal = f"arn:aws:iam::{RECEIVER}:{path}"
    _share(client, principals=[principal])
    (invitation,) = invitations(client)
    assert (invitation["receiverAccountId"], invitation["receiverArn"]) == (RECEIVER, principal)


def test_a_service_is_not_invited(client: Client) -> None:
    share = _share(client, principals=["vpc-lattice.amazonaws.com"])
    held = associations(client, resourceShareArns=[share["resourceShareArn"]])
    assert [each["associatedEntity"] for each in held] == ["vpc-lattice.amazonaws.com"]


def test_a_principal_that_waits_is_not_invited_again(client: Client) -> None:
    share = _share(client)
    client(SENDER).associate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[RECEIVER])
    assert len(invitations(client)) == 1


def test_a_new_invitation_stands_beside_the_old_one(client: Client, aws: Emulator) -> None:
    share = _share(client)
    aws.advance(timedelta(days=7))
    client(SENDER).associate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[RECEIVER])
    assert [each["status"] for each in invitations(client)] == ["EXPIRED", "PENDING"]


def test_the_owner_takes_an_invitation_back_by_removing_the_principal(client: Client) -> None:
    share = _share(client)
    client(SENDER).disassociate_resource_share(resourceShareArn=share["resourceShareArn"], principals=[RECEIVER])
    assert invitations(client) == []


def test_the_owner_takes_an_invitation_back_by_deleting_the_share(client: Client) -> None:
    client(SENDER).delete_resource_share(resourceShareArn=_share(client)["resourceShareArn"])
    assert invitations(client) == []


def test_invitations_are_found_by_their_own_arn_and_by_their_share(client: Client) -> None:
    first, second = _share(client), _share(client, name="spoke")
    listed = invitations(client)
    arn = listed[1]["resourceShareInvitationArn"]
    assert invitations(client, resourceShareInvitationArns=[arn]) == [listed[1]]
    assert invitations(client, resourceShareArns=[first["resourceShareArn"]]) == [listed[0]]
    both = {"resourceShareInvitationArns": [arn], "resourceShareArns": [first["resourceShareArn"]]}
    assert invitations(client, **both) == []
    assert invitations(client, **both | {"resourceShareArns": [second["resourceShareArn"]]}) == [listed[1]]


def test_an_invitation_shows_what_is_in_the_share_also_what_came_later(client: Client, aws: Emulator) -> None:
    share = _share(client)
    aws.advance(timedelta(seconds=1))
    arn = invitations(client)[0]["resourceShareInvitationArn"]
    client(SENDER).associate_resource_share(resourceShareArn=share["resourceShareArn"], resourceArns=[MESH])
    inside = client(RECEIVER).list_pending_invitation_resources(resourceShareInvitationArn=arn)["resources"]
    assert [(each["type"], each["status"]) for each in inside] == [
        ("ec2:TransitGateway", "AVAILABLE"),
        ("appmesh:Mesh", "PENDING"),
    ]


def test_a_sender_has_at_most_250_invitations_pending(client: Client) -> None:
    client(SENDER).create_resource_share(name="many", principals=[f"{number:012d}" for number in range(250)])
    assert code_of(_share, client) == "ResourceShareLimitExceededException"
    assert own(client, name="hub") == []


def test_invitations_that_ended_do_not_count_against_the_quota(client: Client, aws: Emulator) -> None:
    client(SENDER).create_resource_share(name="many", principals=[f"{number:012d}" for number in range(250)])
    aws.advance(timedelta(hours=12))
    _share(client)
    assert len(invitations(client)) == 1


def test_a_seeded_invitation_is_like_any_other(client: Client, aws: Emulator) -> None:
    sent_at = aws.clock.now() - timedelta(hours=3)
    arn = seeding.invite(
        sender=SENDER,
        receiver=RECEIVER,
        region="eu-west-1",
        share_name="line\nfeed \x1b[31m",
        resource_types=["ec2:TransitGateway", "never:Heard"],
        at=sent_at,
    )
    (invitation,) = invitations(client)
    assert (invitation["resourceShareInvitationArn"], invitation["invitationTimestamp"]) == (arn, sent_at)
    assert invitation["resourceShareName"] == "line\nfeed \x1b[31m"
    inside = client(RECEIVER).list_pending_invitation_resources(resourceShareInvitationArn=arn)["resources"]
    assert [each["type"] for each in inside] == ["ec2:TransitGateway", "never:Heard"]
