"""The history of a result as CSV for spreadsheets: one line for each thing that happened, in the order of time."""

from collections.abc import Iterator

from functions.report.as_csv import header, line
from functions.report.history_words import described
from functions.report.result import Result

COLUMNS = (
    "at",
    "event",
    "automation",
    "account",
    "account_name",
    "region",
    "resource",
    "what",
    "title",
    "detail",
    "rule",
    "severity",
    "since",
    "changes",
    "id",
)
"""Every column, in order; a later version adds columns at the end alone. docs/report.md says what each holds."""


def render(result: Result) -> Iterator[str]:
    """Yield the header, then a line for each row of the history."""
    yield header(COLUMNS)
    names = {row["account"]: row["name"] for row in result.get("accounts", ())}
    for row in result.get("history", ()):
        cells = described(row)
        cells.setdefault("account_name", names.get(cells["account"], ""))
        yield line(cells.get(column) or "" for column in COLUMNS)
