"""Shows checks to a person: one in full with its runbook, or the list of several."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypedDict

from rich.console import RenderableType
from rich.text import Text

from cli.output.columns import Column, in_columns
from cli.output.layout import Layout
from cli.output.styles import STYLES
from cli.terminal.page import folded, heading, printed, titled, whole
from functions.shared.automation import Check
from functions.shared.run.remediation import RUNBOOKS

_RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_COLUMNS = (Column(8), Column(30), Column(10))
_INDENT = 2


class CheckRecord(TypedDict):
    """What is known of a check.

    Attributes:
        check: its id.
        severity: of its findings; the highest, where they differ.
        automations: that judge by it.
        title: of its findings; ``<name>`` stands for a value of the finding, here and in the next two.
        next_step: what a person does about one.
        command: for a shell; may be empty.
        supersedes: checks that say less of the same thing: people do not hear of them while this one is open.
        superseded_by: checks that say more.
        runbook_url: the page on the check.
        runbook: its text, where the pages are beside the code; else empty.
    """

    check: str
    severity: str
    automations: list[str]
    title: str
    next_step: str
    command: str
    supersedes: list[str]
    superseded_by: list[str]
    runbook_url: str
    runbook: str


def record(check: Check, automations: list[str], superseded_by: list[str]) -> CheckRecord:
    """Return what is known of a check."""
    page = _RUNBOOKS / f"{check.id}.md"
    return {
        "check": check.id,
        "severity": check.severity,
        "automations": automations,
        "title": _general(check.title),
        "next_step": _general(check.next_step),
        "command": _general(check.command),
        "supersedes": [*check.supersedes],
        "superseded_by": superseded_by,
        "runbook_url": RUNBOOKS.replace("{check}", check.id),
        "runbook": page.read_text(encoding="utf-8") if page.is_file() else "",
    }


def in_full(records: Sequence[CheckRecord], layout: Layout) -> str:
    """Return all that is known of each check."""
    lines = (line for each in records for line in _lines(each, layout.width))
    return printed(lines, layout.width, color=layout.color)


def as_list(records: Sequence[CheckRecord], layout: Layout) -> str:
    """Return a line for each check, by automation, the most severe first."""
    return printed(_listed(records, layout.width), layout.width, color=layout.color)


def _lines(known: CheckRecord, width: int) -> Iterator[Text]:
    yield from titled(known["severity"], known["check"], STYLES, width)
    yield from folded(known["title"], width)
    yield from folded(f"Judged by {_automations(known['automations'])}", width, "dim")
    yield from folded(f"Next: {known['next_step']}", width, "italic")
    if known["command"]:
        yield whole(known["command"], indent=2 * _INDENT)
    if lesser := " or ".join(known["supersedes"]):
        yield from folded(f"While it is open, nobody is told of {lesser} about the same thing.", width)
    if worse := " or ".join(known["superseded_by"]):
        yield from folded(f"Nobody is told of it while {worse} about the same thing is open.", width)
    yield whole(f"Runbook: {known['runbook_url']}", "dim")
    if known["runbook"]:
        yield Text()
        yield from (whole(line, indent=0) for line in known["runbook"].rstrip().splitlines())


def _listed(records: Sequence[CheckRecord], width: int) -> Iterator[RenderableType]:
    for name, alike in groupby(records, key=lambda each: _automations(each["automations"])):
        yield heading(name)
        worst_first = sorted(alike, key=lambda each: list(STYLES).index(each["severity"]))
        rows = [(each["severity"], each["check"], each["title"]) for each in worst_first]
        for line, each in zip(in_columns(rows, _COLUMNS, width - _INDENT), worst_first, strict=True):
            text = whole(line)
            text.stylize(STYLES[each["severity"]], _INDENT, _INDENT + len(each["severity"]))
            yield text
        yield Text()
    yield Text("watchkeeper explain CHECK says more of one.", style="dim")


def _automations(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else "every automation"


def _general(template: str) -> str:
    """Return a template as a person reads it: names of values in angle brackets."""
    return _PLACEHOLDER.sub(r"<\1>", template)
