"""Shows a result to a person: one page of HTML that needs no network."""

from collections.abc import Iterator

from cli.output.next_steps import NEXT_STEPS
from cli.output.writing import Paper
from functions.report.html import page
from functions.report.result import Result


def render(document: Result, _paper: Paper) -> Iterator[str]:
    """Yield it piece by piece."""
    return page.render(document, NEXT_STEPS)
