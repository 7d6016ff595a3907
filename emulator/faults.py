"""Faults: which calls fail, how, and how often."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any, Literal, get_args

FaultKind = Literal[
    "throttle",
    "server-error",
    "unavailable",
    "denied",
    "timeout-before",
    "timeout-after",
    "broken-page",
    "cut-answer",
    "error",
]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is injected into some calls.

    Attributes:
        operation: the calls that fail, as ``service:Operation``, or a glob such as ``ram:*``.
        kind: ``throttle`` (ThrottlingException, 400), ``server-error`` (500), ``unavailable`` (503), ``denied``
            (access denied in the service's own words), ``timeout-before`` (nothing was done, no answer came),
            ``timeout-after`` (it was done, no answer came), ``broken-page`` (the answer ends in the middle and does not
            parse; botocore gives such JSON to its caller as an answer without members), ``cut-answer`` (the connection
            is lost in the middle of an answer, and botocore notices), or ``error``, which is the default and needs
            *error*.
        error: code of the error to answer, such as ``OperationNotPermittedException``; the model has its status.
        after: how many such calls succeed first.
        times: how many calls fail; None for all.
        account: of the caller; None for any account.
        region: of the call; None for any Region.
        match: parameters that the call must have, with these values, or a function that tests all its parameters.
    """

    operation: str
    kind: FaultKind = "error"
    error: str = ""
    after: int = 0
    times: int | None = None
    account: str | None = None
    region: str | None = None
    match: Mapping[str, Any] | Callable[[Mapping[str, Any]], bool] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            ValueError: the kind is unknown, or it and the error contradict each other.
        """
        if self.kind not in KINDS:
            msg = f"a fault is one of {', '.join(KINDS)}, not {self.kind!r}"
            raise ValueError(msg)
        if (self.kind == "error") != bool(self.error):
            msg = "a fault of kind 'error', and no other, names the error's code"
            raise ValueError(msg)
        if ":" not in self.operation:
            msg = f"a fault's operation looks like 'ram:GetResourceShares', not {self.operation!r}"
            raise ValueError(msg)

    def applies_to(self, name: str, account: str, region: str, parameters: Callable[[], Mapping[str, Any]]) -> bool:
        """Tell whether this call is one of those that fail, whatever *after* and *times* say."""
        here = self.account in (None, account) and self.region in (None, region)
        return here and fnmatchcase(name, self.operation) and self._matches(parameters)

    def _matches(self, parameters: Callable[[], Mapping[str, Any]]) -> bool:
        if self.match is None:
            return True
        if callable(self.match):
            return self.match(parameters())
        given = parameters()
        return all(name in given and given[name] == value for name, value in self.match.items())


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    injected: int = 0

    def is_due(self) -> bool:
        self.seen += 1
        if self.seen <= self.fault.after or self.injected == self.fault.times:
            return False
        self.injected += 1
        return True


class Faults:
    """The faults that are set, in order; the first that applies is injected."""

    def __init__(self) -> None:
        """Begin empty."""
        self._armed: list[_Armed] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> Fault:
        """Add *fault*, and return it."""
        with self._lock:
            self._armed.append(_Armed(fault))
        return fault

    def remove(self, fault: Fault) -> None:
        """Remove *fault* if it is set."""
        with self._lock:
            self._armed = [armed for armed in self._armed if armed.fault is not fault]

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._armed.clear()

    def inject(self, name: str, account: str, region: str, parameters: Callable[[], Mapping[str, Any]]) -> Fault | None:
        """Return the fault to inject into this call, if any, and count it."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                if armed.fault.applies_to(name, account, region, parameters) and armed.is_due():
                    return armed.fault
        return None

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults that are set."""
        return iter([armed.fault for armed in self._armed])

    def __len__(self) -> int:
        """Return how many faults are set."""
        return len(self._armed)
