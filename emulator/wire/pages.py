"""Pages of every listing: an opaque token continues where a page ended, without reading what came before."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from emulator.wire.messages import Request

T = TypeVar("T")
Position = tuple[Any, ...]
Walk = Callable[[Position], Iterator[tuple[Position, T]]]
"""Yields the items behind a position (the empty tuple: all of them), each with its own position."""


@dataclass(slots=True)
class PageSettings:
    """How a service cuts its listings.

    Attributes:
        page_size: most items on a page, whatever the caller asks for.
        empty_pages: how many empty pages, each with a token, come before every page.
    """

    page_size: int = 100
    empty_pages: int = 0


@dataclass(frozen=True, slots=True)
class Pager:
    """Cuts the listing of one request into pages.

    Attributes:
        scope: what is listed, and for whom: operation, account and Region.
        request: its parameters; a token is valid only for a request with the same ones.
        settings: of the service.
        refuse: returns the error for an invalid token, and for an invalid page size.
        most: largest page size that the API accepts; None where something else checks it.
        token: member that holds the token, ``NextToken`` or ``nextToken``.
        size: member that holds the page size.
    """

    scope: str
    request: Request
    settings: PageSettings
    refuse: Callable[[str], Exception]
    most: int | None = None
    token: str = "NextToken"  # noqa: S105  # a name
    size: str = "MaxResults"

    def page(self, items: Sequence[T]) -> tuple[list[T], dict[str, str]]:
        """Return a page of a list, as :meth:`cut` does."""

        def walk(position: Position) -> Iterator[tuple[Position, T]]:
            return (((index,), items[index]) for index in range(position[0] + 1 if position else 0, len(items)))

        return self.cut(walk)

    def cut(self, walk: Walk[T]) -> tuple[list[T], dict[str, str]]:
        """Return the items of the page that the request asks for, and the next token if there is more.

        Raises:
            Exception: what :attr:`refuse` returns: the size is out of range, or the token is not one of this listing.
        """
        position, empty = self._resume()
        asked = self.request.get(self.size)
        size = self.settings.page_size if asked is None else asked
        if self.most is not None and not 1 <= size <= self.most:
            raise self.refuse(f"{self.size} must be between 1 and {self.most}.")
        if empty:
            return [], {self.token: self._encode(position, empty - 1)}
        size = min(size or self.settings.page_size, self.settings.page_size)
        found = list(islice(walk(position), size + 1))
        items = [item for _, item in found[:size]]
        if len(found) <= size:
            return items, {}
        return items, {self.token: self._encode(found[size - 1][0], self.settings.empty_pages)}

    def _resume(self) -> tuple[Position, int]:
        token = self.request.get(self.token)
        if token is None:
            return (), self.settings.empty_pages
        try:
            seal, empty, *position = json.loads(base64.urlsafe_b64decode(token))
        except (TypeError, ValueError) as error:
            raise self._invalid_token() from error
        if seal != self._seal(empty, position):
            raise self._invalid_token()
        return tuple(position), empty

    def _invalid_token(self) -> Exception:
        value = "Specify the value that the previous call returned."
        return self.refuse(f"The specified value for {self.token} is not valid. {value}")

    def _encode(self, position: Position, empty: int) -> str:
        text = json.dumps([self._seal(empty, position), empty, *position])
        return base64.urlsafe_b64encode(text.encode()).decode("ascii")

    def _seal(self, *content: Any) -> str:
        """Return what ties a token to its listing, so that it is refused elsewhere."""
        asked = {name: value for name, value in self.request.items() if name not in (self.token, self.size)}
        sealed = json.dumps([self.scope, asked, *content], sort_keys=True, default=str)
        return hashlib.blake2s(sealed.encode(), digest_size=12).hexdigest()
