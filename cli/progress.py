"""Says on a terminal how far a long run has come, and what it has found so far; nothing in a pipe."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TextIO

from cli.options import Options
from cli.safe_text import escaped
from functions.compliance_run.sweeping import Swept
from functions.shared.clients import Clients

_CLEAR = "\r\x1b[K"
_QUIET_SECONDS = 2.0
"""A run that is over by then says nothing."""

_EVERY_SECONDS = 0.2
_WORTH_SHOWING = ("CRITICAL", "HIGH")
_MOST_SHOWN = 10
_MINUTE = 60


@dataclass(slots=True)
class Progress:
    """Counts what a run does; its methods are called by many threads.

    Attributes:
        accounts: how many there are to look at.
        clients: that count the throttles.
        stream: the terminal; None where nobody watches.
    """

    accounts: int
    clients: Clients
    stream: TextIO | None
    _started: float = field(default_factory=time.monotonic)
    _written: float = 0.0
    _findings: int = 0
    _shown: int = 0
    _done: int = 0
    _left: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    @contextmanager
    def shown(cls, options: Options, accounts: int, clients: Clients) -> "Iterator[Progress]":
        """Show progress on standard error for the time of the block, if that is a terminal."""
        watched = sys.stderr.isatty() and not options.quiet
        progress = cls(accounts, clients, sys.stderr if watched else None)
        try:
            yield progress
        finally:
            progress.clear()

    def began(self, account: str, _regions: Sequence[str], sweeps: int) -> None:
        """Take note that an account was begun, in which so many sweeps are to be made."""
        with self._lock:
            self._left[account] += sweeps
            if not self._left[account]:
                self._done += 1

    def told(self, swept: Swept) -> None:
        """Count a sweep, and show the first findings that are urgent."""
        account = swept.coverage["account"]
        with self._lock:
            self._findings += len(swept.findings)
            if account in self._left:
                self._left[account] -= 1
                self._done += not self._left[account]
            if self.stream and time.monotonic() - self._started > _QUIET_SECONDS:
                self._show(self.stream, swept)

    def clear(self) -> None:
        """Take the line away: the result follows."""
        if self.stream and self._written:
            self.stream.write(_CLEAR)
            self.stream.flush()

    def _show(self, stream: TextIO, swept: Swept) -> None:
        for finding in swept.findings:
            if finding["severity"] in _WORTH_SHOWING and not finding["muted"] and self._shown < _MOST_SHOWN:
                self._shown += 1
                where = f"{finding['account']} {finding['region']}"
                reason = escaped(finding["reason"])
                stream.write(f"{_CLEAR}{finding['severity']:<8} {where:<27} {finding['check']}: {reason}\n")
        if time.monotonic() - self._written >= _EVERY_SECONDS:
            self._written = time.monotonic()
            stream.write(_CLEAR + self._line())
            stream.flush()

    def _line(self) -> str:
        parts = [f"{self._done:,} of {self.accounts:,} accounts", f"{self._findings:,} findings"]
        if throttles := self.clients.throttles:
            parts.append(f"{throttles:,} throttles")
        if self._done:
            seconds = (time.monotonic() - self._started) / self._done * (self.accounts - self._done)
            parts.append(f"about {seconds / _MINUTE:.0f} min left" if seconds > _MINUTE else f"{seconds:.0f} s left")
        return " · ".join(parts)
