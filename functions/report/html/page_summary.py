"""The summary of a run at the top of the page."""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.report.display import CRITICAL, FINE, HIGH, MODES, moment, took
from functions.report.html.markup import counted, fill
from functions.report.html.page_actions import ActionTable
from functions.report.html.page_findings import FindingTable
from functions.report.result import RunHeader, Trend
from functions.report.verdict import RunVerdict
from functions.shared.finding import plain_line

_MARKS = {
    RunVerdict.COMPLIES: (FINE, "✓"),
    RunVerdict.DOES_NOT_COMPLY: (HIGH, "▲"),
    RunVerdict.UNREADABLE: (HIGH, "✕"),
    RunVerdict.NOTHING: (HIGH, "✕"),
}


def verdict(judged: RunVerdict, findings: FindingTable) -> dict[str, str]:
    """Return the verdict in one line, and the mark beside it."""
    level, mark = _MARKS[judged]
    worst = CRITICAL if findings.severities["CRITICAL"] and judged is not RunVerdict.COMPLIES else level
    return {"verdict": str(judged), "verdict_level": worst, "verdict_mark": mark}


def lede(judged: RunVerdict, findings: FindingTable, actions: ActionTable) -> str:
    """Say how many findings and actions there are."""
    if judged is RunVerdict.NOTHING:
        return "No account and Region was looked at, so nothing is known."
    failing, unread, muted = findings.severities.total(), findings.states["unread"], findings.states["muted"]
    parts = [
        f"{counted(failing, 'thing')} {'does' if failing == 1 else 'do'} not comply" if failing else "",
        f"{counted(unread, 'thing')} could not be read" if unread else "",
        f"{counted(muted, 'finding')} {'is' if muted == 1 else 'are'} muted" if muted else "",
        *(f"{counted(count, 'action')} {status.lower()}" for status, count in sorted(actions.statuses.items())),
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}." if said else "There is no finding, and nothing was changed."


def facts(run: RunHeader) -> dict[str, str]:
    """Return when, how long and under which configuration it ran."""
    ended = run["finished_at"]
    return {
        "ended": f"{moment(ended)} UTC" if ended else "it did not end",
        "took": took(run["started_at"], ended) if ended else "unknown",
        "mode": MODES.get(run["mode"], plain_line(run["mode"])),
        "config_hash": plain_line(run["config_hash"]),
        "run": plain_line(run["id"]),
    }


def first(judged: RunVerdict, urgent: Iterable[str], actions: ActionTable) -> str:
    """Return the list of what needs a person first, or say that nothing does."""
    failed = actions.statuses["FAILED"]
    entries = [*urgent, *([_failed_actions(failed)] if failed else [])]
    if entries:
        return f'<ul class="urgents">{"".join(entries)}</ul>'
    if judged is RunVerdict.NOTHING:
        return '<p class="note">Find out why nothing was looked at: the scope, or what the run was limited to.</p>'
    return '<p class="note">Nothing: no finding is CRITICAL or HIGH, all could be read, and no action failed.</p>'


def _failed_actions(count: int) -> str:
    return fill(
        "urgent",
        level=HIGH,
        mark="✕",
        label="FAILED",
        heading="Actions that failed",
        summary=f"{counted(count, 'action')} that the configuration allows failed",
        oldest="",
        examples_html="",
        next="Read the error beside each, and fix its cause; the next run tries again.",
        command_html="",
        href="#actions",
        pick="actions.status=FAILED",
        more="Show the actions",
    )


def trend(against: Trend | None, findings: FindingTable) -> str:
    """Compare with the previous run, if there is one."""
    if against is None:
        return '<p class="note">There is no earlier run to compare with.</p>'
    now = {"non_compliant": findings.severities.total(), "insufficient_data": findings.states["unread"]}
    before: Mapping[str, Any] = against
    previous = against["previous_run"]
    return fill(
        "trend",
        **{name: f"{count:,}" for name, count in now.items()},
        **{f"{name}_before": _change(int(before[name]), count) for name, count in now.items()},
        new=f"{against['new']:,}",
        resolved=f"{against['resolved']:,}",
        against=f"Compared with the run that ended on {moment(previous['finished_at'])} UTC "
        f"({plain_line(previous['id'])}). Only targets that both runs swept count, and no muted findings.",
    )


def _change(before: int, now: int) -> str:
    if before == now:
        return "as many as before"
    return f"{'▲' if now > before else '▼'} {abs(now - before):,} {'more' if now > before else 'fewer'} than before"
