"""What is wrong with access points and with the operations on them: the nouns, and the decisions about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from functions.shared.finding import printable, quoted

FAILED = "operation-failed"
REGION_FAILED = "operation-region-failed"
OVERDUE = "operation-overdue"
SLOW = "operation-slow"
INCONSISTENT = "access-point-inconsistent"
STUCK = "access-point-stuck"

_HALF_DONE = frozenset({"PARTIALLY_CREATED", "PARTIALLY_DELETED", "INCONSISTENT_ACROSS_REGIONS"})
_UNDER_WAY = frozenset({"CREATING", "DELETING"})
_WORDS = {
    "CreateMultiRegionAccessPoint": "creation",
    "DeleteMultiRegionAccessPoint": "deletion",
    "PutMultiRegionAccessPointPolicy": "policy change",
}
"""What people call the operations, by the API's names."""


class State(Enum):
    """How far an operation, or its part in one Region, has come."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


_STATES = {
    "SUCCEEDED": State.SUCCEEDED,
    "SUCCESS": State.SUCCEEDED,
    "FAILED": State.FAILED,
    "NEW": State.PENDING,
    "INPROGRESS": State.PENDING,
}

Regions = tuple[tuple[str, str], ...]
"""The Regions of an operation, each with its ``RequestStatus``."""


def state_of(request_status: str) -> State:
    """Read a ``RequestStatus``, which AWS's documentation and its answers spell in different ways.

    Args:
        request_status: AWS's word; what is none of the known ones is no success, and no failure either.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html
    """
    word = "".join(letter for letter in request_status.upper() if letter not in "_- ")
    return _STATES.get(word, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Operation:
    """An asynchronous request, as DescribeMultiRegionAccessPointOperation shows it.

    Attributes:
        token: ``RequestTokenARN``.
        kind: ``Operation``, such as ``CreateMultiRegionAccessPoint``.
        status: ``RequestStatus``, as AWS spells it.
        begun_at: ``CreationTime``.
        regions: where the answer has any.
        details: what a person needs besides: ``ErrorDetails`` and the request's parameters.
        is_overtaken: its access point is being deleted, or gone, so that nothing shows any more how it ended.
    """

    token: str
    kind: str
    status: str
    begun_at: datetime
    regions: Regions = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    is_overtaken: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return name_of(self.kind, str(self.details.get("access_point", "")))


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """A Multi-Region Access Point, as ListMultiRegionAccessPoints shows it.

    Attributes:
        arn: made of its alias; of its name where AWS does not say the alias.
        name: the caller's.
        status: ``Status``; empty where AWS does not say.
        created_at: ``CreatedAt``; None where AWS does not say.
        details: what a person needs besides: its buckets, and what of the public access block is off.
        has_identity: AWS says both its name and its alias; otherwise it may be any.
    """

    arn: str
    name: str
    status: str
    created_at: datetime | None
    details: Mapping[str, Any] = field(default_factory=dict)
    has_identity: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of this automation.

    Attributes:
        deadline: after which an operation is overdue.
        slow_after: after which it is worth a notice.
    """

    deadline: timedelta = timedelta(hours=24)
    slow_after: timedelta = timedelta(minutes=30)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the automation's section of the configuration."""
        deadline, slow_after = settings["deadline_hours"], settings["slow_after_minutes"]
        return cls(timedelta(hours=deadline), timedelta(minutes=slow_after))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something does not comply.

    Attributes:
        check: its id.
        reason: a sentence for the person on call.
        region: the Region that it is about; empty for all of them.
        began_at: since when it is so; None where AWS does not say.
        deadline_at: when it becomes worse by itself.
        details: what a person needs beside the operation's own members.
    """

    check: str
    reason: str
    region: str = ""
    began_at: datetime | None = None
    deadline_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unclear:
    """A state allows no verdict."""

    reason: str


def name_of(kind: str, access_point: str) -> str:
    """Return what people call an operation, such as ``creation of access point prod-logs``.

    Args:
        kind: the API's name of it.
        access_point: its name; empty where it is not known.
    """
    of_what = f"access point {printable(access_point)}" if access_point else "an access point"
    return f"{_WORDS.get(kind, printable(kind))} of {of_what}"


def outcome_of(operation: Operation) -> State:
    """Return how far an operation has come: it has succeeded only when nothing of it is pending or not known."""
    state = state_of(operation.status)
    if state is not State.SUCCEEDED:
        return state
    of_regions = {state_of(status) for _, status in operation.regions}
    return next((still for still in (State.UNKNOWN, State.PENDING) if still in of_regions), state)


def has_ended(operation: Operation) -> bool:
    """Say whether nothing more will become of it. An unknown word is no end."""
    return operation.is_overtaken or outcome_of(operation) in (State.SUCCEEDED, State.FAILED)


def regions_in(operation: Operation, state: State) -> list[str]:
    """Return the Regions in a state, in order; the name of one that AWS does not name is empty."""
    return sorted(region for region, status in operation.regions if state_of(status) is state)


def unknown_words(operation: Operation) -> list[str]:
    """Return what of an operation's status is not known, in words: nothing is concluded from it."""
    if operation.is_overtaken:
        return []
    statuses = ((operation.status, "its status"), *((s, f"its status in {_region(r)}") for r, s in operation.regions))
    unknown = ((what, status) for status, what in statuses if state_of(status) is State.UNKNOWN)
    return [
        f"{what} is {quoted(status)}, which is not known" if status else f"AWS does not say {what}"
        for what, status in unknown
    ]


def decide(operation: Operation, policy: Policy, now: datetime) -> Iterator[Trouble]:
    """Yield what is wrong with an operation at its present age; nothing where it goes, or went, well.

    A Region that failed is told even where the operation as a whole succeeded.
    """
    begun_at, failed_in = operation.begun_at, regions_in(operation, State.FAILED)
    name = f"The {operation.name}, begun {_begun(begun_at)},"
    if outcome_of(operation) is State.FAILED:
        where = {"failed_in": [_region(region) for region in failed_in]} if failed_in else {}
        yield Trouble(FAILED, f"{name} failed: {_error(operation)}", began_at=begun_at, details=where)
    for region in failed_in:
        where = {"failed_in": [_region(region)]}
        yield Trouble(REGION_FAILED, f"{name} failed in {_region(region)}", printable(region), begun_at, details=where)
    if has_ended(operation):
        return
    if now - begun_at >= policy.deadline:
        reason = f"{name} has not ended within {_hours(policy.deadline)}{_odd(operation)}"
        yield Trouble(OVERDUE, reason, began_at=begun_at)
    elif now - begun_at >= policy.slow_after:
        reason = f"{name} has not ended yet{_odd(operation)}; most end within minutes"
        yield Trouble(SLOW, reason, began_at=begun_at, deadline_at=begun_at + policy.deadline)


def decide_access_point(
    point: AccessPoint, policy: Policy, now: datetime, since_at: datetime | None = None
) -> Trouble | Unclear | None:
    """Return what is wrong with an access point, by its state alone.

    Args:
        point: the access point.
        policy: the configuration.
        now: the time of the run.
        since_at: since when it is in that state, where that is known to be later than its creation.
    """
    name = f"access point {printable(point.name)}"
    if point.status == "READY":
        return None
    if point.status in _HALF_DONE:
        reason = f"A{name[1:]} is {point.status}: it does not answer in all of its Regions"
        began_at = point.created_at if point.status == "PARTIALLY_CREATED" else None
        return Trouble(INCONSISTENT, reason, began_at=began_at)
    if point.status not in _UNDER_WAY:
        return Unclear(f"{name} has the unknown status {quoted(point.status)}")
    begun_at = since_at or point.created_at
    if begun_at is None:
        return Unclear(f"AWS does not say since when {name} is there, and it is {point.status}")
    if now - begun_at < policy.deadline:
        return None
    return Trouble(STUCK, f"A{name[1:]} has been {point.status} since {_begun(begun_at)}", began_at=begun_at)


def _error(operation: Operation) -> str:
    error = operation.details.get("ErrorDetails", {})
    words = [printable(str(error[key])) for key in ("Code", "Message") if error.get(key)]
    if status := operation.details.get("access_point_status"):
        words.append(f"the access point is {printable(status)}")
    return ": ".join(words) or "AWS does not say why"


def _odd(operation: Operation) -> str:
    return "".join(f"; {words}" for words in unknown_words(operation))


def _region(name: str) -> str:
    return printable(name) or "a Region that AWS does not name"


def _begun(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:g} hours"
