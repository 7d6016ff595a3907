"""Shows a result to a person: what needs one first, then what was done, then how much was looked at."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from cli.output.closing import closing_line
from cli.output.coverage import coverage_summary
from cli.output.next_steps import NEXT_STEPS
from cli.output.ranking import failed_first, most_urgent_first
from cli.output.writing import Paper
from cli.safe_text import escaped
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
_LABEL_COLUMNS = 14


def render(document: Mapping[str, Any], paper: Paper) -> Iterator[str]:
    """Yield the result as text that is readable from 60 columns on."""
    page = StringIO()
    console = Console(
        file=page,
        width=paper.width,
        force_terminal=paper.color,
        color_system="standard" if paper.color else None,
        no_color=not paper.color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for part in _parts(document):
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    yield from (f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _parts(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    findings = most_urgent_first(document["findings"])
    if findings:
        yield _heading("Findings")
        for finding in findings:
            yield from _finding(finding, str(document["run"].get("finished_at") or ""))
    if document["actions"]:
        yield _heading("Actions")
        for action in failed_first(document["actions"]):
            yield from _action(action)
    if document["coverage"]:
        yield _heading("Coverage")
        yield from coverage_summary(document["coverage"])
        yield ""
    yield Text(closing_line(document), style="bold")


def _finding(finding: Mapping[str, Any], now: str) -> Iterator[RenderableType]:
    muted = " (muted)" if finding["muted"] else ""
    unread = " (could not be read)" if finding["compliance"] == Compliance.INSUFFICIENT_DATA else ""
    title = f"{finding['automation']}: {finding['check']}{unread}{muted}"
    yield _labelled(finding["severity"], title, dim=finding["muted"])
    yield _whole(finding["resource"])
    yield _line(finding["reason"])
    yield _line(f"{_where(finding)}, {_since(finding, now)}", style="dim")
    if step := NEXT_STEPS.get(finding["check"]):
        yield _line(f"Next: {step}", style="italic")
    yield ""


def _action(action: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _labelled(action["status"], str(action["action"]))
    yield _whole(action["resource"])
    reasons = [f"rule {action['rule']}" if action["rule"] else "", str(action["detail"])]
    yield _line(", ".join(part for part in (_where(action), *reasons) if part), style="dim")
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


def _heading(title: str) -> RenderableType:
    return Rule(Text(title, style="bold"), align="left", style="dim", characters="-")


def _labelled(label: object, text: str, *, dim: bool = False) -> RenderableType:
    label = escaped(str(label))
    start = Text(label.ljust(_LABEL_COLUMNS), style="dim" if dim else _STYLES.get(label, ""))
    return start.append(escaped(text), style="dim" if dim else "bold")


def _whole(text: object) -> RenderableType:
    """Return foreign text as one line however long it is: an ARN is there to be copied."""
    return Text(f"  {escaped(str(text))}", no_wrap=True)


def _line(text: object, style: str = "") -> RenderableType:
    """Return foreign text as a line of its own, which folds rather than hides what is too long."""
    return Padding(Text(escaped(str(text)), style=style, overflow="fold"), (0, 0, 0, 2))
