"""What one group of receivers has to be told of a record, by what it knows already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.notifications.decision import Channel, NotificationKind, Record, RecordKind
from functions.notifications.policy import Policy
from functions.shared.deployment.audience import Audience


@dataclass(frozen=True, slots=True)
class Receivers:
    """Those who want to be told of the same, through one channel.

    Attributes:
        channel: which reaches them.
        audience: what they want to be told of.
        policy: the configuration.
        names: of webhooks; empty on the topic, whose subscriptions filter by themselves.
    """

    channel: Channel
    audience: Audience
    policy: Policy
    names: tuple[str, ...] = ()

    def knows(self, record: Record) -> bool:
        """Say whether they were told of a finding."""
        highest = record.delivered[self.channel].highest
        return highest is not None and self.audience.admits(highest, record.automation, record.account)

    def kind(self, record: Record, thread: Sequence[Record], now: datetime) -> NotificationKind | None:
        """Return what has become of *record*, if they have to be told.

        Args:
            record: as the ledger holds it now.
            thread: the other findings of the thread that are open, or that ended with the record.
            now: the present time.
        """
        match record.kind:
            case RecordKind.OPEN:
                return self._of_open(record, [each for each in thread if each.is_standing], now)
            case RecordKind.CLOSED:
                return self._of_closed(record, thread)
            case RecordKind.ACTION:
                is_news = record.is_worth_telling and record.version > record.delivered[self.channel].version
                is_wanted = self.audience.actions and self.audience.covers(record.automation, record.account)
                return NotificationKind.ACTION if is_news and is_wanted else None

    def _of_open(self, record: Record, others: Sequence[Record], now: datetime) -> NotificationKind | None:
        if not self._is_audible(record) or any(self._silences(each, record) for each in others):
            return None
        sent = record.delivered[self.channel]
        if not self.knows(record):
            return self._first(record, [each for each in others if self.knows(each)])
        if sent.severity is not None and record.severity.rank > sent.severity.rank:
            return NotificationKind.WORSE
        if sent.sent_at is not None and now >= sent.sent_at + self.policy.reminder:
            return NotificationKind.REMINDER
        return None

    def _of_closed(self, record: Record, thread: Sequence[Record]) -> NotificationKind | None:
        is_news = record.version > record.delivered[self.channel].version
        if not is_news or not self.knows(record):
            return None
        known = [each for each in thread if not each.muted and self.knows(each)]
        if any(self._takes_its_place(each, record) for each in known):
            return None
        return NotificationKind.LAPSED if record.has_lapsed else NotificationKind.ENDED

    def _is_audible(self, record: Record) -> bool:
        return self.policy.is_audible(record, self.audience)

    def _silences(self, other: Record, record: Record) -> bool:
        """Say whether what is told of *other* makes a message about *record* superfluous."""
        if not self._is_audible(other):
            return False
        if not record.is_same_trouble(other):
            return self.policy.is_superseded(record, other)
        if self.knows(record) is not self.knows(other):
            return self.knows(other)
        return other.opened < record.opened

    def _takes_its_place(self, other: Record, record: Record) -> bool:
        """Say whether what is told of *other* makes a message about the end of *record* superfluous.

        So it is if it says more of the same; if it is the same trouble, and still open; or if it was opened when
        *record* ended: then the same run has judged the same thing by another check.
        """
        opened_at, _, _ = other.opened
        is_successor = opened_at == record.ended_at and other.check != record.check
        goes_on = other.is_standing and (is_successor or other.is_same_trouble(record))
        return goes_on or self.policy.is_superseded(record, other)

    def _first(self, record: Record, known: Sequence[Record]) -> NotificationKind:
        """Say whether a finding that they do not know is worse than what they know of the same thing."""
        is_worse = any(
            self.policy.is_superseded(each, record) or record.severity.rank > self._highest(each) for each in known
        )
        is_worst = all(record.severity.rank >= self._highest(each) for each in known)
        return NotificationKind.WORSE if is_worse and is_worst else NotificationKind.ALERT

    def _highest(self, record: Record) -> int:
        highest = record.delivered[self.channel].highest
        return -1 if highest is None else highest.rank


def all_receivers(channel: Channel, policy: Policy) -> list[Receivers]:
    """Return the receivers of a channel."""
    if channel is Channel.WEBHOOKS:
        return [Receivers(channel, group.audience, policy, group.names) for group in policy.webhooks]
    return [Receivers(channel, Audience(actions=policy.mails_actions), policy)]
