"""The scheduler: makes deliveries when they are due, and lets time pass."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import count
from threading import Event, RLock, Thread
from typing import Any, Protocol

from emulator.delivery import time_to_live
from emulator.delivery.due_queue import DueQueue
from emulator.delivery.isolation import Isolation
from emulator.process.clock import EmulatedClock

_MOST_DELIVERIES = 100_000
_TICK_SECONDS = 0.2
_SWEEP_TICKS = 300


class RestlessError(Exception):
    """Deliveries go on without end, because something keeps causing itself."""


class Timer(Protocol):
    """A rule or schedule that fires at times of its own."""

    @property
    def arn(self) -> str:
        """Its ARN."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first time after *moment* at which it fires; None if it does not fire again."""

    def fire(self, moment: datetime) -> None:
        """Queue what it delivers."""


class StreamPoller(Protocol):
    """Reads streams on behalf of the functions that are mapped to them."""

    def next_due_at(self) -> datetime | None:
        """Return when the next retry is due; None if none is."""

    def poll(self) -> bool:
        """Invoke each mapped function once if records wait for it; return whether any was invoked."""


class Scheduler:
    """Makes deliveries that are due, and lets time pass from one due time to the next."""

    def __init__(  # noqa: PLR0913  # the parts that it drives
        self,
        clock: EmulatedClock,
        due_queue: DueQueue,
        timers: Callable[[], Iterable[Timer]],
        mappings: StreamPoller,
        tables: AbstractContextManager[Any],
        isolation: Isolation,
    ) -> None:
        """Connect the clock, the queue, the timers, the streams, and the lock under which tables are written."""
        self._clock = clock
        self._due_queue = due_queue
        self._timers = timers
        self._mappings = mappings
        self._tables = tables
        self._isolation = isolation
        self._turn = RLock()
        self._until = clock.jumped_to
        self._jumps = clock.jumps

    def settle(self) -> None:
        """Deliver everything that is due now, and everything that this causes.

        Raises:
            RestlessError: the deliveries go on without end.
        """
        with self._turn:
            self._fire_missed()
            self._drain()

    def advance(self, delta: timedelta) -> None:
        """Let *delta* pass: schedules fire and retries are made, each at its own time."""
        with self._turn:
            end = self._clock.now() + delta
            self.settle()
            while (moment := self._next_due_at(end)) is not None:
                self._pass_until(moment)
                self.settle()
            self._pass_until(end)
            time_to_live.sweep(self._tables)
            self.settle()

    def run(self, stop: Event) -> Thread:
        """Deliver in a thread until *stop* is set."""
        thread = Thread(target=self._run, args=(stop,), name="emulator-delivery", daemon=True)
        thread.start()
        return thread

    def _run(self, stop: Event) -> None:
        for tick in count():
            if stop.is_set():
                return
            self._due_queue.wake.wait(_TICK_SECONDS)
            self._due_queue.wake.clear()
            with self._isolation.of("deliveries without end"):
                self.settle()
                if tick % _SWEEP_TICKS == 0:
                    time_to_live.sweep(self._tables)

    def _pass_until(self, moment: datetime) -> None:
        if moment > self._clock.now():
            self._clock.reach(moment)

    def _next_due_at(self, end: datetime) -> datetime | None:
        now = self._clock.now()
        fires = [moment for moment, _ in self._next_firings()]
        moments = (*fires, self._due_queue.next_due_at(), self._mappings.next_due_at())
        return min((moment for moment in moments if moment is not None and now < moment <= end), default=None)

    def _fire_missed(self) -> None:
        if self._jumps != self._clock.jumps:
            self._jumps, self._until = self._clock.jumps, self._clock.jumped_to
        now = self._clock.now()
        while due := self._due(now):
            moment = min(at for at, _ in due)
            for _, timer in sorted((each for each in due if each[0] == moment), key=lambda each: each[1].arn):
                with self._isolation.of(timer.arn):
                    timer.fire(moment)
            self._until = max(moment, self._until)
        self._until = max(now, self._until)

    def _due(self, now: datetime) -> list[tuple[datetime, Timer]]:
        return [(moment, timer) for moment, timer in self._next_firings() if moment <= now]

    def _next_firings(self) -> list[tuple[datetime, Timer]]:
        found: list[tuple[datetime, Timer]] = []
        for timer in self._timers():
            with self._isolation.of(timer.arn):
                if (moment := timer.next_after(self._until)) is not None:
                    found.append((moment, timer))
        return found

    def _drain(self) -> None:
        for _ in range(_MOST_DELIVERIES):
            delivery = self._due_queue.take()
            if delivery is not None:
                with self._isolation.of("a delivery"):
                    delivery()
            elif not self._mappings.poll():
                return
        msg = f"deliveries still cause deliveries after {_MOST_DELIVERIES}"
        raise RestlessError(msg)
