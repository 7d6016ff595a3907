"""How listings are filtered, and cut into pages with opaque tokens."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from emulator.cloudhsmv2.exceptions import CloudHsmInvalidRequestError
from emulator.cloudhsmv2.settings import Behaviour

T = TypeVar("T")
Request = Mapping[str, Any]
Readers = Mapping[str, Callable[[T], str]]
"""What each filter holds its values against, by the filter's name."""

NEVER_EXPIRES = "neverExpires"
_PAGING = frozenset({"NextToken", "MaxResults"})


def filtered(items: Iterable[T], request: Request, readers: Readers[T], behaviour: Behaviour) -> list[T]:
    """Return the items that pass every filter of the request.

    Raises:
        CloudHsmInvalidRequestError: there is no such filter, or it knows no such value.
    """
    left = list(items)
    for name, values in (request.get("Filters") or {}).items():
        if name not in readers:
            raise CloudHsmInvalidRequestError(f"Filter {name} is not valid.")
        if name == NEVER_EXPIRES and not _is_understood(values, behaviour):
            continue
        left = [item for item in left if readers[name](item) in values]
    return left


def page(
    items: Sequence[T], request: Request, sizes: tuple[int, int], behaviour: Behaviour, scope: str
) -> tuple[list[T], dict[str, str]]:
    """Return the items of the page that the request asks for, and ``NextToken`` if there is more to ask for.

    Args:
        items: all of them.
        request: with ``MaxResults`` and ``NextToken``, if they are given.
        sizes: the most that the backend puts on a page, and the most that the API lets a caller ask for.
        behaviour: of the backend.
        scope: whose listing it is.

    Raises:
        CloudHsmInvalidRequestError: the page is too large, or the token was not given out for this request.
    """
    size, most = sizes
    wanted = request.get("MaxResults", size)
    if not 1 <= wanted <= most:
        raise CloudHsmInvalidRequestError(f"MaxResults must be 1 to {most}.")
    place, empty = _resume(request, scope, behaviour)
    if empty:
        return [], {"NextToken": _token(request, scope, place, empty - 1)}
    end = place + min(wanted, size)
    more = {"NextToken": _token(request, scope, end, behaviour.empty_pages)} if end < len(items) else {}
    return list(items[place:end]), more


def _is_understood(values: Sequence[str], behaviour: Behaviour) -> bool:
    """Say whether the filter is to be applied.

    Raises:
        CloudHsmInvalidRequestError: a value is not spelt as this backend spells it, and it refuses that.
    """
    unknown = [value for value in values if value not in behaviour.never_expires_words]
    if unknown and behaviour.unknown_word == "refused":
        raise CloudHsmInvalidRequestError(f"{unknown[0]} is not a valid value of {NEVER_EXPIRES}.")
    return not (unknown and behaviour.unknown_word == "ignored")


def _resume(request: Request, scope: str, behaviour: Behaviour) -> tuple[int, int]:
    token = request.get("NextToken")
    if token is None:
        return 0, behaviour.empty_pages
    try:
        seal, place, empty = base64.urlsafe_b64decode(token).decode("ascii").split("|")
    except (binascii.Error, ValueError) as error:
        raise CloudHsmInvalidRequestError("The NextToken is not valid.") from error
    if seal != _seal(request, scope, f"{place}|{empty}"):
        raise CloudHsmInvalidRequestError("The NextToken is not valid.")
    return int(place), int(empty)


def _token(request: Request, scope: str, place: int, empty: int) -> str:
    text = f"{place}|{empty}"
    return base64.urlsafe_b64encode(f"{_seal(request, scope, text)}|{text}".encode()).decode("ascii")


def _seal(request: Request, scope: str, text: str) -> str:
    asked = {name: value for name, value in request.items() if name not in _PAGING}
    return hashlib.blake2s(json.dumps([scope, asked, text], sort_keys=True).encode(), digest_size=12).hexdigest()
