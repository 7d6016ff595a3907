"""Who is told what of a record in the ledger: the nouns, and the decision."""

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


class Way(StrEnum):
    """A way out of the hub; its value names the member of a record that says which version was told there."""

    BUS = "published_version"
    PEOPLE = "told_version"
    WEBHOOKS = "posted_version"
    SECURITY_HUB = "imported_version"


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody has heard of a finding so far.

    Attributes:
        version: the last that they were told of, where others could not be.
        severity: at which they were last alerted; None if they never were.
        at: when they were last alerted or reminded.
    """

    version: int = 0
    severity: Severity | None = None
    at: datetime | None = None


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
        imported_version: the last version that Security Hub took.
        imported_at: when it did; None if it never did.
        posted: what webhooks have heard.
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
    imported_version: int = 0
    imported_at: datetime | None = None
    posted: Heard = Heard()

    @property
    def told(self) -> Heard:
        """What people have heard."""
        return Heard(self.told_version, self.alerted_severity, self.alerted_at)

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
        security_hub: findings are imported into Security Hub.
        webhooks: there are some, and they are told what people are told.
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


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be said of a record.

    Attributes:
        word: what people are told; None for nothing.
        event: the detail-type for the bus; empty for nothing.
        imported: Security Hub is told.
        post: what webhooks are told; the same as people, unless one of them could not be reached before.
    """

    word: Word | None
    event: str
    imported: bool = False
    post: Word | None = None

    @property
    def ways(self) -> frozenset[Way]:
        """The ways that it goes."""
        return frozenset(way for way in Way if (self.event if way is Way.BUS else self.by(way)))

    def by(self, way: Way) -> Word | bool | None:
        """Return what goes a way that is not the bus."""
        return {Way.PEOPLE: self.word, Way.WEBHOOKS: self.post, Way.SECURITY_HUB: self.imported}[way]


NOTHING = Telling(None, "")


def decide(record: Record, policy: Policy, now: datetime) -> Telling:
    """Say what is to be told of *record* that was not told yet."""
    return Telling(
        word=_word(record, record.told, policy, now),
        event=_event(record),
        imported=policy.security_hub and _is_imported(record, now),
        post=_word(record, record.posted, policy, now) if policy.webhooks else None,
    )


def due_again_at(record: Record, telling: Telling, policy: Policy, now: datetime) -> datetime | None:
    """Return when to look at *record* again, once *telling* was told; None for not before it changes."""
    if record.kind is not Kind.OPEN or record.muted:
        return None  # a mute that ends changes the finding
    if _is_silent(record, policy):
        return now + policy.reminder  # one that nobody was told of, too: a new configuration may want it told
    heard = [record.told.at if telling.word is None else now]
    if policy.webhooks:
        heard.append(record.posted.at if telling.post is None else now)
    return min(at or now for at in heard) + policy.reminder


def _event(record: Record) -> str:
    if record.version <= max(record.notified_version, record.published_version):
        return ""
    match record.kind:
        case Kind.OPEN:
            was_told = record.notified_version or record.published_version
            return "Finding Changed" if was_told else "Finding Opened"
        case Kind.CLOSED:
            return "Finding Resolved"
        case Kind.ACTION:
            return "Action Taken" if record.finished else ""


def _is_imported(record: Record, now: datetime) -> bool:
    """Say whether Security Hub has to hear of it, or would soon forget what is still open."""
    if record.kind is Kind.ACTION:
        return False
    is_old = record.imported_at is None or now >= record.imported_at + REFRESH
    return record.version > record.imported_version or (record.kind is Kind.OPEN and not record.muted and is_old)


def _word(record: Record, heard: Heard, policy: Policy, now: datetime) -> Word | None:
    if record.kind is Kind.ACTION:
        return None
    if record.kind is Kind.CLOSED:
        is_news = record.version > max(record.notified_version, heard.version)
        return Word.ENDED if is_news and heard.severity is not None else None
    if _is_silent(record, policy):
        return None
    if heard.severity is None or record.severity.rank > heard.severity.rank:
        return Word.ALERT
    if heard.at is not None and now >= heard.at + policy.reminder:
        return Word.REMINDER
    return None


def _is_silent(record: Record, policy: Policy) -> bool:
    """Say whether nobody is to be told of an open finding for as long as it does not change."""
    return record.muted or record.severity.rank < policy.minimum_severity.rank
