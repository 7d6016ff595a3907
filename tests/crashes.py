"""A process that dies at each place where a change can be cut off, in the middle of a sweep."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from emulator.faults import Fault
from tests.world import AutomationWorld

PLACES = ("before the call", "after the call", "dynamodb:PutItem", "dynamodb:TransactWriteItems", "after the record")
"""Where a run ends: around the call, at either write of the ledger, or when all was recorded but what it found."""


class KilledError(BaseException):
    """The process ends here; nothing in it can catch that."""


def kill() -> None:
    """End the process.

    Raises:
        KilledError: always.
    """
    raise KilledError


def nothing() -> None:
    """Let nothing happen."""


def during(
    monkeypatch: pytest.MonkeyPatch, kind: type, method: str, before: Callable[[], Any], after: Callable[[], Any]
) -> None:
    """Let something happen just before and just after the next call of a method."""
    call = getattr(kind, method)

    def calling(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(kind, method, call)
        before()
        answer = call(*given, **named)
        after()
        return answer

    monkeypatch.setattr(kind, method, calling)


def crash(
    world: AutomationWorld, monkeypatch: pytest.MonkeyPatch, kind: type, method: str, place: str, *, writes: int = 0
) -> None:
    """Let a sweep go no further than to a place.

    Args:
        world: that sweeps.
        monkeypatch: of the test.
        kind: the class whose *method* makes the change.
        method: its name.
        place: one of `PLACES`.
        writes: how many writes of the same kind the ledger takes before the one that it refuses.
    """
    if place.startswith("dynamodb:"):
        world.aws.faults.add(Fault(place, "denied", after=writes, times=1))
    elif place.endswith("the call"):
        during(monkeypatch, kind, method, *((kill, nothing) if place.startswith("before") else (nothing, kill)))
    with suppress(KilledError, ExceptionGroup):
        if place == "after the record":
            world.look()  # it ends before it writes what it found
        else:
            world.sweep()
    world.aws.faults.clear()
