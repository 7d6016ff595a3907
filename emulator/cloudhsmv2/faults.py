"""Faults of backups that happen by themselves in AWS, and here when a test orders them."""

from datetime import UTC, datetime
from typing import Any

from emulator.cloudhsmv2.backups import Backup


def lose_members(backup: Backup, *names: str) -> None:
    """Leave members out of a backup in answers, as in old records of AWS."""
    tell(backup, **dict.fromkeys(names))


def tell(backup: Backup, **members: Any) -> None:
    """Replace members of a backup in answers, such as by an unknown state; None leaves a member out."""
    backup.as_printed |= members


def purge(backup: Backup, at: datetime | None = None) -> None:
    """Purge a backup, now or at an earlier time."""
    backup.deleted_at = at or datetime.now(UTC)
