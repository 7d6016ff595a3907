"""Sums up how much a run could look at, and names every place where that was not all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.safe_text import escaped

_STATUSES = {"COMPLETE": "full", "PARTIAL": "part", "UNREADABLE": "none", "NOT_APPLICABLE": "n/a"}
_COUNTS = {"compliant": "ok", "non_compliant": "not ok", "insufficient_data": "unread"}
_READ = ("COMPLETE", "NOT_APPLICABLE")


def coverage_summary(coverage: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """Yield a line for each automation, and one for each target that could not be read in full."""
    yield _table(coverage)
    for row in coverage:
        if row["status"] not in _READ:
            place = f"{row['automation']} in {row['account']} {row['region']}"
            text = f"{row['status']}  {place}{': ' if row['detail'] else ''}{row['detail']}"
            yield Padding(Text(escaped(text), style="yellow", overflow="fold"), (0, 0, 0, 2))


def _table(coverage: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2), collapse_padding=True)
    table.add_column("automation")
    for title in ("targets", *_STATUSES.values(), *_COUNTS.values()):
        table.add_column(title, justify="right")
    for name in dict.fromkeys(str(row["automation"]) for row in coverage):
        rows = [row for row in coverage if row["automation"] == name]
        statuses = [sum(row["status"] == status for row in rows) for status in _STATUSES]
        counts = [sum(row[count] for row in rows) for count in _COUNTS]
        table.add_row(Text(escaped(name)), *(str(number) for number in (len(rows), *statuses, *counts)))
    return table
