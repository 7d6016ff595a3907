"""What Ctrl-C and a signal to terminate do: calls in progress are finished, and what was done is told."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import NoReturn

from cli.terminal.notes import write

_Handler = Callable[[int, FrameType | None], object]


class TerminatedError(KeyboardInterrupt):
    """The process was asked to terminate; whatever ends at Ctrl-C ends at this too."""


@contextmanager
def terminated_like_ctrl_c() -> Iterator[None]:
    """Raise TerminatedError when the process is asked to terminate, so that everything is closed and told."""

    def terminate(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TerminatedError

    with _handled(signal.SIGTERM, signal.SIG_DFL, terminate):
        yield


@contextmanager
def announced_interrupt() -> Iterator[None]:
    """Say at the first Ctrl-C that the calls in progress are finished first; the second one ends them."""
    ours = signal.default_int_handler

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, ours)
        write("\nwatchkeeper: finishing the calls in progress; press Ctrl-C again to stop at once\n")
        ours(number, frame)

    with _handled(signal.SIGINT, ours, first):
        yield


@contextmanager
def _handled(number: int, default: object, handler: _Handler) -> Iterator[None]:
    """Handle a signal within the block; nothing is changed where it is ignored, or handled elsewhere."""
    before = signal.getsignal(number)
    if before is not default or current_thread() is not main_thread():
        yield
        return
    signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
