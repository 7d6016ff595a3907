"""What a scenario is made of: steps at which something happens in AWS, and expectations of the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

ACCOUNT = "123456789012"
"""The account of the demo."""


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """Something that happens in AWS.

    Attributes:
        after: the begin of the day.
        text: what happens, in one line.
        play: makes it happen, given the present moment.
    """

    after: timedelta
    text: str
    play: Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true at the end of the day; otherwise the demo has failed.

    Attributes:
        text: what is counted.
        counted: number in the emulated AWS or the ledger.
        expected: number that there must be.
    """

    text: str
    counted: int
    expected: int

    @property
    def holds(self) -> bool:
        """Whether the counted number is the expected one."""
        return self.counted == self.expected
