"""What webhooks are sent: an event on the bus, of which EventBridge puts the part for each form into its body."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from functions.notifications.content.content import Content, Notified
from functions.notifications.content.digests import digest_content
from functions.notifications.content.evidence import shortened
from functions.notifications.decision import NotificationKind, Record
from functions.notifications.delivery import detail_of
from functions.notifications.formats.pagerduty import pagerduty_of, severity_of, source_of
from functions.notifications.formats.slack import slack_of
from functions.notifications.formats.teams import teams_of
from functions.notifications.messages import content_of
from functions.shared.aws.publisher import compact_json

_DIGEST_KEY = "watchkeeper-digest"
_MOST_BYTES = 250_000
"""Of an event: EventBridge takes 256 KB.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
"""
_SHORTER = ((25, 1000), (10, 300), (5, 100))
"""To how many items and to how many characters a record is shortened that has no room in an event."""


def post(
    record: Record,
    kind: NotificationKind,
    others: Sequence[Record] = (),
    webhooks: Sequence[str] = (),
    *,
    now: datetime,
) -> dict[str, Any]:
    """Compose the event about one finding or action.

    Args:
        record: the finding or the action.
        kind: what has become of it.
        others: the other open findings of its thread that people were told of.
        webhooks: names of those that are sent it.
        now: the present time.
    """
    content = content_of(record, kind, others, now)
    event = _event(content, webhooks, _incident_action(kind, others), content.thread)
    name = "action" if kind is NotificationKind.ACTION else "finding"
    room = _MOST_BYTES - _size_of(event)
    return {**event, "json": {**event["json"], name: _fitting(detail_of(record), room)}}


def digest_post(notified: Notified, webhooks: Sequence[str] = (), *, now: datetime) -> dict[str, Any]:
    """Compose the event about many findings: their numbers, and the most severe by name.

    One in which every finding has ended resolves no incident: it does not name them all.

    Args:
        notified: the findings, each with what has become of it.
        webhooks: names of those that are sent it.
        now: the present time.
    """
    content = digest_content(notified, now)
    is_quiet = {kind for _, kind in notified} <= {NotificationKind.ENDED, NotificationKind.ACTION}
    event = _event(content, webhooks, "none" if is_quiet else "trigger", _DIGEST_KEY)
    return {**event, "json": {**event["json"], "findings": len(notified)}}


def _incident_action(kind: NotificationKind, others: Sequence[Record]) -> str:
    """Say what becomes of the incident: it ends with the last of its findings, and never by lapsing."""
    match kind:
        case NotificationKind.ACTION:
            return "none"
        case NotificationKind.ENDED:
            return "none" if others else "resolve"
        case _:
            return "trigger"


def _event(content: Content, webhooks: Sequence[str], incident_action: str, key: str) -> dict[str, Any]:
    """Return the event's detail: what rules choose by, and under the name of each form what its body is made of."""
    common = {
        "kind": content.kind,
        "severity": str(content.severity),
        "event_action": incident_action,
        "dedup_key": key,
    }
    as_json = {
        **common,
        "title": content.title,
        "text": "\n\n".join([*content.paragraphs, *([content.next_step] if content.next_step else [])]),
        "source": source_of(content),
        "urgency": severity_of(content),
    }
    return {
        **common,
        "webhooks": [*webhooks],
        "slack": slack_of(content),
        "teams": teams_of(content),
        "pagerduty": pagerduty_of(content),
        "json": as_json,
    }


def _fitting(record: dict[str, Any], room: int) -> dict[str, Any]:
    """Return a record's members; those that have no room in the event are shortened, and at last left out."""
    if _size_of(record) <= room:
        return record
    for most, longest in _SHORTER:
        shorter = {name: shortened(value, most, longest) for name, value in record.items()}
        if _size_of(shorter) <= room:
            return shorter
    return {name: value for name, value in shorter.items() if not isinstance(value, list | dict)}


def _size_of(value: object) -> int:
    return len(compact_json(value).encode())
