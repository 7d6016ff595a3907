"""Batches of stream records: which records are delivered together, again, or never."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.dynamodb.models.table import StreamRecord, StreamShard

from emulator.awslambda.runtime import Outcome
from emulator.delivery.streams import as_event, created_at, number_of, records_from
from emulator.eventbridge import patterns
from emulator.wire.times import iso_milliseconds

_FOR_EVER = -1
_OLDEST = timedelta(hours=24)


@dataclass(slots=True)
class Batch:
    """Records that a function gets in one invocation.

    Attributes:
        records: in order.
        failures: failed attempts.
    """

    records: list[StreamRecord]
    failures: int = 0


def filters_of(criteria: Any) -> list[str]:
    """Return the patterns in a mapping's ``FilterCriteria``, one of which a record has to match."""
    return [str(each.get("Pattern") or "") for each in (criteria or {}).get("Filters") or ()]


def next_records(mapping: EventSourceMapping, shard: StreamShard, position: int) -> tuple[list[StreamRecord], int]:
    """Return the next batch of records that pass the mapping's filters, and the position of the batch after it."""
    filters = [patterns.read(text) for text in filters_of(mapping.filter_criteria)]
    taken: list[StreamRecord] = []
    for record in records_from(shard, position):
        position = number_of(record) + 1
        event: Any = as_event(record, mapping.event_source_arn)
        if not filters or any(patterns.matches(pattern, event) for pattern in filters):
            taken.append(record)
            if len(taken) == mapping.batch_size:
                break
    return taken, position


def left_of(mapping: EventSourceMapping, batch: Batch, outcome: Outcome) -> list[StreamRecord]:
    """Return the records that must be delivered again."""
    if outcome.failed:
        return batch.records
    if "ReportBatchItemFailures" not in (mapping.function_response_types or ()):
        return []
    answer = outcome.payload if isinstance(outcome.payload, dict) else {}
    failures = answer.get("batchItemFailures") or []
    if not failures:
        return []
    numbers = [str(number_of(record)) for record in batch.records]
    named = {str(failure.get("itemIdentifier")) if isinstance(failure, dict) else "" for failure in failures}
    if not named <= set(numbers):
        return batch.records
    return batch.records[min(numbers.index(number) for number in named) :]


def reason_to_give_up(mapping: EventSourceMapping, batch: Batch) -> str:
    """Return why *batch* is not retried; empty if it is."""
    retries = _FOR_EVER if mapping.max_retry_attempts is None else int(mapping.max_retry_attempts)
    if retries != _FOR_EVER and batch.failures > retries:
        return "RetryAttemptsExhausted"
    requested = mapping.max_record_age
    oldest = _OLDEST if requested in (None, _FOR_EVER) else timedelta(seconds=int(requested))
    return "RecordAgeExceeded" if datetime.now(UTC) - created_at(batch.records[0]) > oldest else ""


def whereabouts(
    mapping: EventSourceMapping, batch: Batch, outcome: Outcome, reason: str, shard: StreamShard
) -> dict[str, Any]:
    """Return the message for the failure destination: the position of the records, not their content."""
    records = batch.records
    return {
        "version": "1.0",
        "timestamp": iso_milliseconds(datetime.now(UTC)),
        "requestContext": {
            "functionArn": mapping.function_arn,
            "condition": reason,
            "approximateInvokeCount": batch.failures,
        },
        "responseContext": outcome.response_context,
        "DDBStreamBatchInfo": {
            "shardId": shard.id,
            "startSequenceNumber": str(number_of(records[0])),
            "endSequenceNumber": str(number_of(records[-1])),
            "approximateArrivalOfFirstRecord": iso_milliseconds(created_at(records[0])),
            "approximateArrivalOfLastRecord": iso_milliseconds(created_at(records[-1])),
            "batchSize": len(records),
            "streamArn": mapping.event_source_arn,
        },
    }
