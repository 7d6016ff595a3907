"""Sends what has to be sent of records, once, whoever brings them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.notifications.decision import Channel, NotificationKind, Record, RecordKind
from functions.notifications.effects import NotificationQueue
from functions.notifications.policy import Policy
from functions.notifications.sending import Sender, SentTogether
from functions.notifications.threads import Notification, decide, due_again_at
from functions.shared.finding import printable
from functions.shared.ledger.records import ACTION
from functions.shared.observability import log
from functions.shared.run.isolation import Isolation

_GRACE = timedelta(minutes=1)
"""The stream has this long to bring a record before the schedule takes it up."""

AT_ONCE = 2_000
"""Records that one invocation of the schedule takes: it can read, send and mark these long before its timeout.

A digest counts the records that are then marked, so that no two digests count the same one: 10,000 findings make five.
"""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Sends what has to be sent of records.

    The stream and the schedule only say where to look. What is sent depends on the record, and on what is open of the
    same thing, as they are now; and what was sent is marked on the record, so that one that comes twice is sent once.

    Attributes:
        queue: what is to be sent.
        sender: sends it.
        policy: what is sent when.
    """

    queue: NotificationQueue
    sender: Sender
    policy: Policy

    def notify_records(self, event: dict[str, Any], context: Any) -> Any:
        """Send what the records of the stream call for, and name those that failed."""
        now = datetime.now(UTC)
        changed = {key_of(record) for record in event["Records"] if self._may_tell(record, now)}
        is_storm = len(changed) > self.policy.digest_after
        return process_partial_response(
            event=event,
            record_handler=partial(self._notify_record, is_storm=is_storm, now=now),
            processor=BatchProcessor(event_type=EventType.DynamoDBStreams),
            context=context,
        )

    def notify_due(self, now: datetime) -> dict[str, int]:
        """Send what is due, the longest due first: what the stream lost, reminders, and what a storm left for a digest.

        Raises:
            ExceptionGroup: of what could not be sent; it stays due.
        """
        failed = Isolation()
        with failed.isolated():
            self.sender.publisher.find_bus()
        most = max(AT_ONCE, self.policy.digest_after + 1)
        due = [(record, self._decided(record, now)) for record in islice(self._due(now), most)]
        together = self.sender.send_together(due, now, failed)
        for record, notification in due:
            with failed.isolated():
                self._notify(record, notification, now, together)
        failed.close()
        digests = {(channel, name) for _, channel, name in together.taken if channel is Channel.TOPIC}
        return {"notified": sum(Channel.TOPIC in each.sendings for _, each in due), "digests": len(digests)}

    def _due(self, now: datetime) -> Iterator[Record]:
        """Read again what the index says is due: it lags behind, and the stream may have sent it since."""
        for key in self.queue.due(now - _GRACE):
            known = self.queue.record(*key, now)
            if known is not None and known.is_due(now):
                yield known

    def _notify_record(self, record: DynamoDBRecord, *, is_storm: bool, now: datetime) -> None:
        known = self.queue.record(*key_of(record.raw_event), now)
        if known is None:
            return
        notification = self._decided(known, now)
        if is_storm and notification.is_for_people:
            return  # it stays due: the schedule makes a digest
        if notification.sendings or notification.first or notification.heir:
            self._notify(known, notification, now, SentTogether())

    def _decided(self, record: Record, now: datetime) -> Notification:
        """Decide what is sent of a record; its thread is read where it can matter."""
        alone = decide(record, self.policy, now)
        if record.kind is RecordKind.ACTION or not (alone.sendings or record.kind is RecordKind.CLOSED):
            return alone
        return decide(record, self.policy, now, self.queue.thread(record, now))

    def _notify(self, record: Record, notification: Notification, now: datetime, together: SentTogether) -> None:
        """Send what was not sent together; a channel that fails keeps no other waiting."""
        for other in notification.first:
            if not other.is_due(now):
                self.queue.wake(other, now)
        is_handed_over = notification.heir is None or self.queue.hand_over(record, notification.heir)
        each, sent = Isolation(), dict[Channel, NotificationKind]()
        for channel, kind in notification.kinds.items():
            if self._send_all(channel, record, notification, now, together, each):
                sent[channel] = kind
        if sent == notification.kinds and is_handed_over and not notification.waiting:
            self.queue.mark(record, sent, due_again_at(record, notification, self.policy, now), now)
        elif sent:
            self.queue.mark_part(record, sent, now)
        each.close()

    def _send_all(  # noqa: PLR0913  # what is sent of what, where, when, beside what, and what fails
        self,
        channel: Channel,
        record: Record,
        notification: Notification,
        now: datetime,
        together: SentTogether,
        each: Isolation,
    ) -> bool:
        """Send every message of a channel that was not sent together; say whether all were taken."""
        is_taken = True
        for sending in notification.sendings[channel]:
            is_taken &= together.is_taken(record, channel, sending)
            if rest := together.rest(record, channel, sending, self.sender.incident_names):
                is_sent = False
                with each.isolated(_log_not_imported if channel is Channel.SECURITY_HUB else None):
                    self.sender.send(channel, rest, record, now)
                    is_sent = True
                is_taken &= is_sent
        return is_taken

    def _may_tell(self, record: Mapping[str, Any], now: datetime) -> bool:
        """Say whether a stream record may be about something of which people are told: it is due, and no mere mark."""
        image = record["dynamodb"].get("NewImage")
        if key_of(record)[1].startswith(ACTION) and not self.policy.tells_actions:
            return False
        due_at = (image or {}).get("due_at", {}).get("S")
        return image is None or (due_at is not None and datetime.fromisoformat(due_at) <= now)


def key_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the keys of the item that a stream record is about."""
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys["sk"]["S"]


def _log_not_imported(error: Exception) -> None:
    """Leave it to the schedule: if the stream waited for Security Hub, people would wait too."""
    log.warning("not imported yet", error=printable(str(error)))
