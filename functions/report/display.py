"""How severities, times and accounts are shown on the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.report.result import AccountRow, Row
from functions.shared.finding import SEVEREST_FIRST, plain_line, value_text

CRITICAL, HIGH, MEDIUM, LOW, INFO, FINE = "critical", "high", "medium", "low", "info", "fine"

LEVELS = {
    "CRITICAL": (CRITICAL, "◆"),
    "HIGH": (HIGH, "▲"),
    "MEDIUM": (MEDIUM, "●"),
    "LOW": (LOW, "○"),
    "INFORMATIONAL": (INFO, "·"),
    "UNREADABLE": (HIGH, "✕"),
    "PARTIAL": (MEDIUM, "◐"),
    "COMPLETE": (FINE, "✓"),
    "NOT_APPLICABLE": (INFO, "–"),  # noqa: RUF001  # a dash is meant
    "FAILED": (HIGH, "✕"),
    "DONE": (FINE, "✓"),
    "PLANNED": (LOW, "○"),
    "SKIPPED": (INFO, "–"),  # noqa: RUF001  # likewise
    "OPENED": (MEDIUM, "●"),
    "RESOLVED": (FINE, "✓"),
    "LAPSED": (HIGH, "✕"),
    "MUTED": (INFO, "·"),
    "UNMUTED": (INFO, "·"),
}
"""CSS class and mark of each severity, coverage status, action status and event."""

_COVERAGE = ["UNREADABLE", "PARTIAL", "COMPLETE", "NOT_APPLICABLE"]
_ACTIONS = ["FAILED", "DONE", "PLANNED", "SKIPPED"]

_STATES = {"open": 0, "unread": 0, "muted": 1}

RANKS = _STATES | {str(w): rank for words in (SEVEREST_FIRST, _COVERAGE, _ACTIONS) for rank, w in enumerate(words)}
"""The rank of each severity, status and state among its own: the worst first, muted findings last."""

LEFT = "LEFT"
"""The status of an account that was in scope before and is no longer."""

MODES = {
    "plan": "plan: nothing was changed",
    "apply": "apply: the actions say what was changed",
    "history": "history: the ledger was read, and nothing else",
}
"""What each mode of a run means."""

_LEFT_OUT = {
    "cap": "left out: the cap of the run has no room for it",
    "opt-in": "left out: the configuration does not opt for it",
    "mode": "left out: the automation is not on apply",
    "no-ledger": "left out: it could not be recorded ahead",
    "not-shown": "left out: it was not among the changes that were shown and agreed to",
    "changed": "left out: what it rests on has changed since it was planned",
    "gone": "left out: it is not possible or not needed any more",
    "unread": "left out: what it is about could not be read",
}

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the accounts, and the states of those that are not active."""

    names: Mapping[str, str]
    states: Mapping[str, str]

    @classmethod
    def of_accounts(cls, accounts: Iterable[AccountRow]) -> "Names":
        """Read the accounts of a result."""
        names, states = {}, {}
        for row in accounts:
            names[row["account"]] = plain_line(row["name"])
            if row["status"] != "ACTIVE":
                states[row["account"]] = plain_line(row["status"])
        return cls(names, states)

    def of(self, account: str) -> str:
        """Return the name of an account; its number where it has none."""
        return self.names.get(account) or account

    def where(self, row: Mapping[str, Any]) -> str:
        """Return name and number of a row's account, and its Region if it has one."""
        number, region = str(row["account"]), str(row["region"])
        name = self.names.get(number) or row.get("account_name") or ""
        return " ".join(filter(None, (name, number, region)))

    def plain_members(self, row: Mapping[str, Any], *members: str) -> Row:
        """Return *members* of a row with its account, the account's name and its Region, each as a plain line."""
        plain = {name: plain_line(row[name]) for name in ("account", "region", *members)}
        named = self.names.get(plain["account"]) or plain_line(row.get("account_name") or "")
        return plain | {"name": named or plain["account"]}


def account_number(row: Mapping[str, str]) -> str:
    """Return what stands beside the name of a row's account: the number, unless that is the name."""
    return "" if row["name"] == row["account"] else row["account"]


def marked(row: Row, field: str) -> Row:
    """Return a row of the page with the class and the mark of what stands in *field*, and its account's number."""
    level, mark = LEVELS[row[field]]
    return {**row, "number": account_number(row), "level": level, "mark": mark}


def outcome(status: str, detail: str) -> str:
    """Say how an action went; of one that was skipped, why."""
    return _LEFT_OUT.get(detail, detail) if status == "SKIPPED" else detail


def change_text(change: Mapping[str, Any]) -> str:
    """Say from what to what a member of a resource changes."""
    before, after = value_text(change["before"]), value_text(change["after"])
    return f"{change['member']}: {before} -> {after}"


def mode_text(mode: str, changes: int) -> str:
    """Say what a run of a mode did, which made so many changes."""
    if not changes:
        return f"{plain_line(mode)}: nothing was changed"
    return f"{plain_line(mode)}: {changes:,} {'change was' if changes == 1 else 'changes were'} made"


def moment(text: str) -> str:
    """Write a time to the minute."""
    return f"{_read(text):%Y-%m-%d %H:%M}"


def age(began: str, now: str) -> str:
    """Say how long something has lasted, such as ``3 days``; nothing for less than two minutes."""
    return _span(_read(now) - _read(began))


def left(expires: str, now: str) -> tuple[bool, str]:
    """Say whether a mute has expired, and how long ago or in how long; a date counts to its end in UTC."""
    is_over, when = distance(f"{expires}T23:59:59Z" if len(expires) == len("2026-11-20") else expires, now)
    return is_over, f"expired {when}" if is_over else when


def distance(at: str, now: str) -> tuple[bool, str]:
    """Say whether a moment has passed, and how long ago it was, or in how long it will be."""
    passed = _read(at) < _read(now)
    span = _span(abs(_read(at) - _read(now))) or "a moment"
    return passed, f"{span} ago" if passed else f"in {span}"


def took(began: str, ended: str) -> str:
    """Say how long a run took, to the second."""
    seconds = round((_read(ended) - _read(began)).total_seconds())
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than a second"


def _span(span: timedelta) -> str:
    for unit, length in _UNITS:
        if span >= 2 * length:
            return f"{span // length:,} {unit}s"
    return ""


def _read(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
