"""A story in which the notifications need each of their rights."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from functions.shared.ledger.ledger import SweepOutcome
from functions.shared.run.hub import ledger_of
from tests.conftest import clients_of, settings
from tests.notifications.conftest import TARGET, WATCHER, finding

SECTIONS: dict[str, dict[str, Any]] = {"security hub": {"security_hub": True}}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let an automation find something; at each yield the notifications look."""
    ledger = ledger_of(settings(), clients_of(), TABLE_NAME)
    ledger.reconcile(WATCHER, TARGET, SweepOutcome([(finding(), False)], {}, {}), aws.clock.now())
    aws.clock.move_to(aws.clock.now() + timedelta(minutes=2))
    yield
