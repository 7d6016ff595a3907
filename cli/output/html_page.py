"""Shows a result to a person: one page of HTML that needs no network."""

from collections.abc import Iterator

from cli.output.next_steps import NEXT_STEPS
from cli.output.writing import Paper
from functions.compliance_run.renderings import page
from functions.compliance_run.result import Result


def render(document: Result, _paper: Paper) -> Iterator[str]:
    """Yield it piece by piece."""
    return page.render(document, NEXT_STEPS)
