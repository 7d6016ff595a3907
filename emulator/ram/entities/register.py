"""An ordered collection with fast access by key and by position."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Register(Generic[T]):
    """Keeps items in the order of insertion; the position of an item never changes, also when others are removed."""

    __slots__ = ("_first", "_items", "_positions")

    def __init__(self) -> None:
        """Begin empty."""
        self._items: list[T | None] = []
        self._positions: dict[str, int] = {}
        self._first = 0

    def add(self, key: str, item: T) -> None:
        """Append *item*, or replace the item with this key."""
        position = self._positions.setdefault(key, len(self._items))
        if position == len(self._items):
            self._items.append(item)
        else:
            self._items[position] = item

    def remove(self, key: str) -> None:
        """Remove the item with this key, if it exists."""
        position = self._positions.pop(key, None)
        if position is None:
            return
        self._items[position] = None
        while self._first < len(self._items) and self._items[self._first] is None:
            self._first += 1

    def get(self, key: str) -> T | None:
        """Return the item with this key."""
        position = self._positions.get(key)
        return None if position is None else self._items[position]

    def after(self, position: int = -1) -> Iterator[tuple[int, T]]:
        """Iterate over the items after *position*, each with its position."""
        position = max(position + 1, self._first)
        while position < len(self._items):
            item = self._items[position]
            if item is not None:
                yield position, item
            position += 1

    def only(self, key: str) -> Iterator[tuple[int, T]]:
        """Iterate over the item with this key, if it exists."""
        position = self._positions.get(key)
        if position is not None and (item := self._items[position]) is not None:
            yield position, item

    def __iter__(self) -> Iterator[T]:
        """Iterate over all items."""
        return (item for _, item in self.after())

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self._positions)
