"""Shows what the doctor found to a person: what is missing first, then what nobody knows, then what is well."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.diagnostics.diagnosis import State
from cli.output.page import heading, labelled, line, printed, whole
from cli.output.writing import Paper

_STYLES = {State.MISSING: "red", State.UNREADABLE: "yellow", State.OK: "green"}
_TITLES = {State.MISSING: "Missing", State.UNREADABLE: "Could not be read", State.OK: "Well"}


def render(document: Mapping[str, Any], paper: Paper, *, quiet: bool = False) -> str:
    """Return the document as text; a quiet one is silent about what is well."""
    return printed(_parts(document["examinations"], quiet=quiet), paper)


def closing_line(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in one line what it came to."""
    counts = {state: sum(row["state"] == state for row in rows) for state in State}
    if counts[State.OK] == len(rows):
        return f"All {len(rows)} are well."
    return f"{counts[State.MISSING]} missing, {counts[State.UNREADABLE]} could not be read, {counts[State.OK]} well."


def _parts(rows: Sequence[Mapping[str, Any]], *, quiet: bool) -> Iterator[RenderableType]:
    for state, title in _TITLES.items():
        found = [row for row in rows if row["state"] == state]
        if found and not (quiet and state == State.OK):
            yield heading(title)
            for mend, alike in groupby(found, key=lambda row: str(row["mend"])):
                for row in alike:
                    yield labelled(row["state"], f"{row['name']}: {row['subject']}", _STYLES)
                    yield line(row["reason"], style="dim" if state == State.OK else "")
                if mend:
                    yield whole(f"mend: {mend}")
            yield ""
    if not (quiet and all(row["state"] == State.OK for row in rows)):
        yield Text(closing_line(rows), style="bold")
