"""The emulated world's clock, which is this process's own clock, moved."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine


class Clock:
    """Move the time that everything in this process reads.

    A still clock moves only when told to, so that a story plays the same each time; a ticking one runs on from there.

    A wait (``time.sleep``) in this process moves a still clock on and is over at once.

    Attributes:
        ticking: whether time passes by itself.
        jumps: how often it was told to jump.
        jumped_to: where it jumped last, or where it started.
    """

    def __init__(self, now: datetime | None = None, *, ticking: bool = False) -> None:
        """Remember where to start; the clock is taken over by :meth:`start`.

        Args:
            now: an aware moment; the present one if absent.
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
        """Give the process its own clock back."""
        self._traveller = None
        self._undo.close()

    def now(self) -> datetime:
        """Return the emulated present, aware and in UTC."""
        return datetime.now(UTC)

    def move_to(self, moment: datetime) -> None:
        """Jump to *moment*, also backwards; what would have happened on the way does not."""
        self.reach(moment)
        self.jumps += 1
        self.jumped_to = _aware(moment)

    def reach(self, moment: datetime) -> None:
        """Set the clock to *moment*, as time that has passed."""
        if self._traveller is None:
            msg = "the clock moves only while the emulator runs"
            raise RuntimeError(msg)
        self._traveller.move_to(_aware(moment))

    def _wait(self, seconds: float) -> None:
        self._waited_seconds += seconds
        self.reach(self.now() + timedelta(seconds=seconds))


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        msg = f"a moment needs a time zone: {moment!r}"
        raise ValueError(msg)
    return moment.astimezone(UTC)
