"""DynamoDB streams: the changes of a table in order, without moto's errors."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from threading import Event
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table

_KEPT = timedelta(hours=24)
_SERVICE = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def table_of(stream_arn: str) -> Table | None:
    """Return the table whose current stream this is; None if the stream is gone."""
    parts = stream_arn.split(":", 5)
    name = parts[5].split("/")[1]
    table = dynamodb_backends[parts[4]][parts[3]].tables.get(name)
    return table if table and table.stream_shard and stream_arn.endswith(f"/{table.latest_stream_label}") else None


def records_from(shard: StreamShard, sequence_number: int) -> Iterator[StreamRecord]:
    """Iterate over the records of *shard* from *sequence_number* on."""
    yield from list(shard.items[max(0, sequence_number - shard.starting_sequence_number) :])


def end_of(shard: StreamShard) -> int:
    """Return the sequence number that the next record will have."""
    return int(shard.starting_sequence_number) + len(shard.items)


def number_of(record: StreamRecord) -> int:
    """Return the sequence number of a record."""
    return int(record.record["dynamodb"]["SequenceNumber"])


def created_at(record: StreamRecord) -> datetime:
    """Return when the change was made."""
    return _created(record).replace(tzinfo=UTC)


def as_event(record: StreamRecord, stream_arn: str) -> dict[str, Any]:
    """Return *record* in the form that a function gets, with binary values in base64."""
    message = {name: value for name, value in record.record.items() if name != "userIdentity"}
    changed = {**_as_json(record.record["dynamodb"]), "ApproximateCreationDateTime": created_at(record).timestamp()}
    identity = record.record.get("userIdentity")
    author = {"userIdentity": {"type": identity["Type"], "principalId": identity["PrincipalId"]}} if identity else {}
    return message | author | {"dynamodb": changed, "eventSourceARN": stream_arn}


def _as_json(value: Any) -> Any:
    match value:
        case bytes():
            return b64encode(value).decode()
        case dict():
            return {name: _as_json(each) for name, each in value.items()}
        case list():
            return [_as_json(each) for each in value]
        case _:
            return value


def by_time_to_live(record: StreamRecord) -> None:
    """Mark *record* as a deletion by time to live."""
    record.record["userIdentity"] = dict(_SERVICE)


@contextmanager
def installed(wake: Event) -> Iterator[None]:
    """Let moto's tables only record their changes and set *wake*; functions are invoked later."""

    def add(shard: StreamShard, old: Item | None, new: Item | None) -> None:
        table = shard.table
        specification: Mapping[str, Any] = table.stream_specification or {}
        if not specification.get("StreamEnabled") or (old is not None and new is not None and old == new):
            return
        _forget_old(shard)
        _forget_draft(shard, old, new)
        event_name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        record = StreamRecord(table, specification["StreamViewType"], event_name, old, new, end_of(shard))
        record.record["awsRegion"] = table.region_name
        shard.items.append(record)
        wake.set()

    with patch.object(StreamShard, "add", add), patch.object(StreamShard, "__deepcopy__", _kept, create=True):
        yield


def _kept(shard: StreamShard, memo: dict[int, Any]) -> StreamShard:
    """Copy the list of records, not each record: moto copies the whole table for each part of a transaction."""
    kept = memo[id(shard)] = copy(shard)
    kept.table = deepcopy(shard.table, memo)
    kept.items = list(shard.items)
    return kept


def _forget_old(shard: StreamShard) -> None:
    oldest = datetime.now(UTC).replace(tzinfo=None) - _KEPT
    expired = sum(1 for _ in takewhile(lambda record: _created(record) < oldest, shard.items))
    del shard.items[:expired]
    shard.starting_sequence_number += expired


def _forget_draft(shard: StreamShard, old: Item | None, new: Item | None) -> None:
    """Drop the record of the bare key that moto's UpdateItem puts before it writes the attributes of a new item.

    Two insertions of the same item in a row have no other cause.
    """
    if old is not None or new is None or not shard.items:
        return
    last = shard.items[-1].record
    keys = {name: new.attrs[name].to_json() for name in last["dynamodb"]["Keys"] if name in new.attrs}
    if last["eventName"] == "INSERT" and last["dynamodb"]["Keys"] == keys:
        shard.items.pop()


def _created(record: StreamRecord) -> datetime:
    created: datetime = record.record["dynamodb"]["ApproximateCreationDateTime"]
    return created
