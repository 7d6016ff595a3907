"""What a message says of one finding: that it is open, how it ended, or that its deadline passed."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from functions.notifications.content.content import (
    IS_OVER,
    PREFIXES,
    Content,
    account_of,
    name_of,
    named_account_of,
    thread_of,
)
from functions.notifications.content.evidence import shortened
from functions.notifications.content.wording import clock, length_of, since, whole_sentence
from functions.notifications.decision import NotificationKind, Record
from functions.shared.ledger.records import moment
from functions.shared.run.foreign_text import inert_command, line_of, web_address

_LONGEST_TITLE = 250
_LONGEST_PARAGRAPH = 1500
_LONGEST_FACT = 500
_MOST_OTHERS = 5

_HAS_LAPSED = "A deadline has passed, so this is worse than before; nothing has been resolved."
_AFTER_A_DEADLINE = (
    "The step that was advised before the deadline may not work any more: find out what can still be done"
)
_NOT_SAID = "It ended; its record, which an earlier version wrote, does not say how."


class Advice(NamedTuple):
    """What a person does next; each empty where there is nothing."""

    text: str = ""
    command: str = ""
    console_url: str = ""
    runbook_url: str = ""


def finding_content(record: Record, kind: NotificationKind, others: Sequence[Record], now: datetime) -> Content:
    """Return what a message says of a finding.

    Args:
        record: the finding.
        kind: what has become of it.
        others: the other open findings of its thread that people were told of.
        now: the present time.
    """
    finding, is_over = record.content, kind in IS_OVER
    advice = _advice(record, kind, others)
    named = [f"{each.severity} {name_of(each.content)}" for each in _worst_first(others)]
    more = [f"and {len(named) - _MOST_OTHERS} more"] if len(named) > _MOST_OTHERS else []
    return Content(
        kind=kind,
        severity=record.severity,
        title=line_of(f"{PREFIXES.get(kind, '')}{name_of(finding)}", _LONGEST_TITLE),
        account=line_of(account_of(finding), _LONGEST_FACT),
        paragraphs=tuple(line_of(text, _LONGEST_PARAGRAPH) for text in _paragraphs(finding, kind, others)),
        facts=_facts(record, kind, now),
        lists={
            "Still open about the same thing": [line_of(each, _LONGEST_FACT) for each in named[:_MOST_OTHERS] + more]
        }
        if others
        else {},
        evidence={} if is_over else shortened(finding["evidence"]),
        next_step=line_of(advice.text, _LONGEST_PARAGRAPH),
        command=inert_command(advice.command),
        mute="" if is_over else _mute_of(finding),
        console_url=web_address(advice.console_url),
        runbook_url=web_address(advice.runbook_url),
        labels={name: line_of(finding[name], _LONGEST_FACT) for name in ("automation", "check", "account", "region")},
        resource=line_of(finding["resource"], _LONGEST_FACT),
        thread=thread_of(finding),
        finding_id=finding["finding_id"],
        at=finding["ended_at"] if is_over else finding["first_seen"],
    )


def _mute_of(finding: Mapping[str, Any]) -> str:
    return mute_command(**{name: finding[name] for name in ("check", "resource", "account")})


def mute_command(**globs: str) -> str:
    """Return the command that mutes findings for a week, in which a person puts a name and a reason; or nothing.

    Args:
        globs: the options that say what is muted, by their names.
    """
    if any(glob.startswith("-") for glob in globs.values()):
        return ""  # the command line would take it for an option
    wanted = {**globs, "owner": "YOU", "reason": "WHY", "until": "7d"}
    words = [word for name, value in wanted.items() for word in (f"--{name}", value)]
    return inert_command(shlex.join(["watchkeeper", "mute", *words]))


def _paragraphs(finding: Mapping[str, Any], kind: NotificationKind, others: Sequence[Record]) -> list[str]:
    if kind not in IS_OVER:
        return [whole_sentence(finding["reason"])]
    resolution = finding.get("resolution")
    how = whole_sentence(resolution) if resolution else _NOT_SAID
    if kind is NotificationKind.LAPSED:
        return [how, _HAS_LAPSED]
    return [how] if others else [how, "No other alert about the same thing is open."]


def _advice(record: Record, kind: NotificationKind, others: Sequence[Record]) -> Advice:
    """Return what to do now: of what has ended nothing, of what lapsed what the worst of the others needs."""
    own = _advice_of(record)
    if kind is NotificationKind.ENDED:
        return Advice(console_url=own.console_url)
    if kind is NotificationKind.LAPSED:
        if others:
            return _advice_of(_worst_first(others)[0])
        where = ", by the runbook." if own.runbook_url else "."
        return own._replace(text=f"{_AFTER_A_DEADLINE}{where}", command="")
    return own


def _advice_of(record: Record) -> Advice:
    """Read it from the record; those of earlier versions do not have it."""
    given = record.content.get("remediation") or {}
    return Advice(*(str(given.get(name) or "") for name in Advice._fields))


def _worst_first(records: Sequence[Record]) -> list[Record]:
    return sorted(records, key=lambda each: (-each.severity.rank, each.sk))


def _facts(record: Record, kind: NotificationKind, now: datetime) -> dict[str, str]:
    finding = record.content
    name = finding.get("resource_name") or ""
    has_name = bool(name) and name != finding["resource"]
    facts = {
        "Severity": str(record.severity),
        "Account": named_account_of(finding),
        "Region": finding["region"],
        "Resource": name if has_name else finding["resource"],
        **({"ARN": finding["resource"]} if has_name else {}),
        **_times(finding, kind, now),
        "Check": f"{finding['check']} of {finding['automation']}",
    }
    return {name: line_of(text, _LONGEST_FACT) for name, text in facts.items()}


def _times(finding: Mapping[str, Any], kind: NotificationKind, now: datetime) -> dict[str, str]:
    """Say since when it is so, and whose time that is; until when, and how much of that is left."""
    began, seen = (moment(finding[name]) if finding.get(name) else None for name in ("began_at", "first_seen"))
    start = began or seen or now
    if kind in IS_OVER:
        ended = moment(finding["ended_at"])
        name = "Ended" if kind is NotificationKind.ENDED else "Lapsed"
        return {"Since": clock(start), name: f"{clock(ended)}, after {length_of(max(ended - start, timedelta()))}"}
    whose = "as AWS says" if began else "when Watchkeeper first saw it"
    times = {"Since": f"{clock(start)}, {whose}: {since(start, now)} ago"}
    if finding.get("deadline_at"):
        deadline = moment(finding["deadline_at"])
        is_past = deadline <= now
        left = f"passed {since(deadline, now)} ago" if is_past else f"{length_of(deadline - now)} left"
        times["Deadline"] = f"{clock(deadline)}: {left}"
    return times
