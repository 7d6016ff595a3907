"""What is sent of a record, in the light of what else is open of the same thing: the decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.notifications.decision import (
    TO_PEOPLE,
    Channel,
    Kinds,
    NotificationKind,
    Record,
    RecordKind,
    event_of,
    import_of,
)
from functions.notifications.policy import EVERYBODY, Policy
from functions.notifications.receivers import all_receivers

PATIENCE = timedelta(hours=1)
"""So long an end waits until people are told of what takes its place; then it is told all the same."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message.

    Attributes:
        kind: what it says.
        others: the other open findings of the thread that its receivers know of.
        webhooks: names of those that receive it; empty on every other channel.
    """

    kind: NotificationKind
    others: tuple[Record, ...] = ()
    webhooks: tuple[str, ...] = ()

    @property
    def resolves(self) -> bool:
        """Whether it resolves the incident of the thread."""
        return self.kind is NotificationKind.ENDED and not self.others


@dataclass(frozen=True, slots=True)
class Notification:
    """What has to be sent of a record and was not sent yet.

    Attributes:
        sendings: by channel; one that is sent nothing is not in it.
        first: open findings of the thread of which people have to be told before.
        waiting: an end is not told yet, because people are not told of those.
        heir: another automation or Region sees the same trouble, and people know it from this record alone: the heir
            is marked in its place, and its end is told.
    """

    sendings: Mapping[Channel, tuple[Sending, ...]] = field(default_factory=dict)
    first: tuple[Record, ...] = ()
    waiting: bool = False
    heir: Record | None = None

    @property
    def kinds(self) -> Kinds:
        """What each channel is sent."""
        return {channel: sendings[0].kind for channel, sendings in self.sendings.items()}

    @property
    def is_for_people(self) -> bool:
        """Whether a person reads any of it, or Security Hub shows it."""
        return bool(self.sendings.keys() - {Channel.BUS})


def decide(record: Record, policy: Policy, now: datetime, thread: Sequence[Record] = ()) -> Notification:
    """Return what has to be sent of *record* and was not sent yet.

    Args:
        record: as the ledger holds it now.
        policy: the configuration.
        now: the present time.
        thread: the other findings of the thread that are open, or that ended with the record.
    """
    standing = [each for each in thread if each.is_standing]
    heir = _heir(record, standing, policy)
    is_heard = record.is_standing and policy.is_audible(record, EVERYBODY)
    first = () if is_heard or heir else tuple(_untold(standing, policy, now))
    is_waiting = bool(first) and _waits(record, now)
    sendings = {
        Channel.BUS: _alone(event_of(record)),
        Channel.SECURITY_HUB: _alone(import_of(record, now) if policy.security_hub else None),
    }
    for channel in () if is_waiting or heir else TO_PEOPLE:
        sendings[channel] = _messages(record, thread, channel, policy, now)
    return Notification({channel: each for channel, each in sendings.items() if each}, first, is_waiting, heir)


def due_again_at(record: Record, notification: Notification, policy: Policy, now: datetime) -> datetime | None:
    """Return when to look at *record* again, once *notification* was sent; None for not before it changes."""
    if record.kind is not RecordKind.OPEN:
        return None
    later = now + policy.reminder  # a new configuration, or an end in the thread, may want an alert of it
    if record.muted_until:
        return min(record.muted_until + timedelta(seconds=1), later)
    channels = [channel for channel in TO_PEOPLE if channel is Channel.TOPIC or policy.webhooks]
    sent_at = [now if each in notification.sendings else record.delivered[each].sent_at or now for each in channels]
    due_at = min(sent_at) + policy.reminder
    return due_at if due_at > now else later


def _alone(kind: NotificationKind | None) -> tuple[Sending, ...]:
    return (Sending(kind),) if kind else ()


def _messages(
    record: Record, thread: Sequence[Record], channel: Channel, policy: Policy, now: datetime
) -> tuple[Sending, ...]:
    """Return the messages of a channel: one for all receivers who have to be told the same."""
    messages: dict[tuple[NotificationKind, frozenset[tuple[str, str]]], Sending] = {}
    for receivers in all_receivers(channel, policy):
        if kind := receivers.kind(record, thread, now):
            others = tuple(each for each in thread if each.is_standing and receivers.knows(each))
            text = kind, frozenset(each.key for each in others)
            before = messages[text].webhooks if text in messages else ()
            messages[text] = Sending(kind, others, (*before, *receivers.names))
    return tuple(messages.values())


def _untold(standing: Sequence[Record], policy: Policy, now: datetime) -> Iterator[Record]:
    """Yield what is open and has to be told."""
    for record in standing:
        others = [each for each in standing if each is not record]
        if any(_messages(record, others, channel, policy, now) for channel in TO_PEOPLE):
            yield record


def _waits(record: Record, now: datetime) -> bool:
    """Say whether *record* is an end that people have to be told of, and that is not old yet."""
    is_end = record.kind is RecordKind.CLOSED and record.is_known
    return is_end and now < datetime.fromisoformat(record.ended_at) + PATIENCE


def _heir(record: Record, standing: Sequence[Record], policy: Policy) -> Record | None:
    """Return the record whose trouble people know from *record* alone, which has ended."""
    same = [each for each in standing if each.is_same_trouble(record) and policy.is_audible(each, EVERYBODY)]
    if record.kind is not RecordKind.CLOSED or not record.is_known or any(each.is_known for each in same):
        return None
    return min(same, key=lambda each: each.opened, default=None)
