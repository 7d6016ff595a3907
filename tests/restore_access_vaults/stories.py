"""A story in which the restore access vaults automation needs each of its rights."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from emulator.aws import Emulator
from emulator.backup.seeding import air_gap, ask_to_revoke, give_access
from tests.conftest import REGION, US

SECTIONS: dict[str, dict[str, Any]] = {
    "apply": {"mode": "apply"},
    "apply, everything judged": {
        "mode": "apply",
        "open_longer_than_days": 1,
        "allowed_recovery_accounts": ["333333333333"],
    },
}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let things happen in AWS; at each yield the automation looks."""
    source = air_gap(US, REGION, "prod")
    ask_to_revoke(source, give_access(source, "210987654321", "recovery"))
    yield
    aws.clock.move_to(aws.clock.now() + timedelta(hours=23))
    yield
