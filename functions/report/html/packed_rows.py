"""Rows on their way into the page: all of them packed for its script, the foremost kept for who has none."""

import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")

_GZIP = zlib.MAX_WBITS | 16
_LEVEL = 6


def packed(name: str, fields: Sequence[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a script element that holds *rows* as gzipped JSON in Base64: nothing in it can end the element.

    Args:
        name: of the listing that shows them.
        fields: of a row; what else it has is left out.
        rows: gone through once.
    """
    yield f'<script type="application/gzip" id="data-{name}">'
    yield from _encoded(_written(fields, rows))
    yield "</script>\n"


def _written(fields: Sequence[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f'{{"fields":{json.dumps(list(fields))},"rows":['
    joint = ""
    for row in rows:
        yield joint + json.dumps([row[field] for field in fields], separators=(",", ":"))
        joint = ","
    yield "]}"


def _encoded(texts: Iterable[str]) -> Iterator[str]:
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    left = b""
    for text in texts:
        if more := packer.compress(text.encode()):
            whole = (left + more)[: (len(left) + len(more)) // 3 * 3]
            left = (left + more)[len(whole) :]
            yield b64encode(whole).decode("ascii")
    yield b64encode(left + packer.flush()).decode("ascii")


@dataclass(slots=True)
class Foremost(Generic[Row]):
    """Keeps the foremost of the rows that go by.

    Attributes:
        most: how many are kept.
        key: what they are ranked by, the least first.
        seen: how many went by.
    """

    most: int
    key: Callable[[Row], Any]
    seen: int = 0
    _kept: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take note of a row."""
        self.seen += 1
        self._kept.append(row)
        if len(self._kept) >= 2 * self.most:
            self._cut()

    def rows(self) -> list[Row]:
        """Return those that were kept, the foremost first."""
        self._cut()
        return list(self._kept)

    def note(self) -> str:
        """Say how many of all were kept, if that is not all."""
        if self.seen <= self.most:
            return ""
        return f"The first {self.most} of {self.seen:,} stand here; the others need a browser that runs scripts."

    def _cut(self) -> None:
        self._kept = sorted(self._kept, key=self.key)[: self.most]
