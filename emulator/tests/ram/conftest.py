"""An emulated RAM, every answer of which is compared with botocore's model."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding

from ..conftest import ACCOUNT, REGION, Client

OWNER = SENDER = ACCOUNT
RECEIVER, STRANGER = "444455556666", "777788889999"
ROLE = f"arn:aws:iam::{RECEIVER}:role/reader"
GATEWAY = f"arn:aws:ec2:{REGION}:{OWNER}:transit-gateway/tgw-0123456789abcdef0"
MESH = f"arn:aws:appmesh:{REGION}:{OWNER}:mesh/m"


def invite(*types: str, at: datetime | None = None) -> str:
    """Create a share of these types, and return the ARN of the receiver's invitation to it."""
    where = {"sender": SENDER, "receiver": RECEIVER, "region": REGION}
    return seeding.invite(**where, share_name="hub", resource_types=types, at=at)


def accept_all(client: Client, account: str, aws: Emulator) -> None:
    """Accept all invitations of an account, and wait until it has what they are about."""
    for invitation in client(account).get_resource_share_invitations()["resourceShareInvitations"]:
        arn = invitation["resourceShareInvitationArn"]
        client(account).accept_resource_share_invitation(resourceShareInvitationArn=arn)
    aws.advance(timedelta(minutes=2))


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
