"""The table of the page for mutes."""

from collections.abc import Iterable, Mapping

from functions.report.display import left
from functions.report.html.markup import filled, nothing
from functions.report.mutes import MuteKey, mute_key
from functions.report.result import MuteRow, Row
from functions.shared.finding import plain_line

_ANY = {"resource": "any resource", "check": "any check", "account": ""}
"""What stands for a member that a mute leaves open."""


def listing(rows: Iterable[MuteRow], now: str, counts: Mapping[MuteKey, int]) -> str:
    """Return a row for each mute, the one that expires first at the top.

    Args:
        rows: of the result.
        now: when the run ended.
        counts: how many findings each applies to.
    """
    first_to_expire = sorted(rows, key=lambda row: row["expires"])
    return filled("mute", (_row(row, now, counts) for row in first_to_expire)) or nothing("Nothing is muted.", 4)


def _row(row: MuteRow, now: str, counts: Mapping[MuteKey, int]) -> Row:
    expired, when = left(row["expires"], now)
    account = row.get("account")
    return {
        **{name: plain_line(row.get(name) or word) for name, word in _ANY.items()},
        **{name: plain_line(text) for name, text in row.items() if name in ("reason", "owner", "expires")},
        "account": f"in account {plain_line(account)}" if account else "",
        "state": "expired" if expired else "",
        "left": when,
        "count": f"{counts.get(mute_key(row), 0):,}",
    }
