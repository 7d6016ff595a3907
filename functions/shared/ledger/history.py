"""What the ledger tells of a period: what opened and ended in it, what was changed, and what was muted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from functions.shared.ledger.records import ACTION, CLOSED, HEARTBEAT, MUTE, MUTES, OPEN, Item, timestamp
from functions.shared.ledger.table import Table
from functions.shared.mutes import end_of

_ENDED = "(begins_with(sk, :closed) OR begins_with(sk, :action)) AND ended_at >= :since"
_HAPPENED = f"({_ENDED}) OR (begins_with(sk, :open) AND first_seen >= :since) OR pk = :mutes"
_STANDS = f"({_ENDED}) OR begins_with(sk, :open) OR pk = :mutes OR sk = :heartbeat"


class HistoryEvent(StrEnum):
    """What happened: to a finding, by an action, or to a mute."""

    OPENED = "OPENED"
    RESOLVED = "RESOLVED"
    LAPSED = "LAPSED"
    DONE = "DONE"
    FAILED = "FAILED"
    MUTED = "MUTED"
    UNMUTED = "UNMUTED"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time; both of its ends are part of it.

    Attributes:
        since: None for everything that the ledger still has.
        until: its last second.
    """

    since: datetime | None
    until: datetime

    def holds(self, at: str) -> bool:
        """Say whether a moment of the ledger lies in it."""
        return self.begin <= at <= timestamp(self.until)

    @property
    def begin(self) -> str:
        """Its first second, as the ledger writes it; an empty text, which sorts before all, where it has none."""
        return timestamp(self.since) if self.since else ""

    def earlier(self, by: timedelta) -> "Period":
        """Return the period that begins so much earlier."""
        return Period(self.since - by if self.since else None, self.until)


def records(table: Table, period: Period, *, with_state: bool = False) -> Iterator[Item]:
    """Yield the records that tell of a period, in no order, a page of them at a time.

    One scan reads the whole table: its key says where something happened, not when. Decision 0036 compares.

    Args:
        table: the ledger's.
        period: what happened before it is left out as far as DynamoDB can tell.
        with_state: all that is open too, and the last heartbeat of each target.

    Raises:
        CallError: the table could not be read.
    """
    texts = {":closed": CLOSED, ":action": ACTION, ":open": OPEN, ":mutes": MUTES, ":since": period.begin or " "}
    state = {":heartbeat": HEARTBEAT} if with_state else {}
    yield from table.everything(_STANDS if with_state else _HAPPENED, texts | state)


def events_of(record: Mapping[str, Any], period: Period) -> Iterator[tuple[str, HistoryEvent]]:
    """Yield what a record says to have happened in a period, and when."""
    yield from ((at, event) for at, event in _said_by(record) if period.holds(at))


def is_open_at(record: Mapping[str, Any], moment: datetime) -> bool:
    """Say whether a record is of a finding that was open at that moment."""
    key, at = str(record["sk"]), timestamp(moment)
    if key.startswith(OPEN):
        return bool(record["first_seen"] <= at)
    return key.startswith(CLOSED) and bool(record["first_seen"] <= at < record["ended_at"])


def lasts_at(record: Mapping[str, Any], moment: datetime) -> bool:
    """Say whether a record is of a mute that lasted at that moment."""
    at = timestamp(moment)
    if not str(record["sk"]).startswith(MUTE):
        return False
    return bool(record["created_at"] <= at < record.get("ended_at", "~") and moment <= end_of(record["expires"]))


def _said_by(record: Mapping[str, Any]) -> Iterator[tuple[str, HistoryEvent]]:
    key = str(record["sk"])
    if key.startswith((OPEN, CLOSED)):
        yield record["first_seen"], HistoryEvent.OPENED
    if key.startswith(CLOSED) or (key.startswith(ACTION) and "ended_at" in record):
        yield record["ended_at"], HistoryEvent(record["status"])
    elif key.startswith(MUTE):
        yield record["created_at"], HistoryEvent.MUTED
        yield record.get("ended_at") or timestamp(end_of(record["expires"]).astimezone(UTC)), HistoryEvent.UNMUTED
