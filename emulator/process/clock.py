"""The emulated clock: the clock of this process, moved."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine


class EmulatedClock:
    """Controls the time that everything in this process reads.

    A still clock moves only on request, so that a run can be repeated; a ticking clock runs by itself. With a still
    clock, ``time.sleep`` in this process returns at once and moves the clock.

    Attributes:
        ticking: whether time passes by itself.
        jumps: how often :meth:`move_to` was called.
        jumped_to: the target of the last jump, or the start.
    """

    def __init__(self, now: datetime | None = None, *, ticking: bool = False) -> None:
        """Remember the start; :meth:`start` takes the clock over.

        Args:
            now: with a time zone; the present if absent.
            ticking: whether time passes by itself.
        """
        self.ticking = ticking
        self.jumps = 0
        self.jumped_to = _aware(now) if now else datetime.now(UTC)
        self._waited_seconds = 0.0
        self._travel = time_machine.travel(self.jumped_to, tick=ticking)
        self._undo = ExitStack()
        self._traveller: time_machine.Traveller | None = None

    def start(self) -> None:
        """Take over the clock of this process."""
        self._traveller = self._travel.start()
        self._undo.callback(self._travel.stop)
        if not self.ticking:
            real = time.monotonic
            self._undo.enter_context(patch.object(time, "sleep", self._wait))
            self._undo.enter_context(patch.object(time, "monotonic", lambda: real() + self._waited_seconds))

    def stop(self) -> None:
        """Restore the clock of this process."""
        self._traveller = None
        self._undo.close()

    def now(self) -> datetime:
        """Return the emulated time, in UTC."""
        return datetime.now(UTC)

    def move_to(self, moment: datetime) -> None:
        """Jump to *moment*, also backwards; nothing that was due in between happens."""
        self.reach(moment)
        self.jumps += 1
        self.jumped_to = _aware(moment)

    def reach(self, moment: datetime) -> None:
        """Let time pass until *moment*."""
        if self._traveller is None:
            msg = "the clock moves only while the emulator runs"
            raise RuntimeError(msg)
        self._traveller.move_to(_aware(moment))

    def _wait(self, seconds: float) -> None:
        self._waited_seconds += seconds
        self.reach(self.now() + timedelta(seconds=seconds))


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        msg = f"a time needs a time zone: {moment!r}"
        raise ValueError(msg)
    return moment.astimezone(UTC)
