"""Pages of any listing: opaque tokens that go on where a page ended, without going through what came before."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from emulator.ram.exceptions import InvalidNextTokenError
from emulator.ram.settings import Behaviour

T = TypeVar("T")
Place = tuple[int, ...]
Walk = Callable[[Place], Iterator[tuple[Place, T]]]
"""Goes through a collection behind a place (the empty tuple: from its beginning), each item with its own place."""

_PAGING = frozenset({"nextToken", "maxResults"})


@dataclass(frozen=True, slots=True)
class Pager:
    """Cut listings for one request into pages.

    Attributes:
        scope: whose listing it is: operation, account and Region.
        request: its parameters; a token is good for requests with the same ones only.
        behaviour: the backend's page size and empty pages.
    """

    scope: str
    request: Mapping[str, Any]
    behaviour: Behaviour

    def cut(self, walk: Walk[T]) -> tuple[list[T], dict[str, str]]:
        """Return the items of the page that the request asks for, and ``nextToken`` if there is more to ask for.

        Raises:
            InvalidNextTokenError: the request's token was not given out for it.
        """
        place, empty = self._resume()
        if empty:
            return [], {"nextToken": self._token(place, empty - 1)}
        size = min(self.request.get("maxResults") or self.behaviour.page_size, self.behaviour.page_size)
        found = list(islice(walk(place), size + 1))
        items = [item for _, item in found[:size]]
        if len(found) <= size:
            return items, {}
        return items, {"nextToken": self._token(found[size - 1][0], self.behaviour.empty_pages)}

    def _resume(self) -> tuple[Place, int]:
        token = self.request.get("nextToken")
        if token is None:
            return (), self.behaviour.empty_pages
        try:
            seal, _, text = base64.urlsafe_b64decode(token).decode("ascii").partition("|")
        except (binascii.Error, ValueError) as error:
            raise InvalidNextTokenError(_REFUSAL) from error
        if not text or seal != self._seal(text):
            raise InvalidNextTokenError(_REFUSAL)
        empty, *place = (int(part) for part in text.split("."))
        return tuple(place), empty

    def _token(self, place: Place, empty: int) -> str:
        text = ".".join(str(part) for part in (empty, *place))
        return base64.urlsafe_b64encode(f"{self._seal(text)}|{text}".encode()).decode("ascii")

    def _seal(self, text: str) -> str:
        asked = {name: value for name, value in self.request.items() if name not in _PAGING}
        sealed = json.dumps([self.scope, asked, text], sort_keys=True)
        return hashlib.blake2s(sealed.encode(), digest_size=12).hexdigest()


_REFUSAL = "The specified value for nextToken isn't valid. Specify the value that the previous call returned."
