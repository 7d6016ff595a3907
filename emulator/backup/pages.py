"""Pages of vaults: opaque tokens that go on behind the last vault that was told."""

import base64
import binascii
from collections.abc import Mapping
from itertools import islice
from typing import Any

from moto.backup.exceptions import InvalidParameterValueException

from emulator.backup.settings import Behaviour

_LARGEST = 1000


def page(
    told: Mapping[str, Any], scope: str, request: Mapping[str, Any], behaviour: Behaviour
) -> tuple[list[Any], dict[str, str]]:
    """Return the items of a page, and ``NextToken`` if there is more to ask for.

    Args:
        told: all items, each under its own key; they come in the order of their keys.
        scope: what is listed: a token is good for nothing else.
        request: with ``NextToken`` and ``MaxResults``.
        behaviour: how large pages are, and how many come empty.

    Raises:
        InvalidParameterValueException: the token was not given out for this list, or the size is out of range.
    """
    after, empty = _resume(scope, request.get("NextToken"), behaviour.empty_pages)
    size = request.get("MaxResults") or behaviour.page_size
    if not 1 <= size <= _LARGEST:
        raise InvalidParameterValueException(f"MaxResults must be between 1 and {_LARGEST}.")
    if empty:
        return [], {"NextToken": _token(scope, after, empty - 1)}
    size = min(size, behaviour.page_size)
    keys = list(islice((key for key in sorted(told) if key > after), size + 1))
    more = {"NextToken": _token(scope, keys[size - 1], behaviour.empty_pages)} if len(keys) > size else {}
    return [told[key] for key in keys[:size]], more


def _token(scope: str, after: str, empty: int) -> str:
    return base64.urlsafe_b64encode(f"{scope}|{empty}|{after}".encode()).decode("ascii")


def _resume(scope: str, token: str | None, empty_pages: int) -> tuple[str, int]:
    if token is None:
        return "", empty_pages
    try:
        whole, empty, after = base64.urlsafe_b64decode(token).decode().split("|", 2)
    except (binascii.Error, ValueError) as error:
        raise InvalidParameterValueException("The NextToken is not valid.") from error
    if whole != scope:
        raise InvalidParameterValueException("The NextToken is not valid.")
    return after, int(empty)
