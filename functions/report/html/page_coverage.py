"""The coverage of a run on the page: the map of accounts and Regions, the sums, and each gap with its cause."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.report.display import LEFT, LEVELS, RANKS, Names, marked
from functions.report.html.markup import counted, fill, filled, nothing
from functions.report.html.packed_rows import FirstRows
from functions.report.result import CoverageRow, Row
from functions.report.verdict import READ
from functions.shared.finding import plain_line

GAP_FIELDS = ("status", "name", "account", "region", "automation", "detail")
GAP_ORDER = (("status", 1), ("name", 1), ("region", 1))
ACCOUNT_FIELDS = ("name", "account", "detail", "state", "cells", "unread", "partial", "failing")
ACCOUNT_ORDER = (("unread", -1), ("partial", -1), ("failing", -1), ("name", 1))

WORDS = {"COMPLETE": "read in full", "PARTIAL": "read in part", "UNREADABLE": "could not be read"}
WORDS |= {"NOT_APPLICABLE": "service not used"}
_LETTERS = {"COMPLETE": "C", "PARTIAL": "P", "UNREADABLE": "U", "NOT_APPLICABLE": "N"}
CELLS = {letter: (*LEVELS[status], WORDS[status]) for status, letter in _LETTERS.items()} | {
    "": (LEVELS["NOT_APPLICABLE"][0], "", "nothing to look at"),
}
"""Class, mark and words of a cell of the map, by its letter."""

TITLE = "{region}: {label}"
FOUND = ", do not comply: {count}"

_ACCOUNTS_WITHOUT_SCRIPT = 50
_GAPS_WITHOUT_SCRIPT = 100
_MOST_LEFT_NAMED = 20
_SUMS = ("compliant", "non_compliant", "insufficient_data")

Cell = tuple[str, int]
"""The worst status of a target, and how many things there do not comply."""


@dataclass(slots=True)
class CoverageMap:
    """The coverage of a run, and its sums.

    Attributes:
        names: of the accounts.
        statuses: how many targets have each status.
    """

    names: Names
    statuses: Counter[str] = field(default_factory=Counter)
    _automations: dict[str, Counter[str]] = field(default_factory=dict)
    _cells: dict[str, dict[str, Cell]] = field(default_factory=dict)
    _regions: set[str] = field(default_factory=set)
    first_gaps: FirstRows = field(default_factory=lambda: FirstRows(_GAPS_WITHOUT_SCRIPT, _gap_rank))

    def gaps(self, coverage: Iterable[CoverageRow]) -> Iterator[Row]:
        """Count every target, and yield those that were not read in full."""
        for row in coverage:
            self._count(row)
            if row["status"] not in READ:
                gap = {**self.names.plain_members(row, "automation", "detail"), "status": row["status"]}
                self.first_gaps.add(gap)
                yield gap

    def _count(self, row: CoverageRow) -> None:
        account, region, status = plain_line(row["account"]), plain_line(row["region"]), row["status"]
        self.statuses[status] += 1
        counts: Mapping[str, Any] = row
        sums = self._automations.setdefault(plain_line(row["automation"]), Counter())
        sums.update({"targets": 1, status: 1, **{name: counts[name] for name in _SUMS}})
        self._regions.add(region)
        cells = self._cells.setdefault(account, {})
        before, failing = cells.get(region, (status, 0))
        cells[region] = (min(before, status, key=RANKS.__getitem__), failing + row["non_compliant"])

    @property
    def regions(self) -> list[str]:
        """The Regions, by name; ``global`` comes first."""
        return sorted(self._regions, key=lambda region: (region != "global", region))

    def accounts(self) -> Iterator[Row]:
        """Yield each account with its cells, in any order."""
        regions = self.regions
        for account, cells in self._cells.items():
            statuses = Counter(status for status, _ in cells.values())
            failing = sum(count for _, count in cells.values())
            unread, partial = statuses["UNREADABLE"], statuses["PARTIAL"]
            name = self.names.of(account)
            yield {
                "name": name,
                "account": account,
                "detail": " ".join(filter(None, ("" if name == account else account, self.names.states.get(account)))),
                "state": "gap" if unread or partial else "finding" if failing else "",
                "cells": ",".join(_cell(*cells[region]) if region in cells else "" for region in regions),
                "unread": unread,
                "partial": partial,
                "failing": failing,
            }

    def account_listing(self) -> str:
        """Return the map for a browser without scripts: the accounts with a gap or a finding."""
        first: FirstRows = FirstRows(_ACCOUNTS_WITHOUT_SCRIPT, _account_rank)
        shows_all = len(self._cells) <= _ACCOUNTS_WITHOUT_SCRIPT
        for row in self.accounts():
            if shows_all or row["state"]:
                first.add(row)
        regions = self.regions
        rows = ({**row, "cells_html": "".join(_shown(row["cells"], regions))} for row in first.rows())
        text = "Every account was read in full, and complies." if self._cells else "No account was looked at."
        return filled("account", rows) or nothing(text, len(regions) + 1)

    def accounts_note(self) -> str:
        """Say how many accounts have no gap and no finding, and which have left the scope."""
        quiet = sum(not row["state"] for row in self.accounts())
        fine = f"{counted(quiet, 'account')} of {len(self._cells):,} read in full, without a finding." if quiet else ""
        return " ".join(filter(None, (fine, self._left())))

    def _left(self) -> str:
        left = [account for account, state in self.names.states.items() if state == LEFT]
        shown = [" ".join(dict.fromkeys((self.names.of(account), account))) for account in left[:_MOST_LEFT_NAMED]]
        more = f" and {len(left) - len(shown):,} more" if len(left) > len(shown) else ""
        return f"No longer in scope: {', '.join(shown)}{more}." if left else ""

    def gap_listing(self) -> str:
        """Return the gaps for a browser without scripts."""
        rows = (marked(row, "status") for row in self.first_gaps.rows())
        text = "Everything was read in full." if self.statuses else "Nothing was looked at."
        return filled("gap", rows) or nothing(text, 5)

    def summary(self) -> str:
        """Say in a sentence how much was read."""
        total = self.statuses.total()
        if not total:
            return "Nothing was looked at."
        parts = (f"{self.statuses[s]:,} {WORDS[s]}" for s in ("COMPLETE", "PARTIAL", "UNREADABLE") if self.statuses[s])
        unused = self.statuses["NOT_APPLICABLE"]
        whole = ", ".join([*parts, *([f"in {unused:,} the service is not used"] if unused else [])])
        accounts, regions = len(self._cells), len(self._regions - {"global"})
        return (
            f"{counted(accounts, 'account')} and {counted(regions, 'Region')} "
            f"make {counted(total, 'target')} for the automations: {whole}."
        )

    def automations(self) -> str:
        """Return a row of sums for each automation."""
        rows = (_sums(name, sums) for name, sums in self._automations.items())
        return filled("automation", rows) or nothing("No automation ran.", 9)


def head(regions: Iterable[str]) -> str:
    """Return the headers of the map's columns."""
    return filled("region", ({"region": region} for region in regions))


def legend() -> str:
    """Say what the marks of the map mean."""
    marks = [fill("legend_entry", level=level, mark=mark, label=label) for level, mark, label in CELLS.values() if mark]
    return "".join([*marks, fill("legend_entry", level="found", mark="✓3", label="a number: so many do not comply")])


def _sums(name: str, sums: Counter[str]) -> Row:
    statuses = {status.lower(): f"{sums[status]:,}" for status in _LETTERS}
    return {"automation": name, "targets": f"{sums['targets']:,}", **statuses, **{n: f"{sums[n]:,}" for n in _SUMS}}


def _cell(status: str, failing: int) -> str:
    return f"{_LETTERS[status]}{failing or ''}"


def _shown(cells: str, regions: Iterable[str]) -> Iterator[str]:
    """Yield the markup of an account's cells, as the script makes it."""
    for cell, region in zip(cells.split(","), regions, strict=True):
        level, mark, label = CELLS[cell[:1]]
        count = cell[1:]
        title = TITLE.format(region=region, label=label) + (FOUND.format(count=count) if count else "")
        is_found = bool(count) and level == "fine"
        yield fill("cell", level="found" if is_found else level, mark=mark, count=count, region=region, title=title)


def _gap_rank(row: Row) -> tuple[object, ...]:
    return RANKS[row["status"]], row["name"], row["region"]


def _account_rank(row: Row) -> tuple[object, ...]:
    return -row["unread"], -row["partial"], -row["failing"], row["name"]
