"""DynamoDB's queries look at what they are about alone; moto sorts the whole table for each of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from inspect import signature
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_Partitions = defaultdict[Any, dict[Any, Any]]


@contextmanager
def installed() -> Iterator[None]:
    """Let moto answer each query from a table that holds nothing but the items of the key that is asked for."""
    whole = Table.query
    asked = signature(whole)

    def query(table: Table, *details: Any, **more: Any) -> Any:
        if table.range_key_attr is None:
            return whole(table, *details, **more)
        about = asked.bind(table, *details, **more).arguments
        by_index = dict(about.get("hash_key_conditions") or ()) if about.get("index_name") else None
        small = copy(table)
        small.items = _partition(table, about["hash_key"]) if by_index is None else _matching(table, by_index)
        return whole(small, *details, **more)

    with patch.object(Table, "query", query):
        yield


def _partition(table: Table, key: DynamoType) -> _Partitions:
    return _held({key: table.items[key]} if key in table.items else {})


def _matching(table: Table, keys: Mapping[str, DynamoType]) -> _Partitions:
    def matches(item: Item) -> bool:
        return all(name in item.attrs and item.attrs[name] == value for name, value in keys.items())

    found = {key: {name: item for name, item in held.items() if matches(item)} for key, held in table.items.items()}
    return _held({key: held for key, held in found.items() if held})


def _held(partitions: Mapping[Any, dict[Any, Any]]) -> _Partitions:
    return defaultdict(dict, partitions)
