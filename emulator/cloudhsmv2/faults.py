"""What goes wrong with backups in the real CloudHSM, and here when a story or a test says so."""

from datetime import UTC, datetime
from typing import Any

from emulator.cloudhsmv2.backups import Backup


def lose_members(backup: Backup, *names: str) -> None:
    """Let AWS leave members out of what it tells of a backup, as it does in old records."""
    tell(backup, **dict.fromkeys(names))


def tell(backup: Backup, **members: Any) -> None:
    """Let AWS tell something else of a backup, such as a state that nobody knows; None leaves a member out."""
    backup.as_printed |= members


def purge(backup: Backup, at: datetime | None = None) -> None:
    """Let the retention take a backup now, or let it have taken it at an earlier time."""
    backup.deleted_at = at or datetime.now(UTC)
