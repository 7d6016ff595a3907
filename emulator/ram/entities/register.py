"""An ordered collection that finds by key at once, and goes on from any place without counting up to it."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Register(Generic[T]):
    """Keep items in the order of their arrival; an item's place never changes, also when others leave."""

    __slots__ = ("_first", "_items", "_places")

    def __init__(self) -> None:
        """Begin empty."""
        self._items: list[T | None] = []
        self._places: dict[str, int] = {}
        self._first = 0

    def add(self, key: str, item: T) -> None:
        """Append *item*, or put it in the place of the one that *key* names already."""
        place = self._places.setdefault(key, len(self._items))
        if place == len(self._items):
            self._items.append(item)
        else:
            self._items[place] = item

    def remove(self, key: str) -> None:
        """Take out what *key* names, if anything."""
        place = self._places.pop(key, None)
        if place is None:
            return
        self._items[place] = None
        while self._first < len(self._items) and self._items[self._first] is None:
            self._first += 1

    def get(self, key: str) -> T | None:
        """Return what *key* names."""
        place = self._places.get(key)
        return None if place is None else self._items[place]

    def after(self, place: int = -1) -> Iterator[tuple[int, T]]:
        """Go through what stands behind *place*, each with its own place."""
        here = max(place + 1, self._first)
        while here < len(self._items):
            item = self._items[here]
            if item is not None:
                yield here, item
            here += 1

    def only(self, key: str) -> Iterator[tuple[int, T]]:
        """Go through what *key* names: one item or none."""
        place = self._places.get(key)
        if place is not None and (item := self._items[place]) is not None:
            yield place, item

    def __iter__(self) -> Iterator[T]:
        """Go through all items."""
        return (item for _, item in self.after())

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self._places)
