"""What an answer does at once, and what only comes later."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import faults, seeding
from emulator.ram.models import ram_backends

from ..conftest import Client, code_of
from .conftest import RECEIVER, REGION, SENDER, associations, incoming, invitations, invite, usable

TOKEN = "5b0f7a1e-0000-5000-8000-000000000000"


def _accept(client: Client, arn: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client(RECEIVER).accept_resource_share_invitation(resourceShareInvitationArn=arn, **more)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_acceptance_is_told_at_once(client: Client) -> None:
    arn = invite()
    assert _accept(client, arn)["resourceShareInvitation"]["status"] == "ACCEPTED"
    (listed,) = invitations(client)
    assert listed["status"] == "ACCEPTED"


def test_a_pending_share_is_never_listed(client: Client) -> None:
    invite()
    assert incoming(client) == []
    assert incoming(client, resourceShareStatus="PENDING") == []
    assert usable(client) == []


def test_an_accepted_share_and_its_contents_appear_after_a_while(client: Client, aws: Emulator) -> None:
    _accept(client, invite())
    aws.advance(timedelta(seconds=119))
    assert (incoming(client), usable(client)) == ([], [])
    aws.advance(timedelta(seconds=1))
    (share,), (resource,) = incoming(client), usable(client)
    assert (share["owningAccountId"], share["status"]) == (SENDER, "ACTIVE")
    assert (resource["type"], resource["status"]) == ("ec2:TransitGateway", "AVAILABLE")
    assert resource["resourceShareArn"] == share["resourceShareArn"]


def test_the_delay_of_acceptance_can_be_set(client: Client) -> None:
    ram_backends[RECEIVER][REGION].settings.delays.acceptance = timedelta()
    _accept(client, invite())
    assert len(incoming(client)) == 1


def test_the_owner_sees_the_principal_join(client: Client, aws: Emulator) -> None:
    arn = invite()
    _accept(client, arn)
    (joining,) = associations(client, principal=RECEIVER)
    aws.advance(timedelta(minutes=2))
    (joined,) = associations(client, principal=RECEIVER)
    assert (joining["status"], joined["status"]) == ("ASSOCIATING", "ASSOCIATED")


def test_an_accepted_invitation_does_not_expire(client: Client, aws: Emulator) -> None:
    _accept(client, invite(["glue:Table"]))
    aws.advance(timedelta(days=1))
    assert len(incoming(client)) == 1


def test_a_rejected_share_never_appears(client: Client, aws: Emulator) -> None:
    arn = invite()
    answer = client(RECEIVER).reject_resource_share_invitation(resourceShareInvitationArn=arn)
    assert answer["resourceShareInvitation"]["status"] == "REJECTED"
    aws.advance(timedelta(days=1))
    assert incoming(client) == []
    (principal,) = associations(client)
    assert principal["status"] == "DISASSOCIATED"


def test_the_owner_can_add_to_a_share_that_was_accepted(client: Client, aws: Emulator) -> None:
    _accept(client, invite())
    aws.advance(timedelta(minutes=2))
    table = f"arn:aws:glue:{REGION}:{SENDER}:table/db/t"
    share = incoming(client)[0]["resourceShareArn"]
    client(SENDER).associate_resource_share(resourceShareArn=share, resourceArns=[table])
    assert [(each["type"], each["status"]) for each in usable(client)][1] == ("glue:Table", "PENDING")
    aws.advance(timedelta(seconds=1))
    assert [each["status"] for each in usable(client)] == ["AVAILABLE", "AVAILABLE"]


def test_adding_to_an_accepted_share_does_not_undo_the_acceptance(client: Client, aws: Emulator) -> None:
    seeding.flood(RECEIVER, REGION, 2, [SENDER])
    first, _ = invitations(client)
    _accept(client, first["resourceShareInvitationArn"])
    table = f"arn:aws:glue:{REGION}:{SENDER}:table/db/t"
    client(SENDER).associate_resource_share(resourceShareArn=first["resourceShareArn"], resourceArns=[table])
    aws.advance(timedelta(days=1))
    assert len(incoming(client)) == 1


@pytest.mark.parametrize("status", ["UNAVAILABLE", "ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "PENDING"])
def test_a_resource_can_be_out_of_order(client: Client, aws: Emulator, status: str) -> None:
    _accept(client, invite())
    aws.advance(timedelta(minutes=2))
    (resource,) = usable(client)
    faults.set_resource_status(resource["resourceShareArn"], resource["arn"], status, "broken")
    assert [(each["status"], each["statusMessage"]) for each in usable(client)] == [(status, "broken")]
    faults.set_resource_status(resource["resourceShareArn"], resource["arn"], "AVAILABLE")
    assert usable(client) == [resource]


def test_an_accepted_share_can_fail(client: Client, aws: Emulator) -> None:
    _accept(client, invite())
    aws.advance(timedelta(minutes=2))
    faults.set_share_status(incoming(client)[0]["resourceShareArn"], "FAILED", "no such luck")
    (share,) = incoming(client)
    assert (share["status"], share["statusMessage"]) == ("FAILED", "no such luck")


def test_the_same_call_again_gets_the_same_answer(client: Client, aws: Emulator) -> None:
    arn = invite()
    first = _accept(client, arn, clientToken=TOKEN)
    aws.advance(timedelta(minutes=3))
    assert _accept(client, arn, clientToken=TOKEN) == first
    assert first["clientToken"] == TOKEN


def test_a_token_says_nothing_to_another_operation_or_account(client: Client) -> None:
    _accept(client, invite(), clientToken=TOKEN)
    client(RECEIVER).reject_resource_share_invitation(resourceShareInvitationArn=invite(), clientToken=TOKEN)
    client(SENDER).create_resource_share(name="other", clientToken=TOKEN)


def test_a_call_that_failed_can_be_made_again_with_its_token(client: Client) -> None:
    arn = f"arn:aws:ram:{REGION}:{SENDER}:resource-share-invitation/not-yet"
    assert code_of(_accept, client, arn, clientToken=TOKEN) == "ResourceShareInvitationArnNotFoundException"
    assert _accept(client, invite(), clientToken=TOKEN)["clientToken"] == TOKEN


def test_all_of_it_goes_over_http_as_well(client: Client, aws: Emulator) -> None:
    url = aws.serve()
    sender, receiver = client(SENDER, endpoint_url=url), client(RECEIVER, endpoint_url=url)
    share = sender.create_resource_share(name="hub", principals=[RECEIVER])["resourceShare"]["resourceShareArn"]
    (invitation,) = receiver.get_resource_share_invitations()["resourceShareInvitations"]
    arn = invitation["resourceShareInvitationArn"]
    receiver.accept_resource_share_invitation(resourceShareInvitationArn=arn, clientToken=TOKEN)
    with pytest.raises(receiver.exceptions.ResourceShareInvitationAlreadyAcceptedException):
        receiver.reject_resource_share_invitation(resourceShareInvitationArn=arn)
    aws.advance(timedelta(minutes=2))
    (seen,) = receiver.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert seen["resourceShareArn"] == share
    assert sender.delete_resource_share(resourceShareArn=share)["returnValue"]
