"""Shows a result to a person: what needs one first, then what was done, then how much was looked at."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.output.closing import closing_line
from cli.output.coverage import coverage_summary
from cli.output.next_steps import NEXT_STEPS
from cli.output.page import heading, labelled, line, printed, whole
from cli.output.ranking import failed_first, most_urgent_first
from cli.output.writing import Paper
from functions.shared.finding import Compliance

_STYLES = {
    "CRITICAL": "bold red",
    "HIGH": "red",
    "MEDIUM": "yellow",
    "LOW": "cyan",
    "FAILED": "red",
    "DONE": "green",
    "PLANNED": "cyan",
}


def render(document: Mapping[str, Any], paper: Paper) -> Iterator[str]:
    """Yield the result as text that is readable from 60 columns on."""
    yield printed(_parts(document), paper)


def _parts(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    findings = most_urgent_first(document["findings"])
    if findings:
        yield heading("Findings")
        for finding in findings:
            yield from _finding(finding, str(document["run"].get("finished_at") or ""))
    if document["actions"]:
        yield heading("Actions")
        for action in failed_first(document["actions"]):
            yield from _action(action)
    if document["coverage"]:
        yield heading("Coverage")
        yield from coverage_summary(document["coverage"])
        yield ""
    yield Text(closing_line(document), style="bold")


def _finding(finding: Mapping[str, Any], now: str) -> Iterator[RenderableType]:
    muted = " (muted)" if finding["muted"] else ""
    unread = " (could not be read)" if finding["compliance"] == Compliance.INSUFFICIENT_DATA else ""
    title = f"{finding['automation']}: {finding['check']}{unread}{muted}"
    yield labelled(finding["severity"], title, _STYLES, dim=finding["muted"])
    yield whole(finding["resource"])
    yield line(finding["reason"])
    yield line(f"{_where(finding)}, {_since(finding, now)}", style="dim")
    if step := NEXT_STEPS.get(finding["check"]):
        yield line(f"Next: {step}", style="italic")
    yield ""


def _action(action: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield labelled(action["status"], str(action["action"]), _STYLES)
    yield whole(action["resource"])
    reasons = [f"rule {action['rule']}" if action["rule"] else "", str(action["detail"])]
    yield line(", ".join(part for part in (_where(action), *reasons) if part), style="dim")
    yield ""


def _where(row: Mapping[str, Any]) -> str:
    return f"{row['account']} {row['region']}"


def _since(finding: Mapping[str, Any], now: str) -> str:
    """Say when it began, or at least when it was seen."""
    began = str(finding.get("first_seen") or finding.get("observed_at") or "")
    if not began:
        return "seen in this run"
    return f"since {_moment(began):%Y-%m-%d %H:%M} UTC{_age(began, now) if now else ''}"


def _age(began: str, now: str) -> str:
    minutes = int((_moment(now) - _moment(began)).total_seconds() // 60)
    for unit, length in (("days", 24 * 60), ("hours", 60), ("minutes", 1)):
        if minutes >= 2 * length:
            return f" ({minutes // length} {unit})"
    return ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
