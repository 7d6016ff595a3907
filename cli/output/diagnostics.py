"""Shows the diagnoses of the doctor to a person: first what is missing, then what could not be read, then the rest."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.diagnostics.diagnosis import DiagnosisState
from cli.output.layout import Layout
from cli.terminal.page import heading, labelled, line, printed, whole

_STYLES = {DiagnosisState.MISSING: "red", DiagnosisState.UNREADABLE: "yellow", DiagnosisState.OK: "green"}
_NOT_ANSWERED = "Not answered here: what only AWS knows: docs/first-deployment.md"
_TITLES = {DiagnosisState.MISSING: "Missing", DiagnosisState.UNREADABLE: "Could not be read", DiagnosisState.OK: "Well"}


def render(document: Mapping[str, Any], layout: Layout, *, quiet: bool = False) -> str:
    """Return the document as text; with *quiet*, without what is OK."""
    return printed(_parts(document["examinations"], quiet=quiet), layout.width, color=layout.color)


def closing_line(diagnoses: Sequence[Mapping[str, Any]]) -> str:
    """Return the counts in one line."""
    counts = Counter(diagnosis["state"] for diagnosis in diagnoses)
    if counts["OK"] == len(diagnoses):
        return f"All {len(diagnoses)} are well."
    return f"{counts['MISSING']} missing, {counts['UNREADABLE']} could not be read, {counts['OK']} well."


def _parts(diagnoses: Sequence[Mapping[str, Any]], *, quiet: bool) -> Iterator[RenderableType]:
    for state, title in _TITLES.items():
        found = [diagnosis for diagnosis in diagnoses if diagnosis["state"] == state]
        if found and not (quiet and state == DiagnosisState.OK):
            yield heading(title)
            for fix, alike in groupby(found, key=lambda diagnosis: str(diagnosis["mend"])):
                for diagnosis in alike:
                    yield labelled(diagnosis["state"], f"{diagnosis['name']}: {diagnosis['subject']}", _STYLES)
                    yield line(diagnosis["reason"], style="dim" if state == DiagnosisState.OK else "")
                if fix:
                    yield whole(f"fix: {fix}")
            yield ""
    if not quiet:
        yield Text(_NOT_ANSWERED, style="dim")
    if not (quiet and all(diagnosis["state"] == DiagnosisState.OK for diagnosis in diagnoses)):
        yield Text(closing_line(diagnoses), style="bold")
