"""Deliveries that wait for their moment."""

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
    """Keeps deliveries until they are due: the earliest first, and those of one moment in the order they were put.

    Attributes:
        wake: set when something new waits.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.wake = Event()
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._lock = Lock()

    def put(self, deliver: Callable[[], None], after: timedelta = timedelta()) -> None:
        """Let *deliver* be called once, when *after* has passed, and never inside the call that puts it."""
        with self._lock:
            heapq.heappush(self._waiting, _Waiting(datetime.now(UTC) + after, next(self._numbers), deliver))
        self.wake.set()

    def take(self) -> Callable[[], None] | None:
        """Return the next delivery that is due, which is then the taker's to make."""
        with self._lock:
            if self._waiting and self._waiting[0].due_at <= datetime.now(UTC):
                return heapq.heappop(self._waiting).deliver
        return None

    def next_due_at(self) -> datetime | None:
        """Return when the next delivery is due; None where none waits."""
        with self._lock:
            return self._waiting[0].due_at if self._waiting else None
