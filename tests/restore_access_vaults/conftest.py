"""A world of one vault owner, recovery accounts and approvers, in which a sweep is one call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.loading import compiled
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from emulator.backup import seeding
from emulator.backup.models import BackupBackend, backup_backends
from functions.restore_access_vaults.effects import AwsBackup
from functions.shared.aws.target import Target
from tests.conftest import REGION, US, Table, clients_of, settings
from tests.world import AutomationWorld

RECOVERY = "210987654321"
OUTSIDER = "999999999999"
ITS_ACCESS = f"account {RECOVERY}'s access to vault prod"
REVOKED = f"{ITS_ACCESS} is revoked: it left the complete listing while its revoke request was PENDING"
HERE = Target(US, REGION)
LIST = "backup:ListBackupVaults"
DESCRIBE = "backup:DescribeBackupVault"
ACCESSES = "backup:ListRestoreAccessBackupVaults"
SESSION = "mpa:GetSession"


def arn_of(name: str, account: str = US) -> str:
    """Return the ARN of a vault in our Region."""
    return f"arn:aws:backup:{REGION}:{account}:backup-vault:{name}"


def backup(account: str = US) -> AwsBackup:
    """Return AWS Backup as the automation sees it."""
    return AwsBackup(lambda: clients_of(account).calls("backup", REGION))


def backend() -> BackupBackend:
    """Return our AWS Backup as the emulator holds it."""
    return backup_backends[US][REGION]


@dataclass(slots=True)
class World(AutomationWorld):
    """Us, as the automation looks at us.

    Attributes:
        source: an air-gapped vault of ours, whose team is our own.
        access: restore access to it, given to RECOVERY.
    """

    automation = "restore_access_vaults"

    source: str = ""
    access: str = ""

    def give(self, name: str = "more", account: str = RECOVERY, *, source: str = "", at: datetime | None = None) -> str:
        """Give restore access to our vault, and return its ARN."""
        return seeding.give_access(source or self.source, account, name, at=at)

    def revoke(self, access: str = "", *, hours_ago: float = 0, source: str = "") -> str:
        """Ask to revoke restore access, and return the session."""
        at = self.aws.clock.now() - timedelta(hours=hours_ago)
        return seeding.ask_to_revoke(source or self.source, access or self.access, at=at)

    def closed(self) -> dict[str, str]:
        """Return what ended, as checks, each with how."""
        return {item["check"]: item.get("resolution", "") for item in self.table.items("closed#")}

    def only(self) -> Mapping[str, Any]:
        """Return the one open finding."""
        (item,) = self.table.items("open#")
        return item


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """Us with an empty ledger, and a vault that one account has restore access to."""
    source = seeding.air_gap(US, REGION, "prod")
    return World(aws, table, tmp_path, source=source, access=seeding.give_access(source, RECOVERY, "recovery"))


@pytest.fixture
def hub(aws: Emulator, tmp_path: Path) -> Iterator[World]:
    """The same, in a hub that is deployed: what happens reaches the function, and people."""
    off = {"ram_invitations": {"mode": "off"}}
    with emulated_hub(aws, compiled(settings(**off).document), US):
        source = seeding.air_gap(US, REGION, "prod")
        yield World(aws, Table(), tmp_path, source=source, access=seeding.give_access(source, RECOVERY, "recovery"))
