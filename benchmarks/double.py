"""A test double of an empty AWS, for very many calls: it repeats the emulator's answers, and counts.

`benchmarks.double_server` serves it in its own process.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from benchmarks.serving import address_of

COUNTS = "/_counts"
"""The path that returns the counts."""


@dataclass(frozen=True, slots=True)
class DoubleFaults:
    """How the double answers.

    Attributes:
        latency_seconds: how long each call waits for its answer.
        throttled: every n-th call is throttled; 0 for none.
    """

    latency_seconds: float = 0.0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class CallCounts:
    """What the double has counted.

    Attributes:
        calls: by their names, such as ``ram:GetResourceShares``.
        of_callers: how many callers made how many calls, by the number of calls.
        in_flight: how many calls were waiting when one arrived: the mean of each hundredth of the calls.
        connections: most that were open at the same time.
        opened: connections in all.
    """

    calls: dict[str, int]
    of_callers: dict[str, int]
    in_flight: list[float]
    connections: int
    opened: int


@dataclass(frozen=True, slots=True)
class Double:
    """A double that is served.

    Attributes:
        url: its base address.
    """

    url: str

    def counts(self) -> CallCounts:
        """Return the counts since it started."""
        with urllib.request.urlopen(self.url + COUNTS) as answer:  # noqa: S310  # our own address
            return CallCounts(**json.load(answer))


@contextmanager
def served(faults: DoubleFaults) -> Iterator[Double]:
    """Serve a double in its own process, until the block ends."""
    with address_of("benchmarks.double_server", asdict(faults)) as url:
        yield Double(url)
