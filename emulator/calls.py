"""The log of every API call that reached the emulator."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

_READS = (
    *("BatchCheck", "BatchDescribe", "BatchGet", "Check", "Describe", "Discover", "Estimate", "Evaluate", "Filter"),
    *("Get", "Head", "List", "Lookup", "Preview", "Query", "Scan", "Search", "Select", "Simulate", "Test"),
    *("TransactGet", "Validate", "View"),
)
_READS_BY_NAME = frozenset({"sqs:ReceiveMessage"})
_GRANTS = frozenset({"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})


@dataclass(frozen=True, slots=True)
class Call:
    """One API call.

    Attributes:
        service: the prefix of the service's IAM actions, such as ``ram`` or ``dynamodb``.
        operation: the API's name of it, such as ``GetResourceShares``; empty if the service has no such operation.
        account: of the caller.
        region: for which the call was signed.
        parameters: as boto3 takes them; empty if the log keeps no calls.
        error: the code of the error that the caller got; ``Timeout`` if there was no answer; else empty.
    """

    service: str
    operation: str
    account: str
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    error: str = ""

    @property
    def name(self) -> str:
        """Service and operation, such as ``ram:GetResourceShares``."""
        return f"{self.service}:{self.operation}"

    @property
    def mutates(self) -> bool:
        """Whether the operation changes something, by its name."""
        return mutates(self.service, self.operation)


def mutates(service: str, operation: str) -> bool:
    """Tell whether an operation changes something.

    It does not if its name starts with a word for reading (Get, List, Describe, Head, Query, Scan, Search, Lookup,
    BatchGet, TransactGet, Check, Test, Validate, …), if it only hands out credentials (``sts:AssumeRole*``), or if it
    is ``sqs:ReceiveMessage``. Everything else changes something.
    """
    name = f"{service}:{operation}"
    return not (operation.startswith(_READS) or name in _GRANTS or name in _READS_BY_NAME)


class CallLog:
    """The log of calls, oldest first, with a count of each operation that no limit cuts.

    Attributes:
        counts: how often each ``service:operation`` was called since the log was last cleared.
    """

    def __init__(self) -> None:
        """Begin with an empty log that keeps everything."""
        self._kept: deque[Call] = deque()
        self.counts: Counter[str] = Counter()

    @property
    def keeping(self) -> bool:
        """Whether calls are kept, not only counted."""
        return self._kept.maxlen != 0

    def keep(self, at_most: int | None) -> None:
        """Limit the log to the last *at_most* calls: 0 counts only, None keeps everything."""
        self._kept = deque(self._kept, maxlen=at_most)

    def add(self, call: Call) -> None:
        """Append *call*."""
        self.counts[call.name] += 1
        self._kept.append(call)

    def of(self, *names: str) -> list[Call]:
        """Return the calls of these operations, each a name or a glob, such as ``ram:Get*``."""
        return [call for call in self if any(fnmatchcase(call.name, name) for name in names)]

    def mutating(self) -> list[Call]:
        """Return the calls that change something, see :func:`mutates`."""
        return [call for call in self if call.mutates]

    def clear(self) -> None:
        """Forget every call and every count."""
        self._kept.clear()
        self.counts.clear()

    def __iter__(self) -> Iterator[Call]:
        """Iterate over the calls, oldest first."""
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        """Return how many calls are kept."""
        return len(self._kept)
