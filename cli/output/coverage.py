"""Sums up the coverage of a run, and names every account that was not read in full."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, chain

from rich.text import Text

from cli.output.columns import Column, in_columns
from cli.terminal.page import folded, whole
from functions.report.display import Names
from functions.report.html.markup import counted
from functions.report.result import Row
from functions.report.verdict import READ

_LEGEND = (
    "targets: accounts and Regions; how many were read in full, in part, not at all (none), or do not use the service "
    "(n/a). Then things: how many comply (ok), do not (not ok), or could not be read (unread)."
)
_STATUSES = {"COMPLETE": "full", "PARTIAL": "part", "UNREADABLE": "none", "NOT_APPLICABLE": "n/a"}
_COUNTS = {"compliant": "ok", "non_compliant": "not ok", "insufficient_data": "unread"}
_COLUMNS = (Column(8), *[Column(2)] * (1 + len(_STATUSES) + len(_COUNTS)))
_MOST_REGIONS = 3


def coverage_lines(coverage: Collection[Row], names: Names, width: int, room: int | None) -> Iterator[Text]:
    """Yield a line for each automation, and one for each account that was not read in full, with the cause.

    Args:
        coverage: of the result.
        names: of the accounts.
        width: in columns.
        room: how many lines there may be of accounts; None for any number.
    """
    yield from folded(_LEGEND, width, "dim", indent=0)
    for number, line in enumerate(in_columns(_table(coverage), _COLUMNS, width - 2, gap=1)):
        yield whole(line, "bold" if number == 0 else "")
    gaps = [folded(text, width, "yellow") for text in _gaps(coverage, names)]
    used = [*accumulate(map(len, gaps))]
    shown = len(gaps) if room is None else bisect_right(used, room)
    yield from chain.from_iterable(gaps[:shown])
    if more := len(gaps) - shown:
        yield from folded(f"{counted(more, 'more gap')}: --check '*' shows all.", width, "dim")


def _gaps(coverage: Collection[Row], names: Names) -> Iterator[str]:
    """Yield a sentence for each account that was not read in full."""
    targets = Counter(str(row["account"]) for row in coverage)
    gaps: dict[tuple[str, str], list[Row]] = {}
    for row in coverage:
        if row["status"] not in READ:
            gaps.setdefault((str(row["account"]), str(row["status"])), []).append(row)
    for (account, status), rows in gaps.items():
        yield f"{status}  {_place(rows, targets[account], names)}{_causes(rows)}"


def _place(rows: Sequence[Row], targets: int, names: Names) -> str:
    """Name what was not read in an account: the target, or the number of targets."""
    first = rows[0]
    if len(rows) == 1:
        return f"{first['automation']} in {names.where(first)}"
    account = names.where({**first, "region": ""})
    if len(rows) == targets:
        return f"all {targets} targets in {account}"
    regions = sorted({str(row["region"]) for row in rows})
    named = ", ".join(regions) if len(regions) <= _MOST_REGIONS else f"{len(regions)} Regions"
    return f"{len(rows)} of {targets} targets in {account}: {named}"


def _causes(rows: Iterable[Row]) -> str:
    """Return the first cause, and the number of others: the findings name each."""
    causes = [*dict.fromkeys(str(row["detail"]) for row in rows if row["detail"])]
    if not causes:
        return ""
    more = len(causes) - 1
    return f": {causes[0]}" + (f" (and {more} other cause{'s' * (more > 1)})" if more else "")


def _table(coverage: Iterable[Row]) -> list[list[str]]:
    """Return the titles, then the sums of each automation; numbers stand right in their columns."""
    sums: dict[str, Counter[str]] = {}
    for row in coverage:
        of_automation = sums.setdefault(str(row["automation"]), Counter())
        of_automation.update({"targets": 1, str(row["status"]): 1, **{count: row[count] for count in _COUNTS}})
    rows = [["automation", "targets", *_STATUSES.values(), *_COUNTS.values()]]
    for name, numbers in sums.items():
        rows.append([name, *(str(numbers[each]) for each in ("targets", *_STATUSES, *_COUNTS))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[row[0], *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))] for row in rows]
