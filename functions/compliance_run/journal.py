"""What a run has seen so far, a line for each sweep, in a file of its own."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import SEEK_END
from threading import Lock
from typing import Any, BinaryIO


@dataclass(slots=True)
class Journal:
    """JSON Lines that many threads write; nothing of them stays in memory.

    Attributes:
        file: open for reading and writing, at its end.
    """

    file: BinaryIO
    _lock: Lock = field(default_factory=Lock)

    def write(self, line: Mapping[str, Any]) -> None:
        """Write a line, whole: whoever reads the file after a crash finds it or does not."""
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self.file.write(text)
            self.file.flush()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield every line that was written, in that order; nothing may be written meanwhile."""
        yield from (line for _, line in self.places())

    def places(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the same with where each begins."""
        self.file.seek(0)
        place = 0
        for line in self.file:
            yield place, json.loads(line)
            place += len(line)
        self.file.seek(0, SEEK_END)

    def at(self, places: Iterable[int]) -> Iterator[dict[str, Any]]:
        """Yield the lines that begin at *places*, in that order, whatever else is read meanwhile."""
        for place in places:
            self.file.seek(place)
            yield json.loads(self.file.readline())
