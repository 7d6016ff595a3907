"""Shows the findings of a result to a spreadsheet: CSV."""

from collections.abc import Iterator

from cli.output.next_steps import NEXT_STEPS
from cli.output.writing import Paper
from functions.report import as_csv
from functions.report.result import Result


def render(document: Result, _paper: Paper) -> Iterator[str]:
    """Yield it piece by piece."""
    return as_csv.render(document, NEXT_STEPS)
