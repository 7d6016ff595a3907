"""Time to live: DynamoDB deletes expired items."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from emulator.delivery.streams import by_time_to_live

_FORGOTTEN = timedelta(days=5 * 365)


def sweep(lock: AbstractContextManager[Any]) -> None:
    """Delete every item whose time to live has passed; in the stream DynamoDB itself is the author.

    AWS does so within a few days, and ignores items that expired more than five years ago.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
    """
    backend: Any
    with lock:
        for _, _, backend in list(dynamodb_backends.iter_backends()):
            for table in list(backend.tables.values()):
                for item in list(_expired(table)):
                    _delete(table, item)


def _expired(table: Table) -> Iterator[Item]:
    if table.ttl.get("TimeToLiveStatus") != "ENABLED":
        return
    now = datetime.now(UTC)
    newest, oldest = now.timestamp(), (now - _FORGOTTEN).timestamp()
    name = table.ttl["AttributeName"]
    for item in _items(table):
        attribute = item.attrs.get(name)
        if attribute is not None and attribute.type == "N" and oldest < float(attribute.value) <= newest:
            yield item


def _items(table: Table) -> Iterator[Item]:
    for partition in list(table.items.values()):
        if isinstance(partition, dict):
            yield from list(partition.values())
        else:
            yield partition


def _delete(table: Table, item: Item) -> None:
    shard = table.stream_shard
    before = len(shard.items) if shard else 0
    table.delete_item(item.hash_key, item.range_key)
    if shard and len(shard.items) > before:
        by_time_to_live(shard.items[-1])
