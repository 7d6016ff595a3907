"""Pages of lists, small ones and empty ones, as Organizations gives them."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.wire.errors import Refusal


@dataclass(frozen=True, slots=True)
class Pager:
    """How a list is told.

    Attributes:
        scope: what is listed: a token is good for nothing else.
        largest: how many a page may hold.
        invalid: the code of the error that a wrong token or size ends in.
        empty_pages: how many empty pages with a token come before each full one.
    """

    scope: str
    largest: int
    invalid: str = "InvalidInputException"
    empty_pages: int = 0

    def page(self, told: Sequence[Any], request: Mapping[str, Any]) -> tuple[list[Any], dict[str, str]]:
        """Return a page of *told*, and ``NextToken`` where there is more.

        Raises:
            Refusal: the token was not given out for this list, or a page cannot be that large.
        """
        size = request.get("MaxResults") or self.largest
        if not 0 < size <= self.largest:
            raise Refusal(self.invalid, f"MaxResults lies between 1 and {self.largest}.")
        begin, empty = self._place(request.get("NextToken"))
        if empty:
            return [], {"NextToken": self._token(begin, empty - 1)}
        end = begin + size
        more = {"NextToken": self._token(end, self.empty_pages)} if len(told) > end else {}
        return list(told[begin:end]), more

    def _token(self, begin: int, empty: int) -> str:
        return b64encode(f"{begin}|{empty}|{self.scope}".encode()).decode()

    def _place(self, token: str | None) -> tuple[int, int]:
        if not token:
            return 0, self.empty_pages
        try:
            begin, empty, of = b64decode(token, validate=True).decode().split("|", 2)
            if of == self.scope:
                return int(begin), int(empty)
        except ValueError:  # it is none of ours then, either
            pass
        raise Refusal(self.invalid, "You provided a NextToken that is not valid.")
