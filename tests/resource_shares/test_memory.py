"""What a sweep keeps grows with the trouble that there is, not with what it goes through."""

import tracemalloc
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from functions.resource_shares.decision import Association, Resource
from functions.resource_shares.effects import Item, Ram
from tests.resource_shares.conftest import FRIEND, GATEWAY, World, ours, theirs

MANY = 20_000


def _peak(world: World, monkeypatch: pytest.MonkeyPatch, number: int) -> int:
    """Return the most bytes that a sweep holds of a share of ours and one of the hub's, with so many items each."""
    mine, other = ours(FRIEND), theirs()

    def associations(_: Ram, kind: str, *_more: Any) -> Iterator[Item[Association]]:
        return (
            (mine, partial(Association, mine, f"{n:012}", "ASSOCIATED"))
            for n in range(number if kind == "PRINCIPAL" else 0)
        )

    def resources(_: Ram, *_more: Any) -> Iterator[Item[Resource]]:
        return ((other, partial(Resource, other, f"arn:{n}", GATEWAY)) for n in range(number))

    monkeypatch.setattr(Ram, "associations", associations)
    monkeypatch.setattr(Ram, "resources", resources)
    tracemalloc.start()
    world.sweep()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_principals_and_resources_pass_by_without_being_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.section = {"mode": "plan", "allowed_principals": None}
    _peak(world, monkeypatch, 10)
    few = _peak(world, monkeypatch, 100)
    assert _peak(world, monkeypatch, MANY) < 1.5 * few + 100_000
