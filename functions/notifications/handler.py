"""Tells people and systems what the ledger holds: at once for what its stream brings, later for what it lost."""

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
from functions.notifications.decision import NOTHING, Policy, Record, Telling, Way, Word, decide, due_again_at
from functions.notifications.effects import Bus, NotImportedError, Outbox, SecurityHub, Topic
from functions.notifications.messages import digest, message
from functions.notifications.posts import digest_post, post
from functions.shared.aws.clients import Clients
from functions.shared.finding import printable
from functions.shared.ledger.records import ACTION
from functions.shared.ledger.table import Table
from functions.shared.observability import log
from functions.shared.run.cold_start import cold_start
from functions.shared.run.isolation import Isolation

_GRACE = timedelta(minutes=1)
"""The stream has this long to bring a record before the schedule takes it up."""

AT_ONCE = 2_000
"""Records that one invocation of the schedule takes: it can read, tell and mark these long before its timeout.

A digest counts what is then marked, so that no two digests count the same: 10,000 findings make five.
"""

_AtOnce = Mapping[Way, Collection[str]]
"""The ways that were gone for many records at once, each with the sort keys of those that it was gone for."""


def lambda_handler(event: object, context: Any) -> Any:
    """Tell what the records of the ledger's stream call for; without records, all that is due."""
    records = _records(event)
    if records is None:
        log.warning("event of an unknown shape: nothing is told", event_type=type(event).__name__)
        return {}
    crier = _crier(context)
    return crier.tell_records({"Records": records}, context) if records else crier.tell_due(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Crier:
    """Tells what is to be told of records: once, whoever brings them.

    The stream and the schedule only say where to look. What is told depends on the record as it is now, and what was
    told is marked on it, so that a record that comes twice is told once.

    Attributes:
        outbox: what is to be told.
        topic: for people.
        bus: for other systems.
        policy: who is told when.
        next_steps: what a person does, by check.
        security_hub: for compliance; None where the configuration does not ask for it.
    """

    outbox: Outbox
    topic: Topic
    bus: Bus
    policy: Policy
    next_steps: Mapping[str, str]
    security_hub: SecurityHub | None = None

    def tell_records(self, event: dict[str, Any], context: Any) -> Any:
        """Tell of the records that the stream brought, and name those that failed."""
        news = {_key(record) for record in event["Records"] if _is_news(record)}
        storm = len(news) > self.policy.digest_after
        return process_partial_response(
            event=event,
            record_handler=partial(self._tell_record, storm=storm, now=datetime.now(UTC)),
            processor=BatchProcessor(event_type=EventType.DynamoDBStreams),
            context=context,
        )

    def tell_due(self, now: datetime) -> dict[str, int]:
        """Tell what is due, the longest due first: what the stream lost, reminders, and what a storm left for a digest.

        Raises:
            ExceptionGroup: of what could not be told; it stays due.
        """
        failed = Isolation()
        most = max(AT_ONCE, self.policy.digest_after + 1)
        due = [(record, decide(record, self.policy, now)) for record in islice(self._due(now), most)]
        at_once = {
            **self._as_digest(Way.PEOPLE, due, now, failed),
            **self._as_digest(Way.WEBHOOKS, due, now, failed),
            **self._imported([record for record, telling in due if telling.imported], now, failed),
        }
        for record, telling in due:
            with failed.isolated():
                self._tell(record, telling, now, at_once)
        failed.close()
        told = sum(telling.word is not None for _, telling in due)
        return {"told": told, "digests": int(bool(at_once.get(Way.PEOPLE)))}

    def _as_digest(
        self, way: Way, due: Collection[tuple[Record, Telling]], now: datetime, failed: Isolation
    ) -> _AtOnce:
        """Tell people, or webhooks, of a storm in one message."""
        words = [(record, word) for record, telling in due if isinstance(word := telling.by(way), Word)]
        if len(words) <= self.policy.digest_after:
            return {}
        with failed.isolated():
            if way is Way.PEOPLE:
                self.topic.publish(digest(words))
            else:
                self.bus.post(digest_post(words), now)
            return {way: {record.sk for record, _ in words}}
        return {way: ()}

    def _imported(self, records: Collection[Record], now: datetime, failed: Isolation) -> _AtOnce:
        """Import findings into Security Hub, a hundred in a call."""
        if self.security_hub is None or not records:
            return {}
        steps, product = self.next_steps, self.security_hub.product
        findings = [security_finding(each, product, steps.get(each.content["check"], ""), now) for each in records]
        refused = self.security_hub.take(findings)
        if refused:
            failed.errors.append(NotImportedError(f"{len(refused)} findings; the log names each"))
        return {Way.SECURITY_HUB: {each.sk for each in records if each.content["finding_id"] not in refused}}

    def _due(self, now: datetime) -> Iterator[Record]:
        """Read again what the index says is due: it lags behind, and the stream may have told it since."""
        for hint in self.outbox.due(now - _GRACE):
            known = self.outbox.record(hint.pk, hint.sk)
            if known is not None and known.is_due(now):
                yield known

    def _tell_record(self, record: DynamoDBRecord, *, storm: bool, now: datetime) -> None:
        known = self.outbox.record(*_key(record.raw_event))
        if known is None:
            return
        telling = decide(known, self.policy, now)
        if telling == NOTHING or (storm and telling.ways - {Way.BUS}):
            return  # what a storm brings stays due: the schedule makes a digest of it
        self._tell(known, telling, now, {})

    def _tell(self, record: Record, telling: Telling, now: datetime, at_once: _AtOnce) -> None:
        """Tell what was not told at once; nobody has to wait for another who cannot be reached."""
        each = Isolation()
        done = {way for way, keys in at_once.items() if record.sk in keys}
        for way in Way:
            if way in telling.ways and way not in at_once:
                with each.isolated(_stays_due if way is Way.SECURITY_HUB else None):
                    self._go(way, record, telling, now)
                    done.add(way)
        if telling.ways == done:
            self.outbox.mark(record, telling, due_again_at(record, telling, self.policy, now), now)
        elif done:
            self.outbox.mark_part(record, telling, done, now)
        each.close()

    def _go(self, way: Way, record: Record, telling: Telling, now: datetime) -> None:
        next_step = self.next_steps.get(record.content.get("check", ""), "")
        match way, telling:
            case Way.BUS, _:
                self.bus.publish(telling.event, record, now)
            case Way.PEOPLE, Telling(word=Word() as word):
                self.topic.publish(message(record, word, next_step))
            case Way.WEBHOOKS, Telling(post=Word() as word):
                self.bus.post(post(record, word, next_step), now)
            case Way.SECURITY_HUB, _:
                failed = Isolation()
                self._imported([record], now, failed)
                failed.close()


def _stays_due(error: Exception) -> None:
    """Leave it to the schedule: a stream that waited for Security Hub would keep people waiting."""
    log.warning("not imported yet", error=printable(str(error)))


def _crier(context: Any) -> Crier:
    """Put together what one invocation needs: what it has given up, the next one tries again."""
    settings, clients = cold_start(os.environ["LAMBDA_TASK_ROOT"])
    region = settings.hub_region
    policy = Policy.from_settings(settings.section("notifications"))
    return Crier(
        outbox=Outbox(Table(clients.calls("dynamodb", region), os.environ["LEDGER_TABLE"])),
        topic=Topic(clients.calls("sns", region), os.environ["TOPIC_ARN"]),
        bus=Bus(clients.calls("events", region), os.environ["BUS_NAME"]),
        policy=policy,
        next_steps=settings.document["next_steps"],
        security_hub=_security_hub(clients, region, context) if policy.security_hub else None,
    )


def _security_hub(clients: Clients, region: str, context: Any) -> SecurityHub:
    _, partition, _, _, account, *_ = context.invoked_function_arn.split(":")
    return SecurityHub(clients.calls("securityhub", region), Product(partition, region, account))


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


def _is_news(record: Mapping[str, Any]) -> bool:
    """Say whether a stream record may be about a finding that people were not told of: neither an action nor a mark."""
    image = record["dynamodb"].get("NewImage", {})
    versions = [int(image.get(name, {}).get("N", 0)) for name in ("version", "notified_version")]
    return not _key(record)[1].startswith(ACTION) and (not image or versions[0] > versions[1])


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys["sk"]["S"]
