"""The types of requests and answers."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from moto.core.common_types import TYPE_RESPONSE

HttpAnswer = TYPE_RESPONSE
"""Status, headers and body."""

Request = Mapping[str, Any]
"""The parameters of a call, as boto3 takes them."""

Answer = dict[str, Any]
"""The members of an answer, as boto3 returns them."""


def lower_keys(
    value: Any, convert: Callable[[str, Any], Any] = lambda _, inner: inner, without: Collection[str] = ()
) -> Any:
    """Return *value* with keys that start with a lower-case letter, at every depth.

    Args:
        value: any JSON.
        convert: called with the original key and the value; returns the new value.
        without: original keys to leave out.
    """
    match value:
        case dict():
            return {
                name[:1].lower() + name[1:]: convert(name, lower_keys(inner, convert, without))
                for name, inner in value.items()
                if name not in without
            }
        case list() | tuple():
            return [lower_keys(item, convert, without) for item in value]
        case _:
            return value
