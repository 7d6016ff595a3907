"""What a run came to, in the words at the head of the page."""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.report.display import CRITICAL, FINE, HIGH, INFO, MODES, moment, took
from functions.report.html.markup import counted, fill
from functions.report.html.page_actions import Actions
from functions.report.html.page_findings import Findings
from functions.report.plain_text import printable
from functions.report.result import Run, Trend
from functions.report.verdict import Verdict

_MARKS = {
    Verdict.COMPLIES: (FINE, "✓"),
    Verdict.DOES_NOT_COMPLY: (HIGH, "▲"),
    Verdict.UNREADABLE: (HIGH, "✕"),
}


def verdict(judged: Verdict, findings: Findings, *, looked: bool) -> dict[str, str]:
    """Say in one line what it came to, with the mark that stands beside it."""
    if not looked:
        return {"verdict": "Nothing was looked at", "verdict_level": INFO, "verdict_mark": "○"}
    level, mark = _MARKS[judged]
    worst = CRITICAL if findings.severities["CRITICAL"] and judged is not Verdict.COMPLIES else level
    return {"verdict": str(judged), "verdict_level": worst, "verdict_mark": mark}


def lede(findings: Findings, actions: Actions) -> str:
    """Say how much of what there is."""
    failing, unread, muted = findings.severities.total(), findings.states["unread"], findings.states["muted"]
    parts = [
        f"{counted(failing, 'thing')} {'does' if failing == 1 else 'do'} not comply" if failing else "",
        f"{counted(unread, 'thing')} could not be read" if unread else "",
        f"{counted(muted, 'finding')} {'is' if muted == 1 else 'are'} muted" if muted else "",
        *(f"{counted(count, 'action')} {status.lower()}" for status, count in sorted(actions.statuses.items())),
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}." if said else "There is no finding, and nothing was changed."


def facts(run: Run) -> dict[str, str]:
    """Return which run it was."""
    ended = run["finished_at"]
    return {
        "ended": f"{moment(ended)} UTC" if ended else "it did not end",
        "took": took(run["started_at"], ended) if ended else "unknown",
        "mode": MODES.get(run["mode"], printable(run["mode"])),
        "config_hash": printable(run["config_hash"]),
        "run": printable(run["id"]),
    }


def first(urgent: Iterable[str], actions: Actions) -> str:
    """Return the list of what needs a person first, or say that nothing does."""
    failed = actions.statuses["FAILED"]
    entries = [*urgent, *([_failed_actions(failed)] if failed else [])]
    if entries:
        return f'<ul class="urgents">{"".join(entries)}</ul>'
    return '<p class="note">Nothing: no finding is CRITICAL or HIGH, all could be read, and no action failed.</p>'


def _failed_actions(count: int) -> str:
    return fill(
        "urgent",
        level=HIGH,
        mark="✕",
        label="FAILED",
        check="actions",
        summary=f"{counted(count, 'action')} that the configuration allows did not come off",
        examples_html="",
        next="Read the error beside each, and mend its cause; the next run tries again.",
        href="#actions",
        pick="",
        more="Show the actions",
    )


def trend(against: Trend | None, findings: Findings) -> str:
    """Compare with the previous run, if there is one."""
    if against is None:
        return '<p class="note">There is no earlier run that this one could be compared with.</p>'
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
        f"({printable(previous['id'])}); of that run, what this one looked at too counts. "
        "What is muted counts in neither.",
    )


def _change(before: int, now: int) -> str:
    if before == now:
        return "as many as before"
    return f"{'▲' if now > before else '▼'} {abs(now - before):,} {'more' if now > before else 'fewer'} than before"
