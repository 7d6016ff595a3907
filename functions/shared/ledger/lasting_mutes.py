"""What people have muted in the ledger."""

from datetime import datetime

from functions.shared.ledger.records import MUTE, MUTES, timestamp
from functions.shared.ledger.table import Table
from functions.shared.mutes import Mute


def lasting_mutes(table: Table, now: datetime) -> tuple[Mute, ...]:
    """Return the mutes that last at *now*.

    They are sorted by when they expire, so that those that are over are not read.

    Raises:
        CallError: the ledger could not be read.
    """
    lasting = table.between(MUTES, f"{MUTE}{timestamp(now)}", f"{MUTE}~")
    return tuple(Mute.of(item) for item in lasting if "ended_at" not in item)
