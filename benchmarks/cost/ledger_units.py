"""Request units of DynamoDB: how calls to the ledger are billed.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from benchmarks.errors import CannotMeasureError
from emulator.calls import Call

READ_BYTES = 4096
"""Of one read request unit: a strongly consistent read."""
_WRITE_BYTES = 1024
_INDEXED = ("queue", "due_at")
_WRITES = {"dynamodb:PutItem": 1, "dynamodb:UpdateItem": 1, "dynamodb:DeleteItem": 1}

Image = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB's wire has it."""


def item_bytes(item: Image) -> int:
    """Return the size of an item: the names of its attributes and their values.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    match value:
        case {"S": text}:
            return len(text.encode())
        case {"N": digits}:
            return len(digits) // 2 + 2
    return 1


def read_units(parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Return the units of a Query or a GetItem: half as many if it need not be consistent."""
    items = answer.get("Items") or ([answer["Item"]] if "Item" in answer else [])
    units = max(1, ceil(sum(map(item_bytes, items)) / READ_BYTES))
    return units if parameters.get("ConsistentRead") else units / 2


def write_units(images: Sequence[tuple[Image, Image]], calls: Iterable[Call]) -> int:
    """Return the units of writes.

    Args:
        images: of each item that was written, before and after; empty if there was or is none.
        calls: that wrote them.

    Raises:
        CannotMeasureError: a call changed nothing and left no images; AWS bills it all the same.
    """
    calls = tuple(calls)
    wanted = sum(_WRITES.get(call.name, 0) or len(call.parameters.get("TransactItems", ())) for call in calls)
    if wanted != len(images):
        raise CannotMeasureError(f"{wanted} items were written, and {len(images)} changed")
    transacted = {key for call in calls for key in _transacted(call)}
    return sum(_in_table(old, new, doubled=_key(new or old) in transacted) + _in_index(old, new) for old, new in images)


def _transacted(call: Call) -> Iterable[tuple[str, str]]:
    """Yield the keys of the items that a transaction writes, each for twice the price."""
    if call.name == "dynamodb:TransactWriteItems":
        for action in call.parameters["TransactItems"]:
            ((_, wanted),) = action.items()
            yield _key(wanted.get("Item") or wanted["Key"])


def _key(item: Image) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _in_table(old: Image, new: Image, *, doubled: bool) -> int:
    return (2 if doubled else 1) * _units(old, new)


def _in_index(old: Image, new: Image) -> int:
    """Return the units of the write in the index of due items: a changed key is a deletion and a put."""
    before, after = ([item[name] for name in _INDEXED if name in item] for item in (old, new))
    was_in, is_in = len(before) == len(_INDEXED), len(after) == len(_INDEXED)
    if was_in and is_in and before != after:
        return _units(old, {}) + _units({}, new)
    return _units(old if was_in else {}, new if is_in else {}) if was_in or is_in else 0


def _units(*images: Image) -> int:
    return max(1, ceil(max(map(item_bytes, images)) / _WRITE_BYTES))
