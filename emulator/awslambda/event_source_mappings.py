"""Event source mappings: how the records of a stream become invocations."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.awslambda.models import EventSourceMapping, LambdaBackend, lambda_backends
from moto.dynamodb.models.table import StreamShard

from emulator.awslambda.batches import Batch, left_of, next_records, reason_to_give_up, whereabouts
from emulator.awslambda.functions import Functions, NoCodeError, function_at
from emulator.awslambda.runtime import Outcome
from emulator.delivery.streams import as_event, end_of, table_of
from emulator.delivery.targets import Parcel, Targets
from emulator.wire.errors import Refusal

_LONGEST_WAIT_SECONDS = 60


@dataclass(slots=True)
class _Reader:
    """How far one mapping has read."""

    position: int
    batches: deque[Batch] = field(default_factory=deque)
    waits_until: datetime | None = None


class Mappings:
    """Read streams on behalf of the functions that are mapped to them.

    Records come in order, in batches, as AWS brings them: a batch that fails is tried again before any later record is
    read, cut in half where the mapping says so, and given up after the mapping's retries, or when its oldest record is
    too old; its whereabouts then go to the failure destination. Retries wait one second, two, four, up to a minute.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
    """

    def __init__(self, functions: Functions, targets: Targets, tables: AbstractContextManager[Any]) -> None:
        """Take what runs and what receives failures, and the lock under which tables are written."""
        self._functions = functions
        self._targets = targets
        self._tables = tables
        self._readers: dict[str, _Reader] = {}

    def begin(self, mapping: EventSourceMapping) -> None:
        """Start to read where *mapping* says."""
        table = table_of(mapping.event_source_arn)
        if table is None or table.stream_shard is None:
            raise Refusal("ResourceNotFoundException", f"Stream not found: {mapping.event_source_arn}", 404)
        first = int(table.stream_shard.starting_sequence_number)
        latest = mapping.starting_position == "LATEST"
        self._readers[mapping.uuid] = _Reader(end_of(table.stream_shard) if latest else first)

    def next_due_at(self) -> datetime | None:
        """Return when the next retry is due; None where none is."""
        waits = [reader.waits_until for mapping, reader in self._reading() if reader.waits_until and mapping.enabled]
        return min(waits, default=None)

    def poll(self) -> bool:
        """Invoke each mapped function once where records wait, and tell whether any was."""
        return sum(self._poll(mapping, reader) for mapping, reader in self._reading()) > 0

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
            return Outcome({"errorMessage": f"there is no function {mapping.function_arn}"}, failed=True)
        event = {"Records": [as_event(record, mapping.event_source_arn) for record in batch.records]}
        try:
            return self._functions.invoke(function, event)
        except NoCodeError as error:
            return Outcome({"errorMessage": str(error), "errorType": "NoCodeError"}, failed=True, error=error)

    def _give_up(
        self, mapping: EventSourceMapping, batch: Batch, outcome: Outcome, reason: str, shard: StreamShard
    ) -> None:
        destination = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        if destination:
            letter = whereabouts(mapping, batch, outcome, reason, shard)
            self._targets.deliver(destination, Parcel(json.dumps(letter)))


@contextmanager
def installed(mappings: Mappings) -> Iterator[None]:
    """Let moto's event source mappings be read by us; those of other sources than DynamoDB are refused."""
    theirs = LambdaBackend.create_event_source_mapping

    def create(backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        if ":dynamodb:" not in spec.get("EventSourceArn", ""):
            raise Refusal("NotImplementedException", "the emulator reads streams of DynamoDB only", 501)
        mapping = theirs(backend, spec)
        mappings.begin(mapping)
        return mapping

    with patch.object(LambdaBackend, "create_event_source_mapping", create):
        yield
