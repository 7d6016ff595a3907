"""The messages that the topic is sent: prose for e-mail, a custom notification for chat."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from functions.notifications.content.actions import action_content
from functions.notifications.content.content import Content, Notified
from functions.notifications.content.digests import digest_content
from functions.notifications.content.findings import finding_content
from functions.notifications.decision import NotificationKind, Record
from functions.notifications.formats.chat import chat_of
from functions.notifications.formats.mail import prose_of, subject_of
from functions.shared.aws.publisher import TopicMessage


def message(record: Record, kind: NotificationKind, others: Sequence[Record] = (), *, now: datetime) -> TopicMessage:
    """Compose the message about one finding or action.

    Args:
        record: the finding or the action.
        kind: what has become of it.
        others: the other open findings of its thread that people were told of.
        now: the present time.
    """
    return _topic_message(content_of(record, kind, others, now))


def digest(notified: Notified, *, now: datetime) -> TopicMessage:
    """Compose one message about many findings: their numbers, and the most severe by name.

    Args:
        notified: the findings, each with what has become of it.
        now: the present time.
    """
    return _topic_message(digest_content(notified, now))


def content_of(record: Record, kind: NotificationKind, others: Sequence[Record], now: datetime) -> Content:
    """Return what a message says of a finding or an action."""
    if kind is NotificationKind.ACTION:
        return action_content(record)
    return finding_content(record, kind, others, now)


def _topic_message(content: Content) -> TopicMessage:
    labels = {name: label for name, label in content.labels.items() if label and name != "region"}
    attributes: Mapping[str, str] = {"kind": content.kind, "severity": content.severity, **labels}
    return TopicMessage(subject_of(content), prose_of(content), chat_of(content), attributes)
