"""The selection of a listing: the caller's own shares, those of others, or the requested ones."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from emulator.ram.entities import arns
from emulator.ram.entities.resource_types import named
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.models import RamBackend, unknown_share
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Request
from emulator.wire.pages import Position

T = TypeVar("T")
Shares = Callable[[int], Iterator[tuple[int, ResourceShare]]]
"""Iterates over shares after a position, each with its position."""


def shares_asked_for(backend: RamBackend, request: Request, now: datetime) -> Shares:
    """Return the shares that ``resourceOwner`` and ``resourceShareArns`` select.

    Raises:
        MalformedArnException: one of the ARNs is not that of a share.
        UnknownResourceException: the caller does not see one of them, and the settings refuse that.
    """
    own = request.get("resourceOwner", "SELF") == "SELF"
    wanted = request.get("resourceShareArns")
    if wanted:
        return numbered([share for arn in wanted for share in _seen(backend, arn, now, own=own)])
    through = backend.owned if own else backend.visible
    return lambda position: through(now, position)


def numbered(items: Sequence[T]) -> Callable[[int], Iterator[tuple[int, T]]]:
    """Iterate over a list, whose indices are the positions."""
    return lambda position: ((number, items[number]) for number in range(position + 1, len(items)))


def one_by_one(through: Callable[[int], Iterator[tuple[int, T]]], after: Position) -> Iterator[tuple[Position, T]]:
    """Iterate over items after a position, which is one number."""
    return (((number,), item) for number, item in through(after[0] if after else -1))


def one_in_another(
    shares: Shares,
    within: Callable[[ResourceShare, int], Iterator[tuple[int, T]]],
    after: Position,
) -> Iterator[tuple[Position, tuple[ResourceShare, T]]]:
    """Iterate over items in shares after a position: that of the share, and that of the item in it."""
    for outer, share in shares(after[0] - 1 if after else -1):
        for inner, item in within(share, after[1] if after and after[0] == outer else -1):
            yield (outer, inner), (share, item)


def in_scope(scope: str, request: Request) -> bool:
    """Tell whether ``resourceRegionScope`` selects GLOBAL or REGIONAL types."""
    return request.get("resourceRegionScope", "ALL") in {"ALL", scope}


def wanted_type(request: Request) -> str:
    """Return ``resourceType`` in RAM's own spelling, empty if absent.

    Raises:
        InvalidResourceTypeException: RAM does not share this type.
    """
    name = request.get("resourceType")
    if not name:
        return ""
    known = named(name)
    if known is None:
        raise ServiceError(
            "InvalidResourceTypeException", f"{name} is not a valid resource type. Verify the type and try again."
        )
    return known.name


def refuse(request: Request, name: str, what: str) -> None:
    """Refuse a parameter that does not fit to another.

    Raises:
        InvalidParameterException: it is used.
    """
    if request.get(name):
        raise ServiceError("InvalidParameterException", f"You cannot specify {what}.")


def refuse_together(request: Request, *names: str) -> None:
    """Refuse parameters that exclude each other.

    Raises:
        InvalidParameterException: all of them are used.
    """
    if all(request.get(name) for name in names):
        raise ServiceError(
            "InvalidParameterException", f"You cannot specify {' and '.join(names)} in the same request."
        )


def _seen(backend: RamBackend, arn: str, now: datetime, *, own: bool) -> Iterator[ResourceShare]:
    find = backend.find_owned if own else backend.find_visible
    share = find(arns.check_share_arn(arn), now)
    if share:
        yield share
    elif backend.settings.unseen_shares == "refused":
        raise unknown_share(arn)
