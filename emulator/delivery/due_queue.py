"""The queue of deliveries, ordered by the time at which they are due."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event, Lock


@dataclass(order=True, slots=True)
class _Waiting:
    due_at: datetime
    number: int
    deliver: Callable[[], None] = field(compare=False)


class DueQueue:
    """Keeps deliveries until they are due: the earliest first, then in the order in which they were added.

    Attributes:
        wake: set when a delivery is added.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.wake = Event()
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._lock = Lock()

    def put(self, deliver: Callable[[], None], after: timedelta = timedelta()) -> None:
        """Call *deliver* once after this delay, and never inside the call that adds it."""
        with self._lock:
            heapq.heappush(self._waiting, _Waiting(datetime.now(UTC) + after, next(self._numbers), deliver))
        self.wake.set()

    def take(self) -> Callable[[], None] | None:
        """Remove and return the next delivery that is due; None if none is."""
        with self._lock:
            if self._waiting and self._waiting[0].due_at <= datetime.now(UTC):
                return heapq.heappop(self._waiting).deliver
        return None

    def next_due_at(self) -> datetime | None:
        """Return when the next delivery is due; None if the queue is empty."""
        with self._lock:
            return self._waiting[0].due_at if self._waiting else None
