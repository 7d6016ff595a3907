"""Shows the findings of a result to a spreadsheet: CSV."""

from collections.abc import Iterator

from cli.output.next_steps import NEXT_STEPS
from cli.output.writing import Paper
from functions.compliance_run.renderings import table_csv
from functions.compliance_run.result import Result


def render(document: Result, _paper: Paper) -> Iterator[str]:
    """Yield it piece by piece."""
    return table_csv.render(document, NEXT_STEPS)
