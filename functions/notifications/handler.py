"""Tells people and the bus what the ledger holds: at once for what its stream brings, later for what it lost."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.notifications.decision import NOTHING, Policy, Record, Telling, decide, due_again_at
from functions.notifications.effects import Bus, Outbox, Topic
from functions.notifications.messages import digest, message
from functions.shared.handling import furniture
from functions.shared.isolation import Isolation
from functions.shared.observability import log
from functions.shared.records import ACTION
from functions.shared.table import Table

_GRACE = timedelta(minutes=1)
"""The stream has this long to bring a record before the schedule takes it up."""


def lambda_handler(event: object, context: Any) -> Any:
    """Tell what the records of the ledger's stream call for; without records, all that is due."""
    records = _records(event)
    if records is None:
        log.warning("event of an unknown shape: nothing is told", event_type=type(event).__name__)
        return {}
    crier = _crier()
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
    """

    outbox: Outbox
    topic: Topic
    bus: Bus
    policy: Policy
    next_steps: Mapping[str, str]

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
        """Tell all that is due: what the stream lost, reminders, and what a storm left for a digest.

        Raises:
            ExceptionGroup: of what could not be told; it stays due.
        """
        failed = Isolation()
        due = [(record, decide(record, self.policy, now)) for record in self._due(now)]
        words = [(record, telling.word) for record, telling in due if telling.word]
        as_digest = len(words) > self.policy.digest_after
        if as_digest:
            self.topic.publish(digest(words))
        for record, telling in due:
            with failed.piece():
                self._tell(record, telling, now, people_know=as_digest)
        failed.close()
        return {"told": len(words), "digests": int(as_digest)}

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
        if telling == NOTHING or (storm and telling.word):
            return  # what a storm brings stays due: the schedule makes a digest of it
        self._tell(known, telling, now, people_know=False)

    def _tell(self, record: Record, telling: Telling, now: datetime, *, people_know: bool) -> None:
        """Tell people and the bus, neither of whom has to wait for the other."""
        each = Isolation()
        published = told = False
        with each.piece():
            if telling.event:
                self.bus.publish(telling.event, record, now)
            published = True
        with each.piece():
            if telling.word and not people_know:
                self.topic.publish(message(record, telling.word, self.next_steps.get(record.content["check"], "")))
            told = True
        if published and told:
            again = due_again_at(record, telling.word, self.policy, now)
            self.outbox.mark(record, telling.word, again, now)
        elif published or told:
            self.outbox.mark_half(record, telling.word, published=published, now=now)
        each.close()


def _crier() -> Crier:
    """Put together what one invocation needs: what it has given up, the next one tries again."""
    settings, clients = furniture(os.environ["LAMBDA_TASK_ROOT"])
    region = settings.hub_region
    return Crier(
        outbox=Outbox(Table(clients.calls("dynamodb", region), os.environ["LEDGER_TABLE"])),
        topic=Topic(clients.calls("sns", region), os.environ["TOPIC_ARN"]),
        bus=Bus(clients.calls("events", region), os.environ["BUS_NAME"]),
        policy=Policy.from_settings(settings.section("notifications")),
        next_steps=settings.document["next_steps"],
    )


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
