"""Event source mappings: the records of a stream invoke a function."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import EventSourceMapping, LambdaBackend, lambda_backends
from moto.dynamodb.models.table import StreamShard

from emulator.awslambda.batches import Batch, filters_of, left_of, next_records, reason_to_give_up, whereabouts
from emulator.awslambda.functions import Functions, NoCodeError, function_at, sent_by
from emulator.awslambda.runtime import Outcome
from emulator.delivery.isolation import Isolation
from emulator.delivery.streams import as_event, end_of, table_of
from emulator.delivery.targets import Targets
from emulator.eventbridge import patterns
from emulator.eventbridge.filters import PatternError
from emulator.wire.errors import ApiError

_LONGEST_WAIT_SECONDS = 60


@dataclass(slots=True)
class _Reader:
    """The position of one mapping."""

    position: int
    batches: deque[Batch] = field(default_factory=deque)
    waits_until: datetime | None = None


class EventSourceMappings:
    """Read streams on behalf of the functions that are mapped to them.

    Records are delivered in order and in batches. A failed batch is retried before any later record is read, split in
    half if the mapping says so, and given up after the mapping's retries, or when its oldest record is too old; then
    its position is sent to the failure destination. Retries wait one second, two, four, up to a minute.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    """

    def __init__(
        self, functions: Functions, targets: Targets, tables: AbstractContextManager[Any], isolation: Isolation
    ) -> None:
        """Invoke *functions*, send failures to *targets*, read tables under this lock, and isolate each mapping."""
        self._functions = functions
        self._targets = targets
        self._tables = tables
        self._isolation = isolation
        self._readers: dict[str, _Reader] = {}

    def begin(self, mapping: EventSourceMapping) -> None:
        """Start to read at the starting position of *mapping*."""
        table = table_of(mapping.event_source_arn)
        if table is None or table.stream_shard is None:
            raise ApiError("ResourceNotFoundException", f"Stream not found: {mapping.event_source_arn}", 404)
        first = int(table.stream_shard.starting_sequence_number)
        latest = mapping.starting_position == "LATEST"
        self._readers[mapping.uuid] = _Reader(end_of(table.stream_shard) if latest else first)

    def next_due_at(self) -> datetime | None:
        """Return when the next retry is due; None if none is."""
        waits = [reader.waits_until for mapping, reader in self._reading() if reader.waits_until and mapping.enabled]
        return min(waits, default=None)

    def poll(self) -> bool:
        """Invoke each mapped function once if records wait for it; return whether any was invoked."""
        invoked = False
        for mapping, reader in self._reading():
            with self._isolation.of(f"event source mapping {mapping.uuid}"):
                invoked |= self._poll(mapping, reader)
        return invoked

    def _reading(self) -> list[tuple[EventSourceMapping, _Reader]]:
        backends: list[Any] = [backend for _, _, backend in list(lambda_backends.iter_backends())]
        found = [mapping for backend in backends for mapping in backend.list_event_source_mappings("", "")]
        return [(mapping, self._readers[mapping.uuid]) for mapping in found if mapping.uuid in self._readers]

    def _poll(self, mapping: EventSourceMapping, reader: _Reader) -> bool:
        table = table_of(mapping.event_source_arn)
        waits = reader.waits_until is not None and reader.waits_until > datetime.now(UTC)
        if not mapping.enabled or waits or table is None or table.stream_shard is None:
            return False
        reader.waits_until = None
        if not reader.batches:
            with self._tables:
                records, reader.position = next_records(mapping, table.stream_shard, reader.position)
            if not records:
                return False
            reader.batches.append(Batch(records))
        self._try(mapping, reader, table.stream_shard)
        return True

    def _try(self, mapping: EventSourceMapping, reader: _Reader, shard: StreamShard) -> None:
        batch = reader.batches.popleft()
        outcome = self._run(mapping, batch)
        left = left_of(mapping, batch, outcome)
        if not left:
            return
        progressed = len(left) < len(batch.records)
        again = Batch(left, 1 if progressed else batch.failures + 1)
        if mapping.bisect_on_error and len(left) > 1 and not progressed:
            half = len(left) // 2
            reader.batches.extendleft((Batch(left[half:], batch.failures), Batch(left[:half], batch.failures)))
        elif reason := reason_to_give_up(mapping, again):
            self._give_up(mapping, again, outcome, reason, shard)
        else:
            reader.batches.appendleft(again)
            wait = min(2 ** (again.failures - 1), _LONGEST_WAIT_SECONDS)
            reader.waits_until = datetime.now(UTC) + timedelta(seconds=wait)

    def _run(self, mapping: EventSourceMapping, batch: Batch) -> Outcome:
        function = function_at(mapping.function_arn)
        if function is None:
            return Outcome({"errorMessage": f"unknown function {mapping.function_arn}"}, failed=True)
        event = {"Records": [as_event(record, mapping.event_source_arn) for record in batch.records]}
        try:
            return self._functions.invoke(function, event)
        except NoCodeError as error:
            return Outcome({"errorMessage": str(error), "errorType": "NoCodeError"}, failed=True, error=error)

    def _give_up(
        self, mapping: EventSourceMapping, batch: Batch, outcome: Outcome, reason: str, shard: StreamShard
    ) -> None:
        destination = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        function = function_at(mapping.function_arn)
        if destination and function is not None:
            letter = whereabouts(mapping, batch, outcome, reason, shard)
            with self._isolation.of(f"event source mapping {mapping.uuid}"):
                self._targets.deliver(destination, sent_by(function, json.dumps(letter)))


@contextmanager
def installed(mappings: EventSourceMappings) -> Iterator[None]:
    """Poll moto's event source mappings; sources other than DynamoDB are refused."""
    theirs, change = LambdaBackend.create_event_source_mapping, LambdaBackend.update_event_source_mapping

    def create(backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        if ":dynamodb:" not in spec.get("EventSourceArn", ""):
            raise ApiError("NotImplementedException", "the emulator reads only DynamoDB streams", 501)
        _check_filters(spec)
        mapping = theirs(backend, spec)
        mappings.begin(mapping)
        return mapping

    def update(backend: LambdaBackend, uuid: str, spec: dict[str, Any]) -> EventSourceMapping | None:
        _check_filters(spec)
        return change(backend, uuid, spec)

    with (
        patch.object(LambdaBackend, "create_event_source_mapping", create),
        patch.object(LambdaBackend, "update_event_source_mapping", update),
    ):
        yield


def _check_filters(spec: Mapping[str, Any]) -> None:
    for text in filters_of(spec.get("FilterCriteria")):
        try:
            patterns.read(text)
        except PatternError as error:
            raise ApiError("InvalidParameterValueException", f"Invalid filter pattern definition. {error}") from error
