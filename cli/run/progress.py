"""Says on a terminal how far a long run has come, and what it has found so far; nothing in a pipe."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, TextIO

from cli.command.options import Options
from cli.output.naming import where
from cli.terminal.safe_text import escaped
from functions.compliance_run.decision import ACTIVE, Account
from functions.compliance_run.sweeper import Swept
from functions.report.display import Names
from functions.report.html.markup import counted
from functions.shared.aws.clients import Clients

_CLEAR = "\r\x1b[K"
_QUIET_SECONDS = 2.0
"""A run that is over by then says nothing."""

_EVERY_SECONDS = 0.25
_WORTH_SHOWING = ("CRITICAL", "HIGH")
_MOST_SHOWN = 10
_MOST_NAMED = 2
_NEARLY_ALL = 0.9
_MINUTE = 60
_COLUMNS = 80


@dataclass(slots=True)
class Progress:
    """Counts what a run does; its methods are called by many threads.

    Attributes:
        accounts: that are looked at, by their numbers.
        names: of them.
        clients: that count the throttles.
        stream: the terminal; None where nobody watches.
        now: tells the time, in seconds.
    """

    accounts: frozenset[str]
    names: Names
    clients: Clients
    stream: TextIO | None
    now: Callable[[], float]
    _started: float = 0.0
    _is_drawn: bool = False
    _findings: int = 0
    _urgent: list[dict[str, Any]] = field(default_factory=list)
    _shown: int = 0
    _sweeps: int = 0
    _swept: int = 0
    _left: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Begin to count."""
        self._started = self.now()

    @classmethod
    def of(
        cls,
        accounts: Iterable[Account],
        clients: Clients,
        stream: TextIO | None,
        now: Callable[[], float] = time.monotonic,
    ) -> "Progress":
        """Count what is done in those of *accounts* that are active."""
        active = {each.account: each.name for each in accounts if each.state == ACTIVE}
        return cls(frozenset(active), Names(active, {}), clients, stream, now)

    @classmethod
    @contextmanager
    def shown(cls, options: Options, accounts: Iterable[Account], clients: Clients) -> "Iterator[Progress]":
        """Show progress on standard error for the time of the block, if that is a terminal."""
        watched = sys.stderr.isatty() and not options.quiet
        progress = cls.of(accounts, clients, sys.stderr if watched else None)
        over = Event()
        ticker = Thread(target=progress.tick, args=(over,), name="progress", daemon=True)
        if watched:
            ticker.start()
        try:
            yield progress
        finally:
            over.set()
            if watched:
                ticker.join()
            progress.clear()

    def began(self, account: str, _regions: Sequence[str], sweeps: int) -> None:
        """Take note that an account was begun, in which so many sweeps are to be made."""
        with self._lock:
            self._left[account] += sweeps
            self._sweeps += sweeps

    def told(self, swept: Swept) -> None:
        """Count a sweep, and keep the first findings that are urgent until they are shown."""
        account = swept.coverage["account"]
        with self._lock:
            self._findings += len(swept.findings)
            if account in self._left:
                self._left[account] -= 1
                self._swept += 1
            urgent = (each for each in swept.findings if each["severity"] in _WORTH_SHOWING and not each["muted"])
            self._urgent += [*urgent][: _MOST_SHOWN + 1 - len(self._urgent)]

    def draw(self) -> None:
        """Show what is new since the last time, and how far the run has come, unless it has only begun."""
        if self.stream is None or self.now() - self._started < _QUIET_SECONDS:
            return
        with self._lock:
            news, line = [*self._news()], self._line()
        self.stream.write("".join(f"{_CLEAR}{each}\n" for each in news) + _CLEAR + line[: _width(self.stream) - 1])
        self.stream.flush()
        self._is_drawn = True

    def clear(self) -> None:
        """Take the line away: the result follows."""
        if self.stream and self._is_drawn:
            self.stream.write(_CLEAR)
            self.stream.flush()

    def tick(self, over: Event) -> None:
        """Draw again and again until it is over: a run that waits is not a run that has died."""
        while not over.wait(_EVERY_SECONDS):
            self.draw()

    def _news(self) -> Iterator[str]:
        """Yield a line for each urgent finding that was not shown; of many the first alone."""
        fresh = self._urgent[self._shown :]
        self._shown = len(self._urgent)
        for finding in fresh[: _MOST_SHOWN - self._shown + len(fresh)]:
            text = f"{finding['severity']:<8} {where(finding, self.names)}  {finding['check']}: {finding['reason']}"
            yield escaped(text)
        if fresh and self._shown > _MOST_SHOWN:
            yield "More that is CRITICAL or HIGH stands in the result."

    def _line(self) -> str:
        share = self._share()
        parts = [
            f"{self._done():,} of {len(self.accounts):,} accounts, {int(share * 100)} %",
            *self._outlook(share),
            counted(self._findings, "finding"),
        ]
        if throttles := self.clients.throttles:
            parts.append(counted(throttles, "throttle"))
        return " · ".join(parts)

    def _done(self) -> int:
        return sum(not left for left in self._left.values())

    def _share(self) -> float:
        """Return how much of the run is done; an account that nobody has begun is taken for one like the others."""
        if not self._sweeps:
            return 0.0
        return self._swept / self._sweeps * len(self._left) / max(len(self.accounts), len(self._left))

    def _outlook(self, share: float) -> Iterator[str]:
        """Say what the run still waits for, where that is little, else for how long it goes on at this rate."""
        unfinished = [account for account, left in self._left.items() if left]
        if _NEARLY_ALL < share < 1 and len(unfinished) <= _MOST_NAMED:
            yield f"still at {', '.join(escaped(self.names.of(account)) for account in unfinished)}"
        elif 0 < share < 1:
            seconds = (self.now() - self._started) * (1 / share - 1)
            yield f"about {seconds / _MINUTE:.0f} min left" if seconds > _MINUTE else f"{seconds:.0f} s left"


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except OSError:
        return _COLUMNS
