"""The ledger, the topic and the bus, as the notifications use them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.notifications.decision import Kind, Record, Word
from functions.notifications.messages import Message
from functions.shared.calls import CallError, Calls
from functions.shared.finding import Severity
from functions.shared.records import (
    CLOSED,
    NOTIFY_QUEUE,
    OPEN,
    Item,
    from_dynamodb,
    moment,
    timestamp,
    to_dynamodb,
)

DUE_INDEX = "due"
"""The ledger's index of what somebody may have to be told: ``queue`` and ``due_at``."""

_NOT_FOR_OTHERS = ("pk", "sk", "queue", "due_at", "expires_at", "notified_version", "alerted_severity", "alerted_at")


class NotPublishedError(Exception):
    """EventBridge did not take an event."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Reads what is to be told from the ledger, and marks what was told.

    Attributes:
        calls: of DynamoDB, in the hub's account and Region.
        table: the ledger's name.
    """

    calls: Calls
    table: str

    def record(self, pk: str, sk: str) -> Record | None:
        """Return a record as it is now; None if it is not there any more."""
        answer = self.calls("GetItem", TableName=self.table, Key=to_dynamodb({"pk": pk, "sk": sk}), ConsistentRead=True)
        return as_record(from_dynamodb(answer["Item"])) if "Item" in answer else None

    def due(self, until: datetime) -> Iterator[Record]:
        """Yield the records that have been due since *until* or longer, the longest due first."""
        parameters: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "queue = :queue AND due_at <= :until",
            "ExpressionAttributeValues": to_dynamodb({":queue": NOTIFY_QUEUE, ":until": timestamp(until)}),
        }
        while True:
            page = self.calls("Query", **parameters)
            yield from (as_record(from_dynamodb(item)) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def mark(self, record: Record, word: Word | None, due_again_at: datetime | None, now: datetime) -> None:
        """Write down what was told of *record*, and when it is due again.

        A record that changed in the meantime stays due: only what was told is written down.
        """
        told: Item = {"notified_version": record.version}
        if word in (Word.ALERT, Word.REMINDER):
            told |= {"alerted_severity": str(record.severity), "alerted_at": timestamp(now)}
        due = {"due_at": timestamp(due_again_at)} if due_again_at else {}
        removed = "" if due else " REMOVE queue, due_at"
        try:
            self._update(record, told | due, removed, "version = :seen", {":seen": record.version})
        except CallError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            self._mark_changed(record, told)

    def _mark_changed(self, record: Record, told: Item) -> None:
        try:
            self._update(record, told, "", "attribute_exists(sk)", {})
        except CallError as error:
            if error.code != "ConditionalCheckFailedException":
                raise  # else it was closed since, and the closed record tells its own end

    def _update(self, record: Record, changes: Item, removed: str, condition: str, values: Item) -> None:
        self.calls(
            "UpdateItem",
            TableName=self.table,
            Key=to_dynamodb({"pk": record.pk, "sk": record.sk}),
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in changes) + removed,
            ConditionExpression=condition,
            ExpressionAttributeValues=to_dynamodb({f":{name}": value for name, value in changes.items()} | values),
        )


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
        detail = {name: value for name, value in record.content.items() if name not in _NOT_FOR_OTHERS}
        entry = {
            "EventBusName": self.name,
            "Source": "watchkeeper",
            "DetailType": detail_type,
            "Detail": json.dumps(detail, sort_keys=True),
            "Resources": [record.content["resource"]],
            "Time": at,
        }
        answer = self.calls("PutEvents", Entries=[entry])
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            raise NotPublishedError(f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}")


def as_record(item: Mapping[str, Any]) -> Record:
    """Read an item of the ledger.

    Raises:
        KeyError: a member is missing that the ledger always writes.
    """
    kind = Kind.OPEN if item["sk"].startswith(OPEN) else Kind.CLOSED if item["sk"].startswith(CLOSED) else Kind.ACTION
    alerted = item.get("alerted_severity")
    return Record(
        pk=item["pk"],
        sk=item["sk"],
        kind=kind,
        version=item["version"],
        notified_version=item["notified_version"],
        severity=Severity(item.get("severity", Severity.INFORMATIONAL)),
        muted=item.get("muted", False),
        alerted_severity=Severity(alerted) if alerted else None,
        alerted_at=moment(item["alerted_at"]) if alerted else None,
        finished="ended_at" in item,
        content=item,
    )
