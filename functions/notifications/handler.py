"""Sends what the ledger holds: at once what its stream brings, later what the stream lost, digests and reminders."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.notifications.asff import Product, security_finding
from functions.notifications.decision import (
    Channel,
    Notification,
    NotificationKind,
    Policy,
    Record,
    decide,
    due_again_at,
)
from functions.notifications.delivery import NOTIFIED_VERSION, detail_of
from functions.notifications.effects import NotificationQueue, SecurityHub
from functions.notifications.machinery import Notice, notice_of, tell
from functions.notifications.manifest import AUTOMATION
from functions.notifications.messages import digest, message
from functions.notifications.posts import digest_post, post
from functions.shared.aws.calls import CallError
from functions.shared.aws.publisher import Publisher
from functions.shared.deployment.webhooks import MESSAGE_POSTED
from functions.shared.finding import printable
from functions.shared.ledger.records import ACTION
from functions.shared.ledger.table import Table
from functions.shared.observability import log
from functions.shared.run.cold_start import hub_of
from functions.shared.run.events import Selection
from functions.shared.run.isolation import Isolation

_GRACE = timedelta(minutes=1)
"""The stream has this long to bring a record before the schedule takes it up."""

AT_ONCE = 2_000
"""Records that one invocation of the schedule takes: it can read, send and mark these long before its timeout.

A digest counts the records that are then marked, so that no two digests count the same one: 10,000 findings make five.
"""

_SentTogether = Mapping[Channel, Collection[str]]
"""The channels that were sent many records at once, each with the sort keys of those that it took."""


def lambda_handler(event: object, context: Any) -> Any:
    """Send what the records of the ledger's stream call for; without records, all that is due.

    An event about the machinery itself is told as such.
    """
    if notice := notice_of(event):
        return _tell(notice, context)
    records = _records(event)
    if records is None:
        log.warning("event of an unknown shape: nothing is sent", event_type=type(event).__name__)
        return {}
    notifier = _notifier(context)
    if records:
        return notifier.notify_records({"Records": records}, context)
    return notifier.notify_due(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Notifier:
    """Sends what has to be sent of records: once, whoever brings them.

    The stream and the schedule only say where to look. What is sent depends on the record as it is now, and what was
    sent is marked on it, so that a record that comes twice is sent once.

    Attributes:
        queue: what is to be sent.
        publisher: of the topic and the bus, from which EventBridge takes what webhooks are sent.
        policy: what is sent when.
        security_hub: None where the configuration does not ask for it.
    """

    queue: NotificationQueue
    publisher: Publisher
    policy: Policy
    security_hub: SecurityHub | None = None

    def notify_records(self, event: dict[str, Any], context: Any) -> Any:
        """Send what the records of the stream call for, and name those that failed."""
        changed = {_key(record) for record in event["Records"] if _may_alert(record)}
        is_storm = len(changed) > self.policy.digest_after
        return process_partial_response(
            event=event,
            record_handler=partial(self._notify_record, is_storm=is_storm, now=datetime.now(UTC)),
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
            self.publisher.find_bus()
        most = max(AT_ONCE, self.policy.digest_after + 1)
        due = [(record, decide(record, self.policy, now)) for record in islice(self._due(now), most)]
        sent_together = {
            **self._send_digest(Channel.TOPIC, due, now, failed),
            **self._send_digest(Channel.WEBHOOKS, due, now, failed),
            **self._import([record for record, sent in due if Channel.SECURITY_HUB in sent], now, failed),
        }
        for record, notification in due:
            with failed.isolated():
                self._notify(record, notification, now, sent_together)
        failed.close()
        notified = sum(Channel.TOPIC in notification for _, notification in due)
        return {"notified": notified, "digests": int(bool(sent_together.get(Channel.TOPIC)))}

    def _send_digest(
        self, channel: Channel, due: Collection[tuple[Record, Notification]], now: datetime, failed: Isolation
    ) -> _SentTogether:
        """Send the topic, or webhooks, one message for a storm."""
        notified = [(record, notification[channel]) for record, notification in due if channel in notification]
        if len(notified) <= self.policy.digest_after:
            return {}
        with failed.isolated():
            if channel is Channel.TOPIC:
                self.publisher.publish(digest(notified, now=now))
            else:
                self.publisher.put_event(MESSAGE_POSTED, digest_post(notified, now=now), now)
            return {channel: {record.sk for record, _ in notified}}
        return {channel: ()}

    def _import(self, records: Collection[Record], now: datetime, failed: Isolation) -> _SentTogether:
        """Import findings into Security Hub, a hundred in a call."""
        if self.security_hub is None or not records:
            return {}
        product = self.security_hub.product
        refused = self.security_hub.take(security_finding(each, product, now) for each in records)
        if refused:
            reason = f"{len(refused)} findings; the log names each"
            failed.errors.append(
                CallError("BatchImportFindings", "FailedFindings", reason, retryable=True, answered=True)
            )
        return {Channel.SECURITY_HUB: {each.sk for each in records if each.content["finding_id"] not in refused}}

    def _due(self, now: datetime) -> Iterator[Record]:
        """Read again what the index says is due: it lags behind, and the stream may have sent it since."""
        for hint in self.queue.due(now - _GRACE):
            known = self.queue.record(hint.pk, hint.sk)
            if known is not None and known.is_due(now):
                yield known

    def _notify_record(self, record: DynamoDBRecord, *, is_storm: bool, now: datetime) -> None:
        known = self.queue.record(*_key(record.raw_event))
        if known is None:
            return
        notification = decide(known, self.policy, now)
        if notification and not (is_storm and notification.keys() - {Channel.BUS}):
            self._notify(known, notification, now, {})  # the rest of a storm stays due: the schedule makes a digest

    def _notify(self, record: Record, notification: Notification, now: datetime, sent_together: _SentTogether) -> None:
        """Send what was not sent together; a channel that fails keeps no other waiting."""
        each = Isolation()
        sent = {channel: kind for channel, kind in notification.items() if record.sk in sent_together.get(channel, ())}
        for channel, kind in notification.items():
            if channel not in sent_together:
                with each.isolated(_log_not_imported if channel is Channel.SECURITY_HUB else None):
                    self._send(channel, kind, record, now)
                    sent[channel] = kind
        if sent == notification:
            self.queue.mark(record, notification, due_again_at(record, notification, self.policy, now), now)
        elif sent:
            self.queue.mark_part(record, sent, now)
        each.close()

    def _send(self, channel: Channel, kind: NotificationKind, record: Record, now: datetime) -> None:
        match channel:
            case Channel.BUS:
                self.publisher.put_event(kind, detail_of(record), now, [record.content["resource"]])
            case Channel.TOPIC:
                self.publisher.publish(message(record, kind, now=now))
            case Channel.WEBHOOKS:
                self.publisher.put_event(MESSAGE_POSTED, post(record, kind, now=now), now)
            case Channel.SECURITY_HUB:
                failed = Isolation()
                self._import([record], now, failed)
                failed.close()


def _log_not_imported(error: Exception) -> None:
    """Leave it to the schedule: if the stream waited for Security Hub, people would wait too."""
    log.warning("not imported yet", error=printable(str(error)))


def _notifier(context: Any) -> Notifier:
    """Return what one invocation needs: a call that one invocation has given up, the next one tries again."""
    hub = hub_of(context)
    clients, region = hub.clients, hub.settings.hub_region
    policy = Policy.from_settings(hub.settings.section("notifications"))
    sns, events = clients.calls("sns", region), clients.calls("events", region)
    product = Product(hub.partition, region, hub.account)
    return Notifier(
        queue=NotificationQueue(Table(clients.calls("dynamodb", region), os.environ["LEDGER_TABLE"])),
        publisher=Publisher(sns, events, os.environ["TOPIC_ARN"], os.environ["BUS_NAME"]),
        policy=policy,
        security_hub=SecurityHub(clients.calls("securityhub", region), product) if policy.security_hub else None,
    )


def _tell(notice: Notice, context: Any) -> dict[str, int]:
    """Tell people of the machinery, if it is the hub's own or stands where a forwarder of this hub does."""
    hub = hub_of(context)
    automations = (AUTOMATION.name, *hub.settings.document["target_regions"])
    where = Selection(notice.account, notice.region)
    targets = (target for automation in automations for target in hub.targets(automation, where))
    has_forwarder = notice.trouble.is_of_forwarder and any(target.region == notice.region for target in targets)
    if notice.account != hub.account and not has_forwarder:
        log.warning("event from outside the scope", account=notice.account, region=notice.region)
        return {"notified": 0}
    notifier = _notifier(context)
    return tell(notice, notifier.queue.table, notifier.publisher, datetime.now(UTC))


def _records(event: object) -> list[dict[str, Any]] | None:
    """Return the stream records of an event that name an item of the ledger; none for the schedule's event."""
    match event:
        case {"Records": list(records)}:
            return [record for record in records if _names_an_item(record)] or None
        case {"source": "watchkeeper"}:
            return []
        case _:
            return None


def _names_an_item(record: object) -> bool:
    match record:
        case {"dynamodb": {"Keys": {"pk": {"S": str()}, "sk": {"S": str()}}}}:
            return True
        case _:
            return False


def _may_alert(record: Mapping[str, Any]) -> bool:
    """Say whether a stream record may be about a finding that was not sent yet: neither an action nor a mark."""
    image = record["dynamodb"].get("NewImage", {})
    version, notified = [int(image.get(name, {}).get("N", 0)) for name in ("version", NOTIFIED_VERSION)]
    return not _key(record)[1].startswith(ACTION) and (not image or version > notified)


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys["sk"]["S"]
