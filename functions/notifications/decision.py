"""What is sent of a record in the ledger, through which channel: the nouns, and the decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from functions.shared.finding import Severity

REFRESH = timedelta(days=30)
"""Security Hub deletes a finding that was not updated for 90 days; one that stays open is imported again by then.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings.html
"""


class RecordKind(StrEnum):
    """What a record of the ledger is."""

    OPEN = "open"
    CLOSED = "closed"
    ACTION = "action"


class Channel(StrEnum):
    """Where notifications leave the hub."""

    BUS = "bus"
    TOPIC = "topic"
    WEBHOOKS = "webhooks"
    SECURITY_HUB = "security_hub"


class NotificationKind(StrEnum):
    """What a channel is sent: the bus a detail-type, the topic and webhooks what has become of a finding."""

    OPENED = "Finding Opened"
    CHANGED = "Finding Changed"
    RESOLVED = "Finding Resolved"
    ACTION_TAKEN = "Action Taken"
    ALERT = "alert"
    WORSE = "worse"
    REMINDER = "reminder"
    ENDED = "ended"
    LAPSED = "lapsed"
    ACTION = "action"
    IMPORT = "import"


ALERTS = (NotificationKind.ALERT, NotificationKind.WORSE, NotificationKind.REMINDER)
"""What a person is asked to act on."""

Notification = Mapping[Channel, NotificationKind]
"""What is sent of a record, by channel; a channel that is sent nothing is not in it."""


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """What a channel was sent of a record so far.

    Attributes:
        version: the last version that it was sent; 0 for none.
        severity: at the last alert or reminder; None if there was none.
        sent_at: when it was last sent an alert, a reminder or an import; None if never.
    """

    version: int = 0
    severity: Severity | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A finding or an action, as the ledger holds it now.

    Attributes:
        pk: the ledger's partition key.
        sk: the ledger's sort key.
        kind: what it is.
        version: counts its changes.
        severity: of a finding.
        muted: a person has asked for silence about it.
        finished: the action has succeeded or failed.
        always_told: it is an alert whatever its severity is.
        content: all its members, for messages.
        delivered: what each channel was sent of it.
    """

    pk: str
    sk: str
    kind: RecordKind
    version: int
    severity: Severity
    muted: bool
    finished: bool
    always_told: bool
    content: Mapping[str, Any]
    delivered: Mapping[Channel, DeliveryState]

    def is_due(self, now: datetime) -> bool:
        """Say whether something may have to be sent of it by *now*."""
        due_at = self.content.get("due_at")
        return due_at is not None and datetime.fromisoformat(due_at) <= now


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of the notifications.

    Attributes:
        minimum_severity: a finding below it is no alert, but for an account that nobody can watch.
        digest_after: more messages at once than this become one.
        reminder: how often an alert that is still open is repeated.
        security_hub: findings are imported into Security Hub.
        webhooks: there are some; they are sent what the topic is sent.
    """

    minimum_severity: Severity
    digest_after: int
    reminder: timedelta
    security_hub: bool = False
    webhooks: bool = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the section ``notifications`` of the configuration."""
        return cls(
            minimum_severity=Severity(settings["minimum_severity"]),
            digest_after=settings["digest_after"],
            reminder=timedelta(hours=settings["reminder_hours"]),
            security_hub=settings["security_hub"],
            webhooks=bool(settings["webhooks"]),
        )


def decide(record: Record, policy: Policy, now: datetime) -> Notification:
    """Return what has to be sent of *record* and was not sent yet."""
    kinds = {
        Channel.BUS: _event(record),
        Channel.TOPIC: _message(record, Channel.TOPIC, policy, now),
        Channel.WEBHOOKS: _message(record, Channel.WEBHOOKS, policy, now) if policy.webhooks else None,
        Channel.SECURITY_HUB: _import(record, now) if policy.security_hub else None,
    }
    return {channel: kind for channel, kind in kinds.items() if kind}


def due_again_at(record: Record, notification: Notification, policy: Policy, now: datetime) -> datetime | None:
    """Return when to look at *record* again, once *notification* was sent; None for not before it changes."""
    if record.kind is not RecordKind.OPEN or record.muted:
        return None  # a mute that ends changes the finding
    if _is_silent(record, policy):
        return now + policy.reminder  # a new configuration may want an alert of it
    channels = [Channel.TOPIC, Channel.WEBHOOKS] if policy.webhooks else [Channel.TOPIC]
    sent_at = [now if channel in notification else record.delivered[channel].sent_at or now for channel in channels]
    return min(sent_at) + policy.reminder


def _event(record: Record) -> NotificationKind | None:
    published = record.delivered[Channel.BUS].version
    if record.version <= published:
        return None
    match record.kind:
        case RecordKind.OPEN:
            return NotificationKind.CHANGED if published else NotificationKind.OPENED
        case RecordKind.CLOSED:
            return NotificationKind.RESOLVED
        case RecordKind.ACTION:
            return NotificationKind.ACTION_TAKEN if record.finished else None


def _import(record: Record, now: datetime) -> NotificationKind | None:
    """Import what changed, and what is still open before Security Hub deletes it."""
    if record.kind is RecordKind.ACTION:
        return None
    imported = record.delivered[Channel.SECURITY_HUB]
    is_old = imported.sent_at is None or now >= imported.sent_at + REFRESH
    is_wanted = record.version > imported.version or (record.kind is RecordKind.OPEN and not record.muted and is_old)
    return NotificationKind.IMPORT if is_wanted else None


def _message(record: Record, channel: Channel, policy: Policy, now: datetime) -> NotificationKind | None:
    sent = record.delivered[channel]
    if record.kind is RecordKind.ACTION:
        return None
    if record.kind is RecordKind.CLOSED:
        is_news = record.version > sent.version and sent.severity is not None
        return NotificationKind.ENDED if is_news else None
    if _is_silent(record, policy):
        return None
    if sent.severity is None or record.severity.rank > sent.severity.rank:
        return NotificationKind.ALERT
    if sent.sent_at is not None and now >= sent.sent_at + policy.reminder:
        return NotificationKind.REMINDER
    return None


def _is_silent(record: Record, policy: Policy) -> bool:
    """Say whether an open finding is no alert for as long as it does not change."""
    is_slight = record.severity.rank < policy.minimum_severity.rank
    return record.muted or (is_slight and not record.always_told)
