"""How the listings go through shares: the caller's own, those of others, or the ones that were asked for."""

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
"""Goes through shares behind a place, each with its own place."""


def shares_asked_for(backend: RamBackend, request: Request, now: datetime) -> Shares:
    """Return the way through the shares that ``resourceOwner`` and ``resourceShareArns`` name.

    Raises:
        MalformedArnException: one of the ARNs is no share's.
        UnknownResourceException: the caller does not see one of them, and the backend is set to refuse that.
    """
    own = request.get("resourceOwner", "SELF") == "SELF"
    wanted = request.get("resourceShareArns")
    if wanted:
        return numbered([share for arn in wanted for share in _seen(backend, arn, now, own=own)])
    through = backend.owned if own else backend.visible
    return lambda place: through(now, place)


def numbered(items: Sequence[T]) -> Callable[[int], Iterator[tuple[int, T]]]:
    """Return the way through a short list, whose numbers are the places."""
    return lambda place: ((number, items[number]) for number in range(place + 1, len(items)))


def one_by_one(through: Callable[[int], Iterator[tuple[int, T]]], place: Position) -> Iterator[tuple[Position, T]]:
    """Go on behind *place* where every item has a place of its own."""
    return (((here,), item) for here, item in through(place[0] if place else -1))


def one_in_another(
    shares: Shares,
    within: Callable[[ResourceShare, int], Iterator[tuple[int, T]]],
    place: Position,
) -> Iterator[tuple[Position, tuple[ResourceShare, T]]]:
    """Go on behind *place* where every item stands in a share."""
    for outer, share in shares(place[0] - 1 if place else -1):
        inner = place[1] if place and place[0] == outer else -1
        for here, item in within(share, inner):
            yield (outer, here), (share, item)


def in_scope(scope: str, request: Request) -> bool:
    """Tell whether ``resourceRegionScope`` wants what is GLOBAL or REGIONAL."""
    return request.get("resourceRegionScope", "ALL") in {"ALL", scope}


def wanted_type(request: Request) -> str:
    """Return ``resourceType`` in RAM's own spelling, empty if absent.

    Raises:
        InvalidResourceTypeException: RAM shares no such type.
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


def refuse_together(request: Request, *names: str, when: bool = True) -> None:
    """Refuse parameters that may not be used at once.

    Raises:
        InvalidParameterException: all of them are.
    """
    if when and all(request.get(name) for name in names):
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
