"""An emulated RAM, every answer of which is compared with botocore's model."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding

from ..conftest import REGION, Client

OWNER = SENDER = "111122223333"
RECEIVER, STRANGER = "444455556666", "777788889999"
GATEWAY = f"arn:aws:ec2:{REGION}:{OWNER}:transit-gateway/tgw-0123456789abcdef0"
MESH = f"arn:aws:appmesh:{REGION}:{OWNER}:mesh/m"

Rows = list[dict[str, Any]]


@pytest.fixture
def client(checked_client: Client) -> Client:
    """Make RAM clients of any account."""
    return partial(checked_client, "ram")


@pytest.fixture(scope="session")
def printed() -> Callable[[str], Any]:
    """Read what AWS printed, where it lies beside the repository."""
    data = Path(__file__).parents[4] / "shared" / "data"

    def read(name: str) -> Any:
        if not (data / name).exists():
            pytest.skip(f"AWS's printed answers are not beside the repository: {name}")
        return json.loads((data / name).read_text(encoding="utf-8"))

    return read


def invite(types: Sequence[str] = ("ec2:TransitGateway",), at: datetime | None = None) -> str:
    """Let the sender invite the receiver to a share with resources of these types; return the invitation's ARN."""
    return seeding.invite(
        sender=SENDER, receiver=RECEIVER, region=REGION, share_name="hub", resource_types=types, at=at
    )


def accept_all(client: Client, aws: Emulator, account: str = RECEIVER) -> None:
    """Accept every invitation of an account, and wait until that is done."""
    for invitation in invitations(client, account):
        arn = invitation["resourceShareInvitationArn"]
        client(account).accept_resource_share_invitation(resourceShareInvitationArn=arn)
    aws.advance(timedelta(minutes=2))


def invitations(client: Client, account: str = RECEIVER, region: str = REGION, **by: Any) -> Rows:
    """Return the invitations that an account has."""
    return list(client(account, region).get_resource_share_invitations(**by)["resourceShareInvitations"])


def own(client: Client, account: str = OWNER, **by: Any) -> Rows:
    """Return the shares of an account."""
    return list(client(account).get_resource_shares(resourceOwner="SELF", **by)["resourceShares"])


def incoming(client: Client, account: str = RECEIVER, **by: Any) -> Rows:
    """Return the shares of others that an account sees."""
    return list(client(account).get_resource_shares(resourceOwner="OTHER-ACCOUNTS", **by)["resourceShares"])


def usable(client: Client, account: str = RECEIVER, **by: Any) -> Rows:
    """Return the resources of others that an account sees."""
    return list(client(account).list_resources(resourceOwner="OTHER-ACCOUNTS", **by)["resources"])


def associations(client: Client, kind: str = "PRINCIPAL", **by: Any) -> Rows:
    """Return what is associated with the owner's shares."""
    asked = client(OWNER).get_resource_share_associations(associationType=kind, **by)
    return list(asked["resourceShareAssociations"])
