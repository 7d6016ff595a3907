"""Who is told what of a record in the ledger: the nouns, and the decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from functions.shared.finding import Severity


class Kind(StrEnum):
    """What a record of the ledger is."""

    OPEN = "open"
    CLOSED = "closed"
    ACTION = "action"


class Word(StrEnum):
    """What a person is told."""

    ALERT = "alert"
    REMINDER = "reminder"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Record:
    """A finding or an action, as the ledger holds it now.

    Attributes:
        pk: the ledger's partition key.
        sk: the ledger's sort key.
        kind: what it is.
        version: counts its changes.
        notified_version: the last version that the bus and the people concerned were told of.
        severity: of a finding.
        muted: a person has asked for silence about it.
        alerted_severity: the severity at which people were last alerted of it; None if they never were.
        alerted_at: when they were last alerted or reminded.
        finished: an action has come out, one way or the other.
        content: all its members, for messages.
        published_version: the last version that the bus was told of, where people could not be.
        told_version: the last version that people were told of, where the bus could not be.
    """

    pk: str
    sk: str
    kind: Kind
    version: int
    notified_version: int
    severity: Severity
    muted: bool
    alerted_severity: Severity | None
    alerted_at: datetime | None
    finished: bool
    content: Mapping[str, Any]
    published_version: int = 0
    told_version: int = 0

    def is_due(self, now: datetime) -> bool:
        """Say whether somebody may have to be told of it by *now*."""
        due_at = self.content.get("due_at")
        return due_at is not None and datetime.fromisoformat(due_at) <= now


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of the notifications.

    Attributes:
        minimum_severity: what is less severe alerts nobody.
        digest_after: more messages at once than this become one.
        reminder: how often an alert that is still open is repeated.
    """

    minimum_severity: Severity
    digest_after: int
    reminder: timedelta

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the section ``notifications`` of the configuration."""
        return cls(
            minimum_severity=Severity(settings["minimum_severity"]),
            digest_after=settings["digest_after"],
            reminder=timedelta(hours=settings["reminder_hours"]),
        )


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be said of a record.

    Attributes:
        word: what people are told; None for nothing.
        event: the detail-type for the bus; empty for nothing.
    """

    word: Word | None
    event: str


NOTHING = Telling(None, "")


def decide(record: Record, policy: Policy, now: datetime) -> Telling:
    """Say what is to be told of *record* that was not told yet."""
    return Telling(_word(record, policy, now), _event(record))


def due_again_at(record: Record, word: Word | None, policy: Policy, now: datetime) -> datetime | None:
    """Return when to look at *record* again, once *word* of it was told; None for not before it changes."""
    if record.kind is not Kind.OPEN or record.muted:
        return None  # a mute that ends changes the finding
    if word is not None or record.alerted_at is None:
        return now + policy.reminder  # one that nobody was told of, too: a new configuration may want it told
    return record.alerted_at + policy.reminder if not _is_silent(record, policy) else now + policy.reminder


def _event(record: Record) -> str:
    if record.version <= max(record.notified_version, record.published_version):
        return ""
    match record.kind:
        case Kind.OPEN:
            return "Finding Opened" if record.notified_version == 0 else "Finding Changed"
        case Kind.CLOSED:
            return "Finding Resolved"
        case Kind.ACTION:
            return "Action Taken" if record.finished else ""


def _word(record: Record, policy: Policy, now: datetime) -> Word | None:
    if record.kind is Kind.ACTION:
        return None
    if record.kind is Kind.CLOSED:
        is_news = record.version > max(record.notified_version, record.told_version)
        return Word.ENDED if is_news and record.alerted_severity is not None else None
    if _is_silent(record, policy):
        return None
    if record.alerted_severity is None or record.severity.rank > record.alerted_severity.rank:
        return Word.ALERT
    if record.alerted_at is not None and now >= record.alerted_at + policy.reminder:
        return Word.REMINDER
    return None


def _is_silent(record: Record, policy: Policy) -> bool:
    """Say whether nobody is to be told of an open finding for as long as it does not change."""
    return record.muted or record.severity.rank < policy.minimum_severity.rank
