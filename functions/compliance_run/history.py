"""The history of a period, read from the ledger and put in order on disk: none of its rows stays in memory."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, BinaryIO

from functions.compliance_run.journal import Journal
from functions.report.history import finding_row, history_rows
from functions.shared.ledger.history import Period, is_open_at, lasts_at
from functions.shared.ledger.records import HEARTBEAT, Item, moment
from functions.shared.mutes import Mute

_OFFSET_BITS = 32
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1


@dataclass(frozen=True, slots=True)
class OrderedRows:
    """OrderedRows on disk, in the order of time; they can be read any number of times.

    Attributes:
        journal: holds them, among others.
        places: of each, its time in seconds and its offset, in one number.
    """

    journal: Journal
    places: "array[int]" = field(default_factory=lambda: array("Q"))

    def write(self, row: Mapping[str, Any], at: str) -> None:
        """Add a row at its time."""
        offset = self.journal.write(row)
        self.places.append(int(moment(at).timestamp()) << _OFFSET_BITS | offset)

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows; those of the same second as they were written."""
        yield from self.journal.at(place & _OFFSET_MASK for place in sorted(self.places))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.places)


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger says of a period.

    Attributes:
        period: the period.
        rows: what happened in it.
        findings: what was open at its end, as far as the records that were read tell.
        coverage: of the targets that were last swept in it, likewise.
        mutes: of the ledger that lasted at its end.
    """

    period: Period
    rows: OrderedRows
    findings: OrderedRows
    coverage: OrderedRows
    mutes: list[Mute] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AlreadyReported:
    """What an earlier history has reported.

    Attributes:
        keys: of its last rows, as `key_of` returns them.
        late: what happened so long before the period was perhaps recorded in it: it counts, unless it was reported.
    """

    keys: frozenset[str] = frozenset()
    late: timedelta = timedelta(0)

    def reach(self, period: Period) -> Period:
        """Return the period, with the time before it of which something may have been recorded late."""
        return period.earlier(self.late)


def read_history(
    found: Iterable[Item], period: Period, file: BinaryIO, reported: AlreadyReported | None = None
) -> History:
    """Read the history of a period.

    Args:
        found: the records that tell of it, in any order; and of the time before it that *reported* reaches.
        period: the period.
        file: open for reading and writing.
        reported: by an earlier history; None if there is none.
    """
    earlier, journal = reported or AlreadyReported(), Journal(file)
    reach = earlier.reach(period)
    history = History(period, OrderedRows(journal), OrderedRows(journal), OrderedRows(journal))
    for record in found:
        for row in history_rows(record, reach):
            if key_of(row) not in earlier.keys:
                history.rows.write(row, row["at"])
        _note_state(history, record)
    return history


def key_of(row: Mapping[str, Any]) -> str:
    """Return what tells a row of a history from every other one: 16 hexadecimal digits."""
    about = row.get("finding") or row.get("mute") or row["action"]
    named = about.get("finding_id") or about.get("mute_id")
    return sha256(json.dumps([row["at"], row["event"], named or about], sort_keys=True).encode()).hexdigest()[:16]


def keys_since(rows: Iterable[Mapping[str, Any]], since: str) -> frozenset[str]:
    """Return the keys of the rows of a history from a moment on."""
    return frozenset(key_of(row) for row in rows if row["at"] >= since)


def _note_state(history: History, record: Item) -> None:
    if is_open_at(record, history.period.until):
        history.findings.write({**finding_row(record), "status": "OPEN", "resolution": ""}, record["first_seen"])
    elif record["sk"] == HEARTBEAT and history.period.holds(record["swept_at"]):
        history.coverage.write(record["coverage"], record["swept_at"])
    elif lasts_at(record, history.period.until):
        history.mutes.append(Mute.of(record))
