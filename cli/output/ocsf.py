"""Shows the findings of a result to a security lake: OCSF, a line for each."""

from collections.abc import Iterator

from cli.output.next_steps import NEXT_STEPS
from cli.output.writing import Paper
from functions.report import ocsf
from functions.report.result import Result


def render(document: Result, _paper: Paper) -> Iterator[str]:
    """Yield it piece by piece."""
    return ocsf.render(document, NEXT_STEPS)
