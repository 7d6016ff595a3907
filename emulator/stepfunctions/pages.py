"""Pages of lists: opaque tokens that go on behind what was told."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.wire.errors import Refusal

_USUAL = 100


def page(
    told: Sequence[Any], scope: str, request: Mapping[str, Any], most: int = 1000
) -> tuple[list[Any], dict[str, str]]:
    """Return a page of *told*, and ``nextToken`` where there is more.

    Args:
        told: everything, in its order.
        scope: what is listed: a token is good for nothing else.
        request: with ``nextToken`` and ``maxResults``.
        most: how many a page may hold.

    Raises:
        Refusal: the token was not given out for this list, or a page cannot be that large.
    """
    size = request.get("maxResults") or _USUAL
    if not 0 < size <= most:
        raise Refusal("ValidationException", f"maxResults must be between 0 and {most}.")
    begin = _begin(scope, request.get("nextToken"))
    more = {"nextToken": _token(scope, begin + size)} if len(told) > begin + size else {}
    return list(told[begin : begin + size]), more


def _token(scope: str, begin: int) -> str:
    return b64encode(f"{begin}|{scope}".encode()).decode()


def _begin(scope: str, token: str | None) -> int:
    if not token:
        return 0
    try:
        begin, _, of = b64decode(token, validate=True).decode().partition("|")
        if of == scope:
            return int(begin)
    except ValueError:  # it is none of ours then, either
        pass
    raise Refusal("InvalidToken", f"Invalid Token: '{token}'")
