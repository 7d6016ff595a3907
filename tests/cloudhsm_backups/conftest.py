"""A world with clusters and backups, and us as the automation looks at us."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.cloudhsmv2 import seeding
from emulator.cloudhsmv2.backups import Backup
from functions.cloudhsm_backups.effects import Hsm
from functions.shared.run.sweep import Sweep
from tests.conftest import NOW, REGION, US, Table, clients_of
from tests.world import AutomationWorld

LIST = "cloudhsm:DescribeBackups"
CLUSTERS = "cloudhsm:DescribeClusters"
MODIFY = "cloudhsm:ModifyBackupAttributes"
RESTORE = "cloudhsm:RestoreBackup"
EVERYTHING = f"arn:aws:cloudhsm:{REGION}:{US}:backup/*"
KEEP_ALL = [{"name": "all", "match": {}, "never_expires": True}]
LEGAL = {"name": "legal-hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True}
HELD = {"legal-hold": "true"}
DROP_ALL = [{"name": "drop", "match": {}, "never_expires": False}]


def days_ago(days: float) -> datetime:
    """Return when it was so many days ago, at the beginning of the test."""
    return NOW - timedelta(days=days)


def backup(cluster: str, days: float = 1, **more: Any) -> Backup:
    """Let a cluster of ours have a READY backup that is so old."""
    return seeding.backup(US, REGION, cluster, at=days_ago(days), **more)


def made(sweep: Sweep) -> list[tuple[str, str, str, str]]:
    """Return what became of each change, in the order in which they were made."""
    return [(m["action"], m["resource"], m["status"], m["detail"]) for m in sweep.actions.made]


def hsm() -> Hsm:
    """Return CloudHSM as the automation sees it."""
    return Hsm(clients_of().calls("cloudhsmv2", REGION))


@dataclass(slots=True)
class World(AutomationWorld):
    """Us, as the automation looks at us.

    Attributes:
        cluster: one of ours, whose backups are kept for 90 days.
    """

    automation = "cloudhsm_backups"

    section: dict[str, Any] = field(default_factory=lambda: {"mode": "apply", "rules": KEEP_ALL})
    cluster: str = field(default_factory=lambda: seeding.cluster(US, REGION, at=days_ago(400)))

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Do something by hand."""
        return clients_of().calls("cloudhsmv2", REGION)(operation, **parameters)

    def closed(self) -> dict[tuple[str, str], str]:
        """Return what ended, as checks and resources, with how it ended."""
        return {(item["check"], item["resource"]): item.get("resolution", "") for item in self.table.items("closed#")}


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """Us with an empty ledger and one cluster, keeping all on `apply`."""
    return World(aws, table, tmp_path)
