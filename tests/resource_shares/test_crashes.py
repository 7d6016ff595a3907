"""A change that was begun comes to one end, wherever the run dies, and is made once, whoever runs beside it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram.entities.associations import Association as Held
from functions.resource_shares.effects import TAG_KEY, Ram
from tests.conftest import US
from tests.resource_shares.conftest import FRIEND, OUTSIDER, REMOVE, TAG, World, ours, principals_of, share_of

CHANGES = {REMOVE: "remove", TAG: "tag"}
PLACES = ("before the call", "after the call", "first write", "second write", "after the record")
changes = pytest.mark.parametrize("operation", CHANGES)


class _DeathError(BaseException):
    """The process is gone."""


def _die() -> None:
    raise _DeathError


def _nothing() -> None:
    pass


def _during(
    monkeypatch: pytest.MonkeyPatch, operation: str, before: Callable[[], Any], after: Callable[[], Any]
) -> None:
    """Let something happen just before and just after the next change."""
    verb = CHANGES[operation]
    change = getattr(Ram, verb)

    def changing(self: Ram, *given: Any) -> str:
        monkeypatch.setattr(Ram, verb, change)
        before()
        said: str = change(self, *given)
        after()
        return said

    monkeypatch.setattr(Ram, verb, changing)


def _crash(world: World, monkeypatch: pytest.MonkeyPatch, operation: str, place: str) -> None:
    """Let a sweep go no further than to a place."""
    if place.endswith("write"):
        api = "PutItem" if place.startswith("first") else "TransactWriteItems"
        world.aws.faults.add(Fault(f"dynamodb:{api}", "denied", times=1, after=int(operation == TAG)))
    elif place.endswith("the call"):
        _during(monkeypatch, operation, *((_die, _nothing) if place.startswith("before") else (_nothing, _die)))
    with suppress(_DeathError, ExceptionGroup):
        if place == "after the record":
            world.look()  # it ends before it writes what it found
        else:
            world.sweep()
    world.aws.faults.clear()


@changes
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("following", ["sweep", "event"])
def test_a_change_ends_as_what_ram_shows_is_told_once_and_made_once(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str, place: str, following: str
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    _crash(world, monkeypatch, operation, place)
    for _ in range(3):
        aws.advance(timedelta(minutes=5))
        world.event(arn) if following == "event" else world.sweep()
    told = [(record["action"], record["status"], record["queue"]) for record in world.actions()]
    never_begun = operation == TAG and place == "first write"
    assert sorted(told) == [(REMOVE, "DONE", "notify")] + ([] if never_begun else [(TAG, "DONE", "notify")])
    assert principals_of(arn, aws) == {FRIEND: "ASSOCIATED", OUTSIDER: "DISASSOCIATED"}
    assert share_of(arn).tags.get(TAG_KEY, "").endswith("" if never_begun else "allowed_principals")
    assert aws.calls.counts[operation] == (0 if never_begun else 1)
    assert world.open() == set()


def test_two_runs_at_once_make_one_removal_and_one_record(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    _during(monkeypatch, REMOVE, lambda: world.event(arn), _nothing)
    world.sweep()
    assert [record["status"] for record in world.actions() if record["action"] == REMOVE] == ["DONE"]
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"
    assert aws.calls.of(REMOVE)[0].account == US


def test_a_removal_that_ram_shows_no_effect_of_is_made_again(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    _crash(world, monkeypatch, REMOVE, "before the call")
    world.section["mode"] = "plan"
    world.later(hours=1)
    assert [record["status"] for record in world.actions()] == ["FAILED"]
    world.section["mode"] = "apply"
    world.later(hours=1)
    assert sorted(record["status"] for record in world.actions()) == ["DONE", "DONE", "FAILED"]
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"


def test_a_removal_whose_principal_may_be_an_item_without_a_name_is_not_confirmed(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    _crash(world, monkeypatch, REMOVE, "before the call")
    described = Held.describe
    for hidden in ({"associatedEntity": ""}, {"associatedEntity": None}):
        monkeypatch.setattr(Held, "describe", lambda *given, cut=hidden: described(*given) | cut)
        world.later(hours=1)
        assert [record["status"] for record in world.actions()] == ["PLANNED"]
    monkeypatch.setattr(Held, "describe", described)
    world.later(hours=1)
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"
