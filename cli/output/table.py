"""Shows a result to a person: findings, then actions, then mutes and coverage."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.output import mutes
from cli.output.closing import closing_line
from cli.output.coverage import coverage_summary
from cli.output.ranking import failed_first, most_urgent_first
from cli.output.writing import Layout
from cli.terminal.page import heading, labelled, line, printed, whole
from functions.report.display import LEFT, MODES, Names, age, moment, outcome
from functions.report.result import next_step_of
from functions.shared.finding import Compliance, plain_line

_STYLES = {
    "CRITICAL": "bold red",
    "HIGH": "red",
    "MEDIUM": "yellow",
    "LOW": "cyan",
    "FAILED": "red",
    "DONE": "green",
    "PLANNED": "cyan",
}


_FILE = Layout()


def render(document: Mapping[str, Any], layout: Layout = _FILE) -> Iterator[str]:
    """Yield the result as text that can be read from 60 columns on."""
    yield printed(_parts(document), layout.width, color=layout.color)


def _parts(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    run, names = document["run"], Names.of_accounts(document.get("accounts", ()))
    ended = str(run.get("finished_at") or "")
    findings = most_urgent_first(document["findings"])
    if findings:
        yield heading("Findings")
        for finding in findings:
            yield from _finding(finding, names, ended)
    if document["actions"]:
        yield heading("Actions")
        for action in failed_first(document["actions"]):
            yield from _action(action, names)
    if document.get("mutes"):
        yield heading("Mutes")
        yield from mutes.shown(document["mutes"], findings, ended or str(run["started_at"]))
    if document["coverage"]:
        yield heading("Coverage")
        yield from coverage_summary(document["coverage"], names)
        yield from _left(document.get("accounts", ()))
        yield ""
        yield Text(_which(document["run"]), style="dim")
    yield from _trend(document)
    yield Text(closing_line(document), style="bold")


def _finding(finding: Mapping[str, Any], names: Names, now: str) -> Iterator[RenderableType]:
    muted = " (muted)" if finding["muted"] else ""
    unread = " (could not be read)" if finding["compliance"] == Compliance.INSUFFICIENT_DATA else ""
    title = f"{finding['automation']}: {finding['check']}{unread}{muted}"
    yield labelled(finding["severity"], title, _STYLES, dim=finding["muted"])
    yield whole(finding["resource"])
    yield line(finding["reason"])
    yield line(f"{names.where(finding)}, {_since(finding, now)}", style="dim")
    if step := next_step_of(finding):  # type: ignore[arg-type]  # a row of the document
        yield line(f"Next: {step}", style="italic")
    yield ""


def _action(action: Mapping[str, Any], names: Names) -> Iterator[RenderableType]:
    yield labelled(action["status"], str(action["action"]), _STYLES)
    yield whole(action["resource"])
    if subject := _subject(action):
        yield line(subject)
    reasons = [f"rule {action['rule']}" if action["rule"] else "", outcome(action["status"], str(action["detail"]))]
    yield line(", ".join(part for part in (names.where(action), *reasons) if part), style="dim")
    yield ""


def _subject(action: Mapping[str, Any]) -> str:
    """Say what identifies a change beside its resource; an ARN would only be a second one."""
    named = ((name.replace("_", " "), str(value)) for name, value in action.get("subject", {}).items())
    return ", ".join(f"{name} {value}" for name, value in named if value and not value.startswith("arn:"))


def _left(accounts: Iterable[Mapping[str, Any]]) -> Iterator[RenderableType]:
    for each in accounts:
        if each["status"] == LEFT:
            yield line(f"No longer in scope: {each['name']} {each['account']}", style="dim")


def _which(run: Mapping[str, Any]) -> str:
    ended = run.get("finished_at")
    when = f"ended {moment(ended)} UTC" if ended else "did not end"
    return f"The run {when}: {MODES.get(run['mode'], plain_line(run['mode']))}."


def _trend(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    if trend := document.get("trend"):
        ended = f"{moment(trend['previous_run']['finished_at'])} UTC"
        yield Text(f"Since the run that ended on {ended}: {trend['new']:,} new, {trend['resolved']:,} resolved.")


def _since(finding: Mapping[str, Any], now: str) -> str:
    """Say since when a finding is known, or when it was seen."""
    began = str(finding.get("first_seen") or finding.get("observed_at") or "")
    if not began:
        return "seen in this run"
    lasted = age(began, now) if now else ""
    return f"since {moment(began)} UTC" + (f" ({lasted})" if lasted else "")
