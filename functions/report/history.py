"""What the records of the ledger say of a period, as the rows of a result."""

from collections.abc import Iterator
from typing import cast

from functions.report.result import FindingRow, HistoryRow, LedgerMuteRow, PeriodMembers
from functions.shared.ledger.actions import action_row
from functions.shared.ledger.history import Period, events_of
from functions.shared.ledger.records import ACTION, MUTE, Item, timestamp


def period_members(period: Period) -> PeriodMembers:
    """Return a period as a result holds it."""
    return {"since": period.begin, "until": timestamp(period.until)}


def history_rows(record: Item, period: Period) -> Iterator[HistoryRow]:
    """Yield a row for each thing that a record says to have happened in a period."""
    for at, event in events_of(record, period):
        row = {"at": at, "event": str(event), **_about(record)}
        yield cast("HistoryRow", row)


def finding_row(record: Item) -> FindingRow:
    """Return a finding of the ledger as a result holds it; earlier versions recorded less of it."""
    known = {member: record[member] for member in FindingRow.__annotations__ if member in record}
    return cast("FindingRow", {**known, "resolution": record.get("resolution", "")})


def _about(record: Item) -> Item:
    key = str(record["sk"])
    if key.startswith(ACTION):
        return {"action": action_row(record)}
    return {"mute": _mute_row(record)} if key.startswith(MUTE) else {"finding": finding_row(record)}


def _mute_row(record: Item) -> LedgerMuteRow:
    globs = {member: record.get(member) or "*" for member in ("resource", "check", "account")}
    texts = {member: record.get(member) or "" for member in LedgerMuteRow.__annotations__}
    return cast("LedgerMuteRow", {**texts, **globs, "ended_at": record.get("ended_at")})
