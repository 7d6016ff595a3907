"""Members of AWS's answers, each read as what it has to be: what is of another type is not taken for anything."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")


def text(members: Mapping[str, Any], name: str, default: str = "") -> str:
    """Return the text *name*; the default where it is absent or empty.

    Raises:
        TypeError: it is no text.
    """
    return _typed(members, name, str) or default


def flag(members: Mapping[str, Any], name: str) -> bool | None:
    """Return the truth value *name*; None where it is absent.

    Raises:
        TypeError: it is no truth value.
    """
    return _typed(members, name, bool)


def moment(members: Mapping[str, Any], name: str) -> datetime | None:
    """Return the time *name* in UTC; None where it is absent.

    Raises:
        TypeError: it is no time.
    """
    at = _typed(members, name, datetime)
    return at.astimezone(UTC) if at else None


def structure(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the structure *name*; an empty one where it is absent.

    Raises:
        TypeError: it is no structure.
    """
    return _typed(members, name, dict) or {}


def _typed(members: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    value = members.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type(value).__name__} where AWS promises a {kind.__name__}")
    return value
