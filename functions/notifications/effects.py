"""The ledger, the topic, the bus and Security Hub, as the notifications use them."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.notifications.asff import Product, SecurityFinding, batches
from functions.notifications.decision import Heard, Kind, Record, Telling, Way, Word
from functions.notifications.messages import Message
from functions.notifications.posts import detail_of
from functions.shared.aws.calls import CallError, Calls
from functions.shared.finding import Severity, printable
from functions.shared.ledger.records import CLOSED, DUE_INDEX, NOTIFY_QUEUE, OPEN, Item, moment, timestamp
from functions.shared.ledger.table import Table, unless_condition_failed
from functions.shared.observability import log
from functions.shared.webhooks import MESSAGE_POSTED

_INVALID = "InvalidInputException"


class NotPublishedError(Exception):
    """EventBridge did not take an event."""


class NotImportedError(Exception):
    """Security Hub did not take a finding."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Reads what is to be told from the ledger, and marks what was told.

    Attributes:
        table: the ledger, in the hub's account and Region.
    """

    table: Table

    def record(self, pk: str, sk: str) -> Record | None:
        """Return a record as it is now; None if it is not there any more."""
        item = self.table.get(pk, sk)
        return as_record(item) if item else None

    def due(self, until: datetime) -> Iterator[Record]:
        """Yield the records that have been due since *until* or longer, the longest due first."""
        values = {":queue": NOTIFY_QUEUE, ":until": timestamp(until)}
        yield from map(as_record, self.table.in_index(DUE_INDEX, "queue = :queue AND due_at <= :until", values))

    def mark(self, record: Record, telling: Telling, due_again_at: datetime | None, now: datetime) -> None:
        """Write down that all of *telling* was told of *record*, and when it is due again.

        A record that changed in the meantime stays due: only what was told is written down. One that was closed in the
        meantime is left alone: the closed one tells its own end.
        """
        told = {"notified_version": record.version, **_marks(record, telling, telling.ways, now)}
        due = {"due_at": timestamp(due_again_at)} if due_again_at else {}
        is_unchanged: dict[str, Any] = {"condition": "version = :seen", "values": {":seen": record.version}}
        try:
            self.table.change(record.content, told | due, **is_unchanged, without=() if due else ("queue", "due_at"))
        except CallError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            self._mark_changed(record, told, now)

    def mark_part(self, record: Record, telling: Telling, ways: Collection[Way], now: datetime) -> None:
        """Write down that *telling* went these *ways* and no other; the record stays due, behind what was so before."""
        told: Item = {way.value: record.version for way in ways}
        told |= {**_marks(record, telling, ways, now), "due_at": timestamp(now)}
        with unless_condition_failed():
            self.table.change(record.content, told, condition="attribute_exists(sk)")

    def _mark_changed(self, record: Record, told: Item, now: datetime) -> None:
        """Mark a record that changed since; where it was closed since, let the closed one tell its end."""
        try:
            self.table.change(record.content, told, condition="notified_version < :notified_version")
        except CallError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            self._mark_closed(record, told, now)

    def _mark_closed(self, record: Record, told: Item, now: datetime) -> None:
        prefix = f"{CLOSED}{record.content.get('finding_id', '')}#"
        closed = list(self.table.between(record.pk, prefix, f"{prefix}~"))[-1:]
        for item in closed:
            if item["version"] > record.version and {"alerted_severity", "posted_severity"} & told.keys():
                again = {"queue": NOTIFY_QUEUE, "due_at": timestamp(now)}
                self.table.change(item, told | again, condition="attribute_exists(sk)")


@dataclass(frozen=True, slots=True)
class Topic:
    """The SNS topic that people subscribe to."""

    calls: Calls
    arn: str

    def publish(self, message: Message) -> None:
        """Send *message*, in the text of each protocol.

        Raises:
            CallError: SNS refused it.
        """
        self.calls(
            "Publish",
            TopicArn=self.arn,
            Subject=message.subject,
            Message=message.by_protocol(),
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": str(value)} for name, value in message.attributes.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Bus:
    """Our EventBridge bus."""

    calls: Calls
    name: str

    def publish(self, detail_type: str, record: Record, at: datetime) -> None:
        """Put one event on the bus.

        Raises:
            CallError: EventBridge refused the call.
            NotPublishedError: it took the call and not the event.
        """
        self._put(detail_type, detail_of(record), [record.content["resource"]], at)

    def post(self, post: Mapping[str, Any], at: datetime) -> None:
        """Put what webhooks are told on the bus, from which EventBridge takes it to them.

        Raises:
            CallError: EventBridge refused the call.
            NotPublishedError: it took the call and not the event.
        """
        self._put(MESSAGE_POSTED, post, [], at)

    def _put(self, detail_type: str, detail: Mapping[str, Any], resources: list[str], at: datetime) -> None:
        entry = {
            "EventBusName": self.name,
            "Source": "watchkeeper",
            "DetailType": detail_type,
            "Detail": json.dumps(detail, sort_keys=True),
            "Resources": resources,
            "Time": at,
        }
        answer = self.calls("PutEvents", Entries=[entry])
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            raise NotPublishedError(f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}")


@dataclass(frozen=True, slots=True)
class SecurityHub:
    """Security Hub of the hub's account and Region.

    Attributes:
        calls: of Security Hub.
        product: under whom it files our findings.
    """

    calls: Calls
    product: Product

    def take(self, findings: Iterable[SecurityFinding]) -> dict[str, str]:
        """Import findings; return why not, by the id of each that it did not take."""
        refused: dict[str, str] = {}
        for batch in batches(findings):
            refused |= self._take(batch)
        for name, reason in refused.items():
            log.warning("Security Hub did not take a finding", finding_id=name, reason=printable(reason))
        return refused

    def _take(self, batch: list[SecurityFinding]) -> dict[str, str]:
        try:
            answer = self.calls("BatchImportFindings", expects="FailedCount", Findings=batch)
        except CallError as error:
            if error.code == _INVALID and len(batch) > 1:  # one that is wrong must not hold up the others
                return {name: reason for finding in batch for name, reason in self._take([finding]).items()}
            return {finding["Id"]: str(error) for finding in batch}
        failed = answer.get("FailedFindings", ())
        return {each["Id"]: f"{each['ErrorCode']}: {each['ErrorMessage']}" for each in failed}


def _marks(record: Record, telling: Telling, ways: Collection[Way], now: datetime) -> Item:
    """What is remembered of having told, beside the version."""
    marks: Item = {}
    for way, name in ((Way.PEOPLE, "alerted"), (Way.WEBHOOKS, "posted")):
        if way in ways and telling.by(way) in (Word.ALERT, Word.REMINDER):
            marks |= {f"{name}_severity": str(record.severity), f"{name}_at": timestamp(now)}
    if Way.SECURITY_HUB in ways:
        marks |= {Way.SECURITY_HUB.value: record.version, "imported_at": timestamp(now)}
    return marks


def as_record(item: Mapping[str, Any]) -> Record:
    """Read an item of the ledger.

    Raises:
        KeyError: a member is missing that the ledger always writes.
    """
    kind = Kind.OPEN if item["sk"].startswith(OPEN) else Kind.CLOSED if item["sk"].startswith(CLOSED) else Kind.ACTION
    told, posted = _heard(item, "told_version", "alerted"), _heard(item, "posted_version", "posted")
    return Record(
        pk=item["pk"],
        sk=item["sk"],
        kind=kind,
        version=item["version"],
        notified_version=item["notified_version"],
        published_version=item.get("published_version", 0),
        told_version=told.version,
        imported_version=item.get("imported_version", 0),
        imported_at=moment(item["imported_at"]) if "imported_at" in item else None,
        severity=Severity(item.get("severity", Severity.INFORMATIONAL)),
        muted=item.get("muted", False),
        alerted_severity=told.severity,
        alerted_at=told.at,
        finished="ended_at" in item,
        content=item,
        posted=posted,
    )


def _heard(item: Mapping[str, Any], version: str, name: str) -> Heard:
    severity = item.get(f"{name}_severity")
    at = moment(item[f"{name}_at"]) if severity else None
    return Heard(item.get(version, 0), Severity(severity) if severity else None, at)
