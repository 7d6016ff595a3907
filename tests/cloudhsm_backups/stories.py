"""A story in which the HSM backups automation needs each of its rights."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from emulator.aws import Emulator
from emulator.cloudhsmv2 import faults, seeding
from tests.conftest import REGION, US

_RULES = [{"name": "all", "match": {}, "never_expires": True}]

SECTIONS: dict[str, dict[str, Any]] = {
    "plan": {"mode": "plan", "rules": _RULES},
    "apply": {"mode": "apply", "rules": _RULES, "change_limit_per_run": 1},
    "apply, restore": {"mode": "apply", "rules": _RULES, "change_limit_per_run": 2, "restore_pending_deletion": True},
}
"""Configurations in each of which the story needs every right that the configuration gives."""


def play(aws: Emulator) -> Iterator[None]:
    """Let things happen in AWS; at each yield the automation looks."""
    now = aws.clock.now()
    cluster = seeding.cluster(US, REGION)
    lost = seeding.backup(US, REGION, cluster, at=now - timedelta(days=4))
    faults.purge(lost)
    for days in (3, 2, 1):
        seeding.backup(US, REGION, cluster, at=now - timedelta(days=days))
    yield
