"""A double of an AWS in which nothing is, for very many calls: it says what the emulator said, and counts.

It is served by `benchmarks.doubling`, in a process of its own.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from benchmarks.serving import address_of

COUNTS = "/_counts"
"""Where the counts are handed out."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the double answers.

    Attributes:
        latency_seconds: that each call waits for its answer.
        throttled: every how-many-th call is throttled; 0 for none.
    """

    latency_seconds: float = 0.0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the double has counted.

    Attributes:
        calls: by their names, such as ``ram:GetResourceShares``.
        of_callers: how many callers made how many calls, by the number of calls.
        in_flight: calls that waited for their answers when one arrived: the mean of each hundredth of the calls.
        connections: most that were open at once.
        opened: connections in all.
    """

    calls: dict[str, int]
    of_callers: dict[str, int]
    in_flight: list[float]
    connections: int
    opened: int


@dataclass(frozen=True, slots=True)
class Double:
    """Where it is served.

    Attributes:
        url: its base address.
    """

    url: str

    def counts(self) -> Counts:
        """Return what was counted since it started."""
        with urllib.request.urlopen(self.url + COUNTS) as answer:  # noqa: S310  # our own address
            return Counts(**json.load(answer))


@contextmanager
def served(manner: Manner) -> Iterator[Double]:
    """Serve a double in a process of its own, for the time of the block."""
    with address_of("benchmarks.doubling", asdict(manner)) as url:
        yield Double(url)
