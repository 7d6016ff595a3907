"""Sums up the coverage of a run, and names every account that was not read in full."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from functions.report.display import Names
from functions.report.result import Row
from functions.report.verdict import READ
from functions.shared.finding import plain_line

_STATUSES = {"COMPLETE": "full", "PARTIAL": "part", "UNREADABLE": "none", "NOT_APPLICABLE": "n/a"}
_COUNTS = {"compliant": "ok", "non_compliant": "not ok", "insufficient_data": "unread"}
_MOST_REGIONS = 3


def coverage_summary(coverage: Collection[Row], names: Names) -> Iterator[RenderableType]:
    """Yield a line for each automation, and one for each account that was not read in full, with the cause."""
    yield _table(coverage)
    targets = Counter(str(row["account"]) for row in coverage)
    gaps: dict[tuple[str, str], list[Row]] = {}
    for row in coverage:
        if row["status"] not in READ:
            gaps.setdefault((str(row["account"]), str(row["status"])), []).append(row)
    for (account, status), rows in gaps.items():
        text = f"{status}  {_place(rows, targets[account], names)}{_causes(rows)}"
        yield Padding(Text(plain_line(text), style="yellow", overflow="fold"), (0, 0, 0, 2))


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


def _table(coverage: Iterable[Row]) -> Table:
    table = Table(box=None, padding=(0, 2), collapse_padding=True)
    table.add_column("automation")
    for title in ("targets", *_STATUSES.values(), *_COUNTS.values()):
        table.add_column(title, justify="right")
    sums: dict[str, Counter[str]] = {}
    for row in coverage:
        of_automation = sums.setdefault(str(row["automation"]), Counter())
        of_automation.update({"targets": 1, str(row["status"]): 1, **{count: row[count] for count in _COUNTS}})
    for name, counted in sums.items():
        table.add_row(Text(plain_line(name)), *(str(counted[each]) for each in ("targets", *_STATUSES, *_COUNTS)))
    return table
