"""A story in which the RAM invitations automation needs each of its rights."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from emulator.aws import Emulator
from emulator.ram.seeding import invite
from tests.conftest import REGION, US

HUB = "210987654321"
STRANGER = "999999999999"
_TRUST = [{"name": "hub", "accounts": [HUB]}]

SECTIONS: dict[str, dict[str, Any]] = {
    "plan": {"mode": "plan", "trust": _TRUST},
    "plan, reject": {"mode": "plan", "trust": _TRUST, "untrusted": "reject"},
    "apply": {"mode": "apply", "trust": _TRUST},
    "apply, reject": {"mode": "apply", "trust": _TRUST, "untrusted": "reject"},
}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let things happen in AWS; at each yield the automation looks."""
    for sender, share in ((HUB, "prod"), (STRANGER, "free")):
        invite(sender=sender, receiver=US, region=REGION, share_name=share, resource_types=["ec2:TransitGateway"])
    yield
    aws.clock.move_to(aws.clock.now() + timedelta(minutes=40))
    yield
