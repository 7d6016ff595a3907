"""The sweeps of a run so far, one line for each, in a file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import SEEK_END
from threading import Lock
from typing import Any, BinaryIO


@dataclass(slots=True)
class Journal:
    """JSON Lines that many threads write and read; none of them stays in memory.

    Attributes:
        file: open for reading and writing.
        begin: the offset of the first line.
    """

    file: BinaryIO
    begin: int = 0
    _lock: Lock = field(default_factory=Lock)

    def write(self, line: Mapping[str, Any]) -> int:
        """Write a whole line at the end, and return its offset: after a crash it is in the file, or it is not."""
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            offset = self.file.seek(0, SEEK_END)
            self.file.write(text)
            self.file.flush()
        return offset

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield every line in the order of writing."""
        yield from (line for _, line in self.offsets())

    def offsets(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the same, each with the offset at which it begins."""
        offset = self.begin
        while text := self._line(offset):
            yield offset, json.loads(text)
            offset += len(text)

    def at(self, offsets: Iterable[int]) -> Iterator[dict[str, Any]]:
        """Yield the lines that begin at *offsets*, in that order."""
        yield from (json.loads(self._line(offset)) for offset in offsets)

    def _line(self, offset: int) -> bytes:
        with self._lock:
            self.file.seek(offset)
            return self.file.readline()
