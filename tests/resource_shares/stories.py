"""A story in which the resource shares automation needs each of its rights."""

from collections.abc import Iterator
from typing import Any

from emulator.aws import Emulator
from emulator.ram.seeding_shares import share
from tests.conftest import REGION, US

HUB = "210987654321"
FRIEND = "333333333333"
OUTSIDER = "999999999999"

SECTIONS: dict[str, dict[str, Any]] = {
    "plan": {"mode": "plan", "allowed_principals": [FRIEND]},
    "apply": {"mode": "apply", "allowed_principals": [FRIEND]},
    "apply, nobody": {"mode": "apply", "allowed_principals": []},
}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let things happen in AWS; at each yield the automation looks."""
    types = ["ec2:TransitGateway"]
    share(owner=US, region=REGION, name="ours", principals=[FRIEND, OUTSIDER], resource_types=types)
    share(owner=HUB, region=REGION, name="theirs", principals=[US], resource_types=types)
    assert aws
    yield
