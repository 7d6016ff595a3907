"""The sweeps of a run so far, one line for each, in a file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import SEEK_END
from threading import Lock
from typing import Any, BinaryIO


@dataclass(slots=True)
class Journal:
    """JSON Lines that many threads write; none of them stays in memory.

    Attributes:
        file: open for reading and writing, at its end.
    """

    file: BinaryIO
    _lock: Lock = field(default_factory=Lock)

    def write(self, line: Mapping[str, Any]) -> None:
        """Write a whole line: after a crash it is in the file, or it is not."""
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self.file.write(text)
            self.file.flush()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield every line in the order of writing; nothing may be written meanwhile."""
        yield from (line for _, line in self.offsets())

    def offsets(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the same, each with the offset at which it begins."""
        self.file.seek(0)
        offset = 0
        for line in self.file:
            yield offset, json.loads(line)
            offset += len(line)
        self.file.seek(0, SEEK_END)

    def at(self, offsets: Iterable[int]) -> Iterator[dict[str, Any]]:
        """Yield the lines that begin at *offsets*, in that order, whatever else is read meanwhile."""
        for offset in offsets:
            self.file.seek(offset)
            yield json.loads(self.file.readline())
