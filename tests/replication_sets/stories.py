"""A story in which the replication sets automation needs each of its rights."""

from collections.abc import Iterator
from typing import Any

from emulator.aws import Emulator
from emulator.ssmincidents.seeding import stand_up
from tests.conftest import US

SECTIONS: dict[str, dict[str, Any]] = {"apply": {"mode": "apply"}}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let things happen in AWS; at each yield the automation looks."""
    assert aws
    stand_up(US, ["us-east-1", "eu-west-1"])
    yield
