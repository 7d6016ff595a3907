"""Retry: whether and when a failed state is tried again.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from emulator.stepfunctions.language.failures import is_among

_MOST_ATTEMPTS = 3
_INTERVAL_SECONDS = 1
_BACKOFF = 2.0
_LONGEST_SECONDS = 31_622_400


class Retries:
    """Counts the retries of one state by each of its retriers.

    Attributes:
        count: how often the state was tried again.
    """

    def __init__(self, retriers: Sequence[Mapping[str, Any]], seed: str) -> None:
        """Take the state's ``Retry``, and a seed that makes its jitter repeatable."""
        self._retriers = retriers
        self._spent: Counter[int] = Counter()
        self._random = Random(seed)  # noqa: S311  # not a secret
        self.count = 0

    def wait_after(self, error: str) -> timedelta | None:
        """Return how long to wait before the next try; None if there is none."""
        for number, retrier in enumerate(self._retriers):
            if is_among(error, retrier["ErrorEquals"]):
                if self._spent[number] >= retrier.get("MaxAttempts", _MOST_ATTEMPTS):
                    return None
                wait = self._wait(retrier, self._spent[number])
                self._spent[number] += 1
                self.count += 1
                return wait
        return None

    def _wait(self, retrier: Mapping[str, Any], spent: int) -> timedelta:
        """Return the wait; full jitter is between zero and the wait without jitter."""
        rate = float(retrier.get("BackoffRate", _BACKOFF))
        seconds = float(retrier.get("IntervalSeconds", _INTERVAL_SECONDS)) * rate**spent
        seconds = min(seconds, float(retrier.get("MaxDelaySeconds", _LONGEST_SECONDS)))
        if retrier.get("JitterStrategy") == "FULL":
            seconds *= self._random.random()
        return timedelta(seconds=seconds)
