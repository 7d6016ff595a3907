"""Lists of what left the emulated AWS, for tests to look at."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Records(Generic[T]):
    """What was recorded, oldest first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._records: list[T] = []

    def add(self, record: T) -> None:
        """Append *record*."""
        self._records.append(record)

    def clear(self) -> None:
        """Forget all records."""
        self._records.clear()

    def __iter__(self) -> Iterator[T]:
        """Iterate over the records, oldest first."""
        return iter(tuple(self._records))

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self._records)

    def __getitem__(self, index: int) -> T:
        """Return one of the records."""
        return self._records[index]
