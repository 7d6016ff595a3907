"""What a story is made of: moments of the day at which something happens in AWS."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

ACCOUNT = "123456789012"
"""Whose day it is."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens in AWS.

    Attributes:
        after: since the day began.
        text: what happens, in one line.
        play: makes it happen, given the present moment.
    """

    after: timedelta
    text: str
    play: Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true at the end of the day, or the demo has failed.

    Attributes:
        text: what is counted.
        counted: how many there are, as the emulated AWS and the ledger have it.
        expected: how many there must be.
    """

    text: str
    counted: int
    expected: int

    @property
    def holds(self) -> bool:
        """Say whether it came out as expected."""
        return self.counted == self.expected
