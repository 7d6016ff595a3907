"""The conditions of a statement: the configuration's values, as IAM writes them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.shared.automation import Condition, Permission

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""A condition block: operator, key, values."""

_REGION_KEY = "aws:RequestedRegion"
_ANYWHERE = ("*",)
_UNWRITABLE = re.compile(r"[^ -\u00ff]+")
"""Characters that a policy cannot hold.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""


def condition_blocks(permission: Permission, section: Mapping[str, Any], regions: tuple[str, ...]) -> list[Conditions]:
    """Return the conditions of each statement that the configuration calls for.

    Args:
        permission: which the statements grant.
        section: of the configuration.
        regions: those in scope, or ``*`` alone.
    """
    elements = section[permission.for_each] if permission.for_each else (section,)
    blocks = (_block(permission.conditions, element) for element in elements)
    wanted = [_in_scope(block, regions) if permission.changes else block for block in blocks if block is not None]
    return list(_united(wanted, permission.conditions[0])) if permission.for_each else wanted


def _block(conditions: Iterable[Condition], element: Mapping[str, Any]) -> Conditions | None:
    """Return the conditions about one element; None where a list is empty without which there is no statement."""
    block: dict[str, dict[str, tuple[str, ...]]] = {}
    for condition in conditions:
        if values := _values(condition, element):
            block.setdefault(condition.operator, {})[condition.key] = values
        elif condition.when_empty == "no-statement":
            return None
    return block


def _in_scope(block: Conditions, regions: tuple[str, ...]) -> Conditions:
    """Demand a Region in scope, unless the conditions name some themselves."""
    equal = block.get("StringEquals", {})
    if regions in ((), _ANYWHERE) or _REGION_KEY in equal:
        return block
    return {**block, "StringEquals": {**equal, _REGION_KEY: tuple(sorted(regions))}}


def _united(blocks: Iterable[Conditions], by: Condition) -> Iterator[Conditions]:
    """Make one block of those that differ in the values of one condition alone."""
    alike: dict[str, list[Conditions]] = {}
    for block in blocks:
        rest = {(name, key): values for name, keys in block.items() for key, values in keys.items()}
        del rest[by.operator, by.key]
        alike.setdefault(repr(sorted(rest.items())), []).append(block)
    for found in alike.values():
        values = {value for block in found for value in block[by.operator][by.key]}
        yield {**found[0], by.operator: {**found[0][by.operator], by.key: tuple(sorted(values))}}


def _values(condition: Condition, element: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the condition's values: its literal ones, or all at its place in the element, sorted and each once."""
    if not condition.setting:
        return condition.values
    nodes: list[Any] = [element]
    for step in condition.setting.split("."):
        key, is_list = step.removesuffix("[*]"), step.endswith("[*]")
        nodes = [value for node in nodes for value in (node.get(key) or () if is_list else (node[key],))]
    return tuple(sorted({_as_iam_writes(node, is_pattern=condition.operator == "StringLike") for node in nodes}))


def _as_iam_writes(text: str, *, is_pattern: bool) -> str:
    """Return the value of a policy that means *text*; a pattern may match more than was meant, but never less.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    written = text.replace("${", "${$}{")
    return _UNWRITABLE.sub("*", written) if is_pattern else written
