"""Shows a history to a person: what happened, day by day, in the order of time; and what is open at its end."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.output.layout import Layout
from cli.terminal.page import heading, labelled, line, printed, whole
from functions.report.display import Names, moment
from functions.report.history_words import described
from functions.report.result import HistoryRow, Result

_STYLES = {"OPENED": "yellow", "RESOLVED": "green", "LAPSED": "red", "FAILED": "red", "DONE": "green"}
_DAY, _TIME = slice(0, 10), slice(11, None)


def render(document: Result, layout: Layout) -> Iterator[str]:
    """Yield the history as text that can be read from 60 columns on, event by event."""
    names, counts = Names.of_accounts(document.get("accounts", ())), Counter[str]()
    for day, rows in groupby(document.get("history", ()), key=lambda row: row["at"][_DAY]):
        yield printed([heading(day)], layout.width, color=layout.color)
        for row in rows:
            counts[row["event"]] += 1
            yield printed(_event(row, names), layout.width, color=layout.color)
    yield printed(_closing(document, counts), layout.width, color=layout.color)


def _event(row: HistoryRow, names: Names) -> Iterator[RenderableType]:
    said = described(row)
    yield labelled(row["event"], f"{moment(row['at'])[_TIME]} {said['title'] or said['what']}", _STYLES)
    if not said["title"]:
        yield whole(said["resource"])
    rule = f"rule {said['rule']}" if said.get("rule") else ""
    parts = (said["detail"], rule, _where(said, names))
    yield line(", ".join(str(part) for part in parts if part), style="dim")


def _where(said: dict[str, Any], names: Names) -> str:
    account = str(said["account"])
    name = str(said.get("account_name") or names.names.get(account, ""))
    place = " ".join(part for part in (name, account, str(said.get("region", ""))) if part)
    return "every account" if place == "*" else place


def _closing(document: Result, counts: Counter[str]) -> Iterator[RenderableType]:
    period = document["period"]
    began = f"since {moment(period['since'])} UTC" if period["since"] else "since its beginning"
    until = f"until {moment(period['until'])} UTC"
    if not counts:
        yield Text(f"Nothing opened, ended or was changed {began} {until}.", style="bold")
    else:
        yield ""
        counted = ", ".join(f"{count:,} {event.lower()}" for event, count in counts.items())
        yield Text(f"{counted[0].upper()}{counted[1:]}; {began} {until}.", style="bold")
    findings = [*document["findings"]]
    muted = sum(finding["muted"] for finding in findings)
    yield Text(f"{len(findings):,} open at the end" + (f", {muted:,} of them muted." if muted else "."), style="bold")
