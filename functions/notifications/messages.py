"""The texts that the topic is sent: prose for e-mail, a custom notification for chat."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from functions.notifications.decision import NotificationKind, Record, RecordKind
from functions.notifications.foreign_text import chat_text, without_links
from functions.shared.aws.publisher import TopicMessage, chat_notification
from functions.shared.finding import SEVEREST_FIRST, Severity, printable, thread_id, value_text

Notified = Sequence[tuple[Record, NotificationKind]]
"""The findings of a digest, each with what has become of it."""

NAMES = {
    NotificationKind.ALERT: "new or worse",
    NotificationKind.REMINDER: "still open",
    NotificationKind.ENDED: "ended",
}
"""What has become of a finding, in a digest."""

_PREFIXES = {NotificationKind.ALERT: "", NotificationKind.REMINDER: "still open: ", NotificationKind.ENDED: "ended: "}
_LONGEST_SUBJECT = 100
_LONGEST_DIGEST = 6000
_LISTED_IN_A_DIGEST = 20


def message(record: Record, kind: NotificationKind, others: Sequence[Record] = (), *, now: datetime) -> TopicMessage:
    """Compose the message about one finding.

    Args:
        record: the finding.
        kind: whether it is new, worse, still open or over.
        others: the other open findings of its thread that people were told of.
        now: the present time.
    """
    finding, next_step = record.content, next_step_of(record)
    title = title_of(record, kind)
    facts = {
        "Resource": without_links(finding["resource"]),
        "Account": finding["account"],
        "Region": finding["region"],
        "Since": finding["first_seen"],
        "Finding": finding["finding_id"],
        **({"Ended": finding["ended_at"]} if kind is NotificationKind.ENDED else {"Next step": next_step}),
    }
    return TopicMessage(
        subject=_subject(f"[{record.severity}] {title}"),
        prose=_prose(f"{record.severity} {title}", without_links(reason_of(record)), facts, finding["evidence"]),
        chat=_chat(record, kind, title, next_step),
        attributes={
            "kind": kind,
            "severity": record.severity,
            "automation": finding["automation"],
            "check": finding["check"],
            "account": finding["account"],
        },
    )


def digest(notified: Notified, *, now: datetime) -> TopicMessage:
    """Compose one message about many findings: their numbers, and the most severe by name.

    Args:
        notified: the findings, each with what has become of it.
        now: the present time.
    """
    kinds = Counter(kind for _, kind in notified)
    title = numbers_of(notified)
    most_severe = most_severe_of(notified, _LISTED_IN_A_DIGEST)
    lines = [
        *(f"{kinds[kind]:>7} {name}" for kind, name in NAMES.items() if kinds[kind]),
        "",
        *_counted("By check", (f"{r.content['automation']} {r.content['check']}" for r, _ in notified)),
        *_counted("By account and Region", (f"{r.content['account']} {r.content['region']}" for r, _ in notified)),
        f"The {len(most_severe)} most severe",
        *(f"  {line}" for line in most_severe),
    ]
    text = "\n".join(lines)
    content = {"title": title, "description": f"```\n{chat_text(text[:_LONGEST_DIGEST])}\n```"}
    return TopicMessage(
        subject=_subject(title),
        prose=f"{title}\n\n{without_links(text)}\n",
        chat=chat_notification(content, metadata={"summary": title}),
        attributes={"kind": "digest", "severity": highest_severity_of(notified)},
    )


def next_step_of(record: Record) -> str:
    """Return what a person does about a finding; records of earlier versions do not say it."""
    return str(record.content.get("remediation", {}).get("text", ""))


def thread_of(record: Record) -> str:
    """Return the id of the incident that a finding belongs to; records of earlier versions do not hold it."""
    return str(record.content.get("thread_id") or thread_id(record.content["account"], record.content["resource"]))


def title_of(record: Record, kind: NotificationKind) -> str:
    """Say in a few words what has happened, and where."""
    finding = record.content
    return f"{_PREFIXES.get(kind, '')}{finding['check']} in {finding['account']} {finding['region']}"


def reason_of(record: Record) -> str:
    """Say what is wrong; for a finding that has ended, how it ended and what was wrong."""
    reason = _sentence(record.content["reason"])
    if record.kind is not RecordKind.CLOSED:
        return reason
    resolution = record.content.get("resolution", "")
    return f"{_sentence(resolution)} It was: {reason}" if resolution else f"It was: {reason}"


def numbers_of(notified: Notified) -> str:
    """Say in one line how many findings there are at once, and how severe they are."""
    severities = Counter(record.severity for record, _ in notified)
    numbers = ", ".join(f"{severities[each]} {each}" for each in SEVEREST_FIRST if severities[each])
    return f"{len(notified)} findings at once: {numbers}"


def most_severe_of(notified: Notified, most: int) -> list[str]:
    """Return a line for each of the most severe."""
    first = sorted(notified, key=lambda pair: (-pair[0].severity.rank, pair[0].sk))[:most]
    return [f"{r.severity} {_PREFIXES.get(kind, '')}{r.content['check']} {r.content['resource']}" for r, kind in first]


def highest_severity_of(notified: Notified) -> Severity:
    """Return the severity of the most severe."""
    return max((record.severity for record, _ in notified), key=lambda severity: severity.rank)


def _prose(title: str, reason: str, facts: Mapping[str, str], evidence: Mapping[str, object]) -> str:
    width = max(map(len, facts)) + 2
    lines = [title, "", reason, "", *(f"{name:<{width}}{text}" for name, text in facts.items())]
    if evidence:
        lines += [
            "",
            "Evidence",
            *(f"  {name}: {without_links(value_text(value))}" for name, value in evidence.items()),
        ]
    return "\n".join(lines) + "\n"


def _chat(record: Record, kind: NotificationKind, title: str, next_step: str) -> dict[str, Any]:
    finding = record.content
    content = {
        "title": f"{record.severity} {title}",
        "description": f"{chat_text(reason_of(record))}\n`{chat_text(finding['resource'])}`",
        "keywords": [finding["automation"], finding["check"], finding["account"], finding["region"]],
        **({"nextSteps": [next_step]} if next_step and kind is not NotificationKind.ENDED else {}),
    }
    metadata = {
        "threadId": thread_of(record),
        "summary": title,
        "eventType": kind,
        "relatedResources": [finding["resource"]],
        "additionalContext": {name: chat_text(value_text(value)) for name, value in finding["evidence"].items()},
    }
    return chat_notification(content, id=finding["finding_id"], metadata=metadata)


def _counted(heading: str, names: Iterable[str]) -> list[str]:
    counts = Counter(names).most_common()
    listed = [f"{count:>7} {name}" for name, count in counts[:_LISTED_IN_A_DIGEST]]
    rest = counts[_LISTED_IN_A_DIGEST:]
    more = [f"{sum(count for _, count in rest):>7} in {len(rest)} more"] if rest else []
    return [heading, *listed, *more, ""]


def _subject(text: str) -> str:
    ascii_only = printable(text).encode("ascii", "replace").decode()
    return ascii_only if len(ascii_only) <= _LONGEST_SUBJECT else f"{ascii_only[: _LONGEST_SUBJECT - 3]}..."


def _sentence(reason: str) -> str:
    first = reason if ":" in reason.partition(" ")[0] else f"{reason[:1].upper()}{reason[1:]}"  # an ARN stays as it is
    return first if first.endswith(".") else f"{first}."
