"""The changes that the run made, planned or left out, and what the configuration mutes, as the page lists them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.report.display import LEVELS, RANKS, Names, left, outcome, place
from functions.report.html.markup import filled, nothing
from functions.report.html.packed_rows import Foremost
from functions.report.plain_text import printable
from functions.report.result import Action, Mute

Row = dict[str, Any]

FIELDS = ("status", "action", "resource", "detail", "rule", "name", "account", "region")
ORDER = (("status", 1),)

_WITHOUT_SCRIPT = 200


@dataclass(slots=True)
class Actions:
    """What the page says about the changes, gathered as they go by."""

    names: Names
    statuses: Counter[str] = field(default_factory=Counter)
    _first: Foremost[Row] = field(default_factory=lambda: Foremost(_WITHOUT_SCRIPT, _rank))

    def take(self, action: Action) -> Row:
        """Take note of a change, and return its row."""
        account = printable(action["account"])
        detail = printable(action["detail"])
        self.statuses[action["status"]] += 1
        row = {
            "status": action["status"],
            "action": printable(action["action"]),
            "resource": printable(action["resource"]),
            "detail": outcome(action["status"], detail),
            "rule": printable(action["rule"]),
            "name": self.names.of(account),
            "account": account,
            "region": printable(action["region"]),
        }
        self._first.add(row)
        return row

    def listing(self) -> str:
        """Return the rows that stand there without the script."""
        rows = self._first.rows()
        return filled("action", map(_view, rows)) if rows else nothing("Nothing was changed, and nothing planned.", 4)

    @property
    def note(self) -> str:
        """How many there are that the page leaves out without its script."""
        return self._first.note()


def mutes(rows: Iterable[Mute], now: str, counts: Mapping[tuple[str, str], int]) -> str:
    """Return a row for each mute, the one that expires first at the head.

    Args:
        rows: the configuration's.
        now: when the run ended.
        counts: how many findings were muted, by resource and check.
    """
    views = [_mute(row, now, counts) for row in sorted(rows, key=lambda row: row["expires"])]
    return filled("mute", views) if views else nothing("Nothing is muted.", 4)


def _mute(row: Mute, now: str, counts: Mapping[tuple[str, str], int]) -> Row:
    expired, when = left(row["expires"], now)
    return {
        "state": "expired" if expired else "",
        "expires": printable(row["expires"]),
        "left": when,
        "check": printable(row["check"]),
        "reason": printable(row["reason"]),
        "resource": printable(row["resource"]),
        "owner": printable(row["owner"]),
        "count": f"{counts.get((row['resource'], row['check']), 0):,}",
    }


def _view(row: Row) -> Row:
    level, mark = LEVELS[row["status"]]
    return {**row, **place(row), "level": level, "mark": mark}


def _rank(row: Row) -> tuple[object, ...]:
    return RANKS[row["status"]], row["action"], row["resource"]
