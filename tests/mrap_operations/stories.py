"""A story in which the access point automation needs each of its rights."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from emulator.aws import Emulator
from emulator.s3control.seeding import stand_up
from tests.conftest import US

SECTIONS: dict[str, dict[str, Any]] = {"apply": {"mode": "apply"}}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let things happen in AWS; at each yield the automation looks."""
    assert aws
    stand_up(US, "prod-logs", age=timedelta(hours=1), takes=timedelta(hours=2))  # of which CloudTrail tells nothing
    yield
