"""The rows of a table of the page: all of them packed for its script, the first ones for browsers without scripts."""

import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.report.result import Row

_GZIP = zlib.MAX_WBITS | 16
_LEVEL = 6


def packed(name: str, fields: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield a script element that holds *rows* as gzipped JSON in Base64: nothing in it can end the element.

    Args:
        name: of the table that shows them.
        fields: of a row that the script needs.
        rows: read once.
    """
    yield f'<script type="application/gzip" id="data-{name}">'
    yield from _encoded(_written(fields, rows))
    yield "</script>\n"


def _written(fields: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield f'{{"fields":{json.dumps(list(fields))},"rows":['
    separator = ""
    for row in rows:
        yield separator + json.dumps([row[field] for field in fields], separators=(",", ":"))
        separator = ","
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
class FirstRows:
    """Keeps the first rows of a table.

    Attributes:
        most: how many are kept.
        key: by which they are sorted.
        seen: how many rows there were.
    """

    most: int
    key: Callable[[Row], Any]
    seen: int = 0
    _kept: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Add a row."""
        self.seen += 1
        self._kept.append(row)
        if len(self._kept) >= 2 * self.most:
            self._cut()

    def rows(self) -> list[Row]:
        """Return the rows that were kept, in order."""
        self._cut()
        return list(self._kept)

    def note(self) -> str:
        """Say how many rows were kept, if not all were."""
        if self.seen <= self.most:
            return ""
        return f"The first {self.most} of {self.seen:,} stand here; the others need a browser that runs scripts."

    def _cut(self) -> None:
        self._kept = sorted(self._kept, key=self.key)[: self.most]
