"""How fast one service is called at one target: as fast as it goes, and slower when AWS throttles."""

import time
from dataclasses import dataclass, field
from threading import Lock

_FIRST_GAP_SECONDS = 0.1
_LONGEST_GAP_SECONDS = 2.0
_NO_GAP_SECONDS = 0.02
_EASING = 0.7


@dataclass(slots=True)
class ThrottleCount:
    """Counts how often AWS has throttled, in all accounts."""

    throttles: int = 0


@dataclass(slots=True)
class RateLimit:
    """Spaces the calls of all threads to one service in one account and Region, as AWS counts them.

    The gap between calls doubles with each throttle and shrinks with each call that gets through.

    Attributes:
        tally: counts its throttles too.
    """

    throttle_count: ThrottleCount = field(default_factory=ThrottleCount)
    _gap_seconds: float = 0.0
    _free_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def keep(self) -> None:
        """Wait for the next call's turn."""
        if not self._gap_seconds:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._free_at)
            self._free_at = turn + self._gap_seconds
        if turn > now:
            time.sleep(turn - now)

    def got_through(self) -> None:
        """Go a little faster."""
        if self._gap_seconds:
            with self._lock:
                eased = self._gap_seconds * _EASING
                self._gap_seconds = eased if eased > _NO_GAP_SECONDS else 0.0

    def throttled(self) -> None:
        """Go slower."""
        with self._lock:
            self.throttle_count.throttles += 1
            self._gap_seconds = min(max(self._gap_seconds * 2, _FIRST_GAP_SECONDS), _LONGEST_GAP_SECONDS)
