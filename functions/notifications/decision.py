"""What the notifications are about, in their own words; and what machines are sent of one record."""

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


TO_PEOPLE = (Channel.TOPIC, Channel.WEBHOOKS)
"""The channels that alert people."""


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

Kinds = Mapping[Channel, NotificationKind]
"""What is sent of a record, by channel; a channel that is sent nothing is not in it."""

_TOLD_OF = ("DONE", "FAILED")
"""How an action comes out of which people are told, if they want to."""


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """What a channel was sent of a record so far.

    Attributes:
        version: the last version that it was sent; 0 for none.
        severity: at the last alert or reminder; None if there was none.
        sent_at: when it was last sent an alert, a reminder or an import; None if never.
        highest: the highest severity at which it was sent an alert; None if there was none.
    """

    version: int = 0
    severity: Severity | None = None
    sent_at: datetime | None = None
    highest: Severity | None = None


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
        is_of_account: the whole account cannot be entered: it is one trouble whichever automation and Region saw it,
            and an alert whatever its severity is.
        content: all its members, for messages.
        delivered: what each channel was sent of it.
        muted_until: when the mute ends by itself; None if it is not muted.
    """

    pk: str
    sk: str
    kind: RecordKind
    version: int
    severity: Severity
    muted: bool
    finished: bool
    is_of_account: bool
    content: Mapping[str, Any]
    delivered: Mapping[Channel, DeliveryState]
    muted_until: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Its place in the ledger."""
        return self.pk, self.sk

    @property
    def automation(self) -> str:
        """The automation that wrote it."""
        return str(self.content["automation"])

    @property
    def account(self) -> str:
        """The account that it is about."""
        return str(self.content["account"])

    @property
    def check(self) -> str:
        """By what a finding was judged; empty for an action."""
        return str(self.content.get("check", ""))

    @property
    def thread_id(self) -> str:
        """The incident to which a finding belongs; one that an earlier version opened is an incident of its own."""
        return str(self.content.get("thread_id") or self.content.get("finding_id", ""))

    @property
    def opened(self) -> tuple[str, str, str]:
        """Where it stands among findings in the order in which they were opened."""
        return str(self.content.get("first_seen", "")), self.pk, self.sk

    @property
    def ended_at(self) -> str:
        """When it ended, as the ledger writes it; empty for what is open."""
        return str(self.content.get("ended_at", ""))

    @property
    def has_lapsed(self) -> bool:
        """Whether it ended because a deadline passed: that is no good end."""
        return self.content.get("status") == "LAPSED"

    @property
    def is_standing(self) -> bool:
        """Whether it is an open finding about which nobody has asked for silence."""
        return self.kind is RecordKind.OPEN and not self.muted

    @property
    def is_known(self) -> bool:
        """Whether people were alerted of it."""
        return any(self.delivered[channel].highest is not None for channel in TO_PEOPLE)

    @property
    def is_worth_telling(self) -> bool:
        """Whether it is an action that has changed something, or has failed to."""
        return self.kind is RecordKind.ACTION and self.finished and self.content.get("status") in _TOLD_OF

    def is_same_trouble(self, other: "Record") -> bool:
        """Say whether two automations, or two Regions, see the same: the whole account cannot be entered."""
        return self.is_of_account and other.is_of_account

    def is_due(self, now: datetime) -> bool:
        """Say whether something may have to be sent of it by *now*."""
        due_at = self.content.get("due_at")
        return due_at is not None and datetime.fromisoformat(due_at) <= now


def event_of(record: Record) -> NotificationKind | None:
    """Return the event that the bus has to be sent of *record* and was not sent yet.

    What has lapsed is not resolved: it has changed, and its status says to what.
    """
    published = record.delivered[Channel.BUS].version
    if record.version <= published:
        return None
    match record.kind:
        case RecordKind.OPEN:
            return NotificationKind.CHANGED if published else NotificationKind.OPENED
        case RecordKind.CLOSED:
            return NotificationKind.CHANGED if record.has_lapsed else NotificationKind.RESOLVED
        case RecordKind.ACTION:
            return NotificationKind.ACTION_TAKEN if record.finished else None


def import_of(record: Record, now: datetime) -> NotificationKind | None:
    """Import what changed, and what is still open before Security Hub deletes it."""
    if record.kind is RecordKind.ACTION:
        return None
    imported = record.delivered[Channel.SECURITY_HUB]
    is_old = imported.sent_at is None or now >= imported.sent_at + REFRESH
    is_wanted = record.version > imported.version or (record.is_standing and is_old)
    return NotificationKind.IMPORT if is_wanted else None
