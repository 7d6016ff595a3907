"""The tables of the page for actions and for mutes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from functions.report.display import RANKS, Names, left, marked, outcome
from functions.report.html.markup import filled, nothing
from functions.report.html.packed_rows import FirstRows
from functions.report.mutes import MuteKey, mute_key
from functions.report.result import ActionRow, MuteRow, Row
from functions.shared.finding import plain_line

FIELDS = ("status", "action", "resource", "detail", "rule", "name", "account", "region")
ORDER = (("status", 1),)

_WITHOUT_SCRIPT = 200


@dataclass(slots=True)
class ActionTable:
    """The actions of a run: one row for each, and their sums."""

    names: Names
    statuses: Counter[str] = field(default_factory=Counter)
    first: FirstRows = field(default_factory=lambda: FirstRows(_WITHOUT_SCRIPT, _rank))

    def add(self, action: ActionRow) -> Row:
        """Add an action, and return its row."""
        status = action["status"]
        self.statuses[status] += 1
        row = {
            **self.names.plain_members(action, "action", "resource", "rule"),
            "status": status,
            "detail": outcome(status, plain_line(action["detail"])),
        }
        self.first.add(row)
        return row

    def listing(self) -> str:
        """Return the rows for a browser without scripts."""
        rows = (marked(row, "status") for row in self.first.rows())
        return filled("action", rows) or nothing("Nothing was changed, and nothing planned.", 4)


def mutes(rows: Iterable[MuteRow], now: str, counts: Mapping[MuteKey, int]) -> str:
    """Return a row for each mute, the one that expires first at the top.

    Args:
        rows: of the result.
        now: when the run ended.
        counts: how many findings each one mutes.
    """
    first_to_expire = sorted(rows, key=lambda row: row["expires"])
    return filled("mute", (_mute(row, now, counts) for row in first_to_expire)) or nothing("Nothing is muted.", 4)


def _mute(row: MuteRow, now: str, counts: Mapping[MuteKey, int]) -> Row:
    expired, when = left(row["expires"], now)
    return {
        **{name: plain_line(mute) for name, mute in ({"resource": "*", "check": "*"} | row).items()},
        "state": "expired" if expired else "",
        "left": when,
        "count": f"{counts.get(mute_key(row), 0):,}",
    }


def _rank(row: Row) -> tuple[object, ...]:
    return RANKS[row["status"]], row["action"], row["resource"]
