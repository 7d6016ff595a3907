"""Faster DynamoDB: moto sorts the whole table for each query, and tries many names for each value of an answer."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from inspect import signature
from typing import Any
from unittest.mock import patch

from botocore.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_Partitions = defaultdict[Any, dict[Any, Any]]


_SCALARS = frozenset({"S", "N", "BOOL", "NULL"})
"""Values that are stored in the form of the answer."""


@contextmanager
def installed() -> Iterator[None]:
    """Let moto read only the items of the key, and answer values as they are stored."""
    with ExitStack() as undo:
        undo.enter_context(patch.object(Table, "query", _query_of(Table.query)))
        straight = _straight(BaseJSONSerializer._serialize_type_structure)  # noqa: SLF001  # moto has no public name for it
        undo.enter_context(patch.object(BaseJSONSerializer, "_serialize_type_structure", straight))
        yield


def _query_of(whole: Any) -> Any:
    """Answer each query from a table that holds only the items of the key."""
    asked = signature(whole)

    def query(table: Table, *details: Any, **more: Any) -> Any:
        if table.range_key_attr is None:
            return whole(table, *details, **more)
        about = asked.bind(table, *details, **more).arguments
        by_index = dict(about.get("hash_key_conditions") or ()) if about.get("index_name") else None
        small = copy(table)
        small.items = _partition(table, about["hash_key"]) if by_index is None else _matching(table, by_index)
        return whole(small, *details, **more)

    return query


def _straight(anyhow: Any) -> Any:
    """Answer a plain value of an item as it is stored."""

    def serialize(serializer: Any, serialized: Any, value: Any, shape: StructureShape, key: str) -> None:
        if shape.name == "AttributeValue" and isinstance(value, dict) and value.keys() <= _SCALARS:
            serialized[key] = value
        else:
            anyhow(serializer, serialized, value, shape, key)

    return serialize


def _partition(table: Table, key: DynamoType) -> _Partitions:
    return _held({key: table.items[key]} if key in table.items else {})


def _matching(table: Table, keys: Mapping[str, DynamoType]) -> _Partitions:
    def matches(item: Item) -> bool:
        return all(name in item.attrs and item.attrs[name] == value for name, value in keys.items())

    found = {key: {name: item for name, item in held.items() if matches(item)} for key, held in table.items.items()}
    return _held({key: held for key, held in found.items() if held})


def _held(partitions: Mapping[Any, dict[Any, Any]]) -> _Partitions:
    return defaultdict(dict, partitions)
