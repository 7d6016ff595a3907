"""Sends messages: one for each record, or one for many at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.notifications.asff import security_finding
from functions.notifications.decision import Channel, NotificationKind, Record, RecordKind
from functions.notifications.delivery import detail_of
from functions.notifications.effects import SecurityHub
from functions.notifications.messages import digest, message
from functions.notifications.policy import Policy
from functions.notifications.posts import digest_post, post
from functions.notifications.threads import Notification, Sending
from functions.shared.aws.calls import CallError
from functions.shared.aws.publisher import Publisher, TopicMessage
from functions.shared.deployment.webhooks import MESSAGE_POSTED
from functions.shared.finding import Severity
from functions.shared.run.isolation import Isolation

Decided = Collection[tuple[Record, Notification]]
"""Records, each with what has to be sent of it."""

_Part = tuple[tuple[str, str], Channel, str]
"""A record's key, a channel, and there the name of a webhook, or nothing."""


@dataclass(slots=True)
class SentTogether:
    """What was sent of many records at once.

    Attributes:
        tried: the parts that are in such a message; they are sent in no other.
        taken: those among them that the channel took.
    """

    tried: set[_Part] = field(default_factory=set)
    taken: set[_Part] = field(default_factory=set)

    def add(self, parts: Iterable[_Part], *, taken: bool) -> None:
        """Note that these parts were sent together, or that the channel refused them."""
        noted = set(parts)
        self.tried |= noted
        self.taken |= noted if taken else set()

    def is_taken(self, record: Record, channel: Channel, sending: Sending) -> bool:
        """Say whether no part of *sending* was refused."""
        parts = _parts(record, channel, sending)
        return (parts & self.tried) <= self.taken

    def rest(self, record: Record, channel: Channel, sending: Sending, resolving: Collection[str]) -> Sending | None:
        """Return what is left to be sent of the record alone; None for nothing.

        A digest resolves no incident, so that an end that does goes to the webhooks that keep incidents all the same.
        """
        left = [name for key, _, name in _parts(record, channel, sending) if (key, channel, name) not in self.tried]
        if sending.resolves:
            left += [name for name in sending.webhooks if name in resolving and name not in left]
        if channel is Channel.WEBHOOKS:
            ordered = tuple(name for name in sending.webhooks if name in left)
            return replace(sending, webhooks=ordered) if ordered else None
        return sending if left else None


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends messages through the channels of the hub.

    Attributes:
        publisher: of the topic and the bus, from which EventBridge takes what webhooks are sent.
        policy: the configuration.
        security_hub: None where the configuration does not ask for it.
    """

    publisher: Publisher
    policy: Policy
    security_hub: SecurityHub | None = None

    @property
    def incident_names(self) -> frozenset[str]:
        """The webhooks that keep an incident open until it is resolved."""
        return frozenset(name for group in self.policy.webhooks for name in group.incident_names)

    def send(self, channel: Channel, sending: Sending, record: Record, now: datetime) -> None:
        """Send one message of one record.

        Raises:
            CallError: the channel refused it.
        """
        kind = sending.kind
        match channel:
            case Channel.BUS:
                self.publisher.put_event(kind, detail_of(record), now, [record.content["resource"]])
            case Channel.TOPIC:
                text = message(record, kind, sending.others, now=now)
                self.publisher.publish(_with_filtered(text, [(record, kind)]))
            case Channel.WEBHOOKS:
                detail = post(record, kind, sending.others, sending.webhooks, now=now)
                self.publisher.put_event(MESSAGE_POSTED, detail, now)
            case Channel.SECURITY_HUB:
                refused = self._import([record], now)
                if refused:
                    raise _refusal(refused)

    def send_together(self, decided: Decided, now: datetime, failed: Isolation) -> SentTogether:
        """Send what is a storm as digests, and import findings into Security Hub, a hundred in a call."""
        together = SentTogether()
        self._send_digest(Channel.TOPIC, ("",), decided, together, now, failed)
        for group in self.policy.webhooks:
            self._send_digest(Channel.WEBHOOKS, group.names, decided, together, now, failed)
        records = [record for record, notification in decided if Channel.SECURITY_HUB in notification.sendings]
        if records:
            refused = self._import(records, now)
            for record in records:
                is_taken = record.content["finding_id"] not in refused
                together.add({(record.key, Channel.SECURITY_HUB, "")}, taken=is_taken)
            if refused:
                failed.errors.append(_refusal(refused))
        return together

    def _send_digest(  # noqa: PLR0913  # who is sent what, and what became of it
        self,
        channel: Channel,
        names: tuple[str, ...],
        decided: Decided,
        together: SentTogether,
        now: datetime,
        failed: Isolation,
    ) -> None:
        """Send receivers who want the same one message for a storm."""
        notified = [
            (record, sending.kind)
            for record, notification in decided
            for sending in notification.sendings.get(channel, ())
            if names[0] in (sending.webhooks or ("",))
        ]
        if len(notified) <= self.policy.digest_after:
            return
        parts = [(record.key, channel, name) for record, _ in notified for name in names]
        together.add(parts, taken=False)
        with failed.isolated():
            if channel is Channel.TOPIC:
                self.publisher.publish(_with_filtered(digest(notified, now=now), notified))
            else:
                self.publisher.put_event(MESSAGE_POSTED, digest_post(notified, names, now=now), now)
            together.add(parts, taken=True)

    def _import(self, records: Sequence[Record], now: datetime) -> set[str]:
        """Import findings into Security Hub; return the ids of those that it refused."""
        if self.security_hub is None:
            return set()
        product = self.security_hub.product
        return self.security_hub.take(security_finding(each, product, now) for each in records)


def _parts(record: Record, channel: Channel, sending: Sending) -> set[_Part]:
    return {(record.key, channel, name) for name in sending.webhooks or ("",)}


def _refusal(refused: Collection[str]) -> CallError:
    reason = f"{len(refused)} findings; the log names each"
    return CallError("BatchImportFindings", "FailedFindings", reason, retryable=True, answered=True)


def _with_filtered(text: TopicMessage, notified: Sequence[tuple[Record, NotificationKind]]) -> TopicMessage:
    """Add the attributes by which subscriptions of the topic filter: `Audience.filter_policy` has the other side.

    The end of a finding has the highest severity that it was told with, so that whoever was alerted hears of it. What
    is about many findings has every automation and account of theirs.
    """
    severities = [_alerted_severity(record) for record, _ in notified if record.kind is not RecordKind.ACTION]
    attributes: dict[str, str | Sequence[str]] = {**text.attributes}
    attributes.pop("severity", None)
    if severities:
        attributes["severity"] = max(severities, key=lambda each: each.rank)
    for name, values in (
        ("automation", {record.automation for record, _ in notified}),
        ("account", {record.account for record, _ in notified}),
    ):
        attributes[name] = min(values) if len(values) == 1 else sorted(values)
    return replace(text, attributes=attributes)


def _alerted_severity(record: Record) -> Severity:
    highest = record.delivered[Channel.TOPIC].highest
    return highest if highest and record.kind is RecordKind.CLOSED else record.severity
