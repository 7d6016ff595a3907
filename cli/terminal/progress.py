"""Shows the progress of a long run on a terminal, and its urgent findings; writes nothing in a pipe."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any, TextIO

from functions.compliance_run.decision import ACTIVE, Account
from functions.report.composition import Swept
from functions.report.display import Names
from functions.report.html.markup import counted
from functions.shared.aws.clients import Clients
from functions.shared.finding import plain_line

_CLEAR = "\r\x1b[K"
_QUIET_SECONDS = 2.0
"""A run that ends before shows no progress."""

_EVERY_SECONDS = 0.25
_WORTH_SHOWING = ("CRITICAL", "HIGH")
_MOST_SHOWN = 10
_MOST_NAMED = 2
_NEARLY_ALL = 0.9
_MINUTE = 60
_COLUMNS = 80


class RunProgress:
    """Counts what a run does; its methods are called by many threads."""

    def __init__(
        self,
        accounts: Iterable[Account],
        clients: Clients,
        stream: TextIO | None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count the sweeps of those of *accounts* that are active.

        Args:
            accounts: in scope.
            clients: count the throttles.
            stream: the terminal; None where there is none.
            now: returns the time, in seconds.
        """
        self.stream = stream
        self._names = Names({each.account: each.name for each in accounts if each.state == ACTIVE}, {})
        self._clients = clients
        self._now = now
        self._started = now()
        self._is_drawn = False
        self._urgent: list[dict[str, Any]] = []
        self._findings = self._shown = self._sweeps = self._swept = 0
        self._left: Counter[str] = Counter()
        self._lock = Lock()

    @classmethod
    @contextmanager
    def shown(cls, accounts: Iterable[Account], clients: Clients, *, quiet: bool) -> "Iterator[RunProgress]":
        """Show progress on standard error within the block, if that is a terminal."""
        watched = sys.stderr.isatty() and not quiet
        progress = cls(accounts, clients, sys.stderr if watched else None)
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

    def start(self, account: str, _regions: Sequence[str], sweeps: int) -> None:
        """Note that so many sweeps of an account begin."""
        with self._lock:
            self._left[account] += sweeps
            self._sweeps += sweeps

    def record(self, swept: Swept) -> None:
        """Count a sweep, and keep its first urgent findings until they are shown."""
        account = swept.coverage["account"]
        with self._lock:
            self._findings += len(swept.findings)
            if account in self._left:
                self._left[account] -= 1
                self._swept += 1
            urgent = (each for each in swept.findings if each["severity"] in _WORTH_SHOWING and not each["muted"])
            self._urgent += [*urgent][: _MOST_SHOWN + 1 - len(self._urgent)]

    def draw(self) -> None:
        """Show the new findings and the progress, unless the run has only begun."""
        if self.stream is None or self._now() - self._started < _QUIET_SECONDS:
            return
        with self._lock:
            news, line = [*self._news()], self._line()
        self.stream.write("".join(f"{_CLEAR}{each}\n" for each in news) + _CLEAR + line[: _width(self.stream) - 1])
        self.stream.flush()
        self._is_drawn = True

    def clear(self) -> None:
        """Clear the line before the result."""
        if self.stream and self._is_drawn:
            self.stream.write(_CLEAR)
            self.stream.flush()

    def tick(self, over: Event) -> None:
        """Draw until the run is over, so that a run that waits does not look dead."""
        while not over.wait(_EVERY_SECONDS):
            self.draw()

    def _news(self) -> Iterator[str]:
        """Yield a line for each urgent finding that was not shown yet, up to a limit."""
        fresh = self._urgent[self._shown :]
        self._shown = len(self._urgent)
        for finding in fresh[: _MOST_SHOWN - self._shown + len(fresh)]:
            what = finding.get("title") or f"{finding['check']}: {finding['reason']}"
            yield plain_line(f"{finding['severity']:<8} {self._names.where(finding)}  {what}")
        if fresh and self._shown > _MOST_SHOWN:
            yield "More CRITICAL and HIGH findings are in the result."

    def _line(self) -> str:
        share = self._share()
        parts = [
            f"{self._done():,} of {len(self._names.names):,} accounts, {int(share * 100)} %",
            *self._outlook(share),
            counted(self._findings, "finding"),
        ]
        if throttles := self._clients.throttles:
            parts.append(counted(throttles, "throttle"))
        return " · ".join(parts)

    def _done(self) -> int:
        return sum(not left for left in self._left.values())

    def _share(self) -> float:
        """Return how much of the run is done; an account without sweeps yet counts like the others."""
        if not self._sweeps:
            return 0.0
        return self._swept / self._sweeps * len(self._left) / max(len(self._names.names), len(self._left))

    def _outlook(self, share: float) -> Iterator[str]:
        """Name the last accounts, if only a few are left; otherwise estimate the time that is left."""
        unfinished = [account for account, left in self._left.items() if left]
        if _NEARLY_ALL < share < 1 and len(unfinished) <= _MOST_NAMED:
            yield f"waiting for {', '.join(plain_line(self._names.of(account)) for account in unfinished)}"
        elif 0 < share < 1:
            seconds = (self._now() - self._started) * (1 / share - 1)
            yield f"about {seconds / _MINUTE:.0f} min left" if seconds > _MINUTE else f"{seconds:.0f} s left"


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except OSError:
        return _COLUMNS
