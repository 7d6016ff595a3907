"""What webhooks are sent: an event on the bus with texts that EventBridge can put into a webhook's body."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from functions.notifications.decision import NotificationKind, Record
from functions.notifications.delivery import detail_of
from functions.notifications.foreign_text import chat_text
from functions.notifications.messages import (
    NAMES,
    Notified,
    highest_severity_of,
    most_severe_of,
    next_step_of,
    numbers_of,
    reason_of,
    thread_of,
    title_of,
)
from functions.shared.finding import Severity

_LONGEST_TEXT = 3000
_LISTED = 5
_URGENCY = {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.MEDIUM: "warning"}


def post(
    record: Record,
    kind: NotificationKind,
    others: Sequence[Record] = (),
    webhooks: Sequence[str] = (),
    *,
    now: datetime,
) -> dict[str, Any]:
    """Compose the event about one finding.

    Args:
        record: the finding.
        kind: whether it is new, worse, still open or over.
        others: the other open findings of its thread that people were told of.
        webhooks: names of those that are sent it.
        now: the present time.
    """
    finding, next_step = record.content, next_step_of(record)
    paragraphs = [reason_of(record), finding["resource"]]
    if next_step and kind is not NotificationKind.ENDED:
        paragraphs.append(f"Next step: {next_step}")
    return {
        **_texts(f"[{record.severity}] {title_of(record, kind)}", paragraphs, record.severity),
        "kind": kind,
        "webhooks": [*webhooks],
        "source": f"{finding['account']} {finding['region']}",
        "dedup_key": thread_of(record),
        "event_action": "resolve" if kind is NotificationKind.ENDED else "trigger",
        "finding": detail_of(record),
    }


def digest_post(notified: Notified, webhooks: Sequence[str] = (), *, now: datetime) -> dict[str, Any]:
    """Compose the event about many findings: their numbers, and the most severe by name.

    One in which every finding has ended resolves no incident: it does not name them all.
    """
    kinds = Counter(kind for _, kind in notified)
    checks = Counter(f"{record.content['automation']} {record.content['check']}" for record, _ in notified)
    paragraphs = [
        ", ".join(f"{kinds[kind]} {name}" for kind, name in NAMES.items() if kinds[kind]),
        ", ".join(f"{count} {check}" for check, count in checks.most_common(_LISTED)),
        *most_severe_of(notified, _LISTED),
    ]
    return {
        **_texts(numbers_of(notified), paragraphs, highest_severity_of(notified)),
        "kind": "digest",
        "webhooks": [*webhooks],
        "source": "watchkeeper",
        "dedup_key": "watchkeeper-digest",
        "event_action": "none" if kinds.keys() == {NotificationKind.ENDED} else "trigger",
        "findings": len(notified),
    }


def _texts(title: str, paragraphs: Iterable[str], severity: Severity) -> Mapping[str, str]:
    text = chat_text("\n\n".join(paragraphs))
    text = text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
    return {
        "title": title,
        "text": text,
        "message": f"{title}\n\n{text}",
        "severity": str(severity),
        "urgency": _URGENCY.get(severity, "info"),
    }
