"""Clients that many accounts share: each call is signed by the account that makes it."""

import pytest
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.session import Session

from emulator.aws import Emulator
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.run.hub import session_policy
from tests.conftest import REGION, US

SPOKE = "444455556666"
ROLE = f"arn:aws:iam::{SPOKE}:role/watchkeeper-spoke"


def invitations(clients: Clients) -> None:
    clients.calls("ram", REGION)("GetResourceShareInvitations")


@pytest.mark.parametrize("credentials", [None, Credentials(US, "emulated", "")], ids=["of the session", "given"])
def test_the_hub_signs_as_itself_although_another_account_needed_the_client_first(
    aws: Emulator, credentials: Credentials | None
) -> None:
    hub = Clients(Session(), credentials)
    spoke = hub.assume(ROLE, region=REGION, external_id="", policy=session_policy(["ram:GetResourceShareInvitations"]))
    for clients in (spoke, hub, spoke, hub):
        invitations(clients)
    assert [call.account for call in aws.calls.of("ram:*")] == [SPOKE, US, SPOKE, US]


def test_a_client_that_a_session_hands_out_again_asks_but_once_who_signs(aws: Emulator) -> None:
    client = Session().create_client("ram", REGION)

    class OneClient(Session):
        def create_client(self, *_: object, **__: object) -> BaseClient:
            return client

    before = len(signers(client))
    for _ in range(3):
        invitations(Clients(OneClient(), Credentials(SPOKE, "emulated", "")))
    assert len(signers(client)) == before + 1
    assert {call.account for call in aws.calls.of("ram:*")} == {SPOKE}


def signers(client: BaseClient) -> list[object]:
    """Return what is asked before a call of *client* is signed."""
    name = "before-sign.ram.GetResourceShareInvitations"
    answers: list[object] = client.meta.events.emit(name, request=AWSRequest("GET", "https://localhost/"))
    return answers
