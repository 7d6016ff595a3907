"""A change that was begun comes to one end, wherever the run dies, and is made once, whoever runs beside it."""

from datetime import timedelta

import pytest

from emulator.aws import Emulator
from emulator.ram.entities.associations import Association as Held
from functions.resource_shares.effects import TAG_KEY, Ram
from tests.conftest import US
from tests.crashes import PLACES, crash, during, nothing
from tests.resource_shares.conftest import FRIEND, OUTSIDER, REMOVE, TAG, World, ours, principals_of, share_of

CHANGES = {REMOVE: "remove", TAG: "tag"}
changes = pytest.mark.parametrize("operation", CHANGES)


@changes
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("following", ["sweep", "event"])
def test_a_change_ends_as_what_ram_shows_is_told_once_and_made_once(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str, place: str, following: str
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    crash(world, monkeypatch, Ram, CHANGES[operation], place, writes=int(operation == TAG))
    for _ in range(3):
        aws.advance(timedelta(minutes=5))
        world.event(arn) if following == "event" else world.sweep()
    told = [(record["action"], record["status"], record["queue"]) for record in world.actions()]
    never_begun = operation == TAG and place == "dynamodb:PutItem"
    assert sorted(told) == [(REMOVE, "DONE", "notify")] + ([] if never_begun else [(TAG, "DONE", "notify")])
    assert principals_of(arn, aws) == {FRIEND: "ASSOCIATED", OUTSIDER: "DISASSOCIATED"}
    assert share_of(arn).tags.get(TAG_KEY, "").endswith("" if never_begun else "allowed_principals")
    assert aws.calls.counts[operation] == (0 if never_begun else 1)
    assert world.open() == set()


def test_two_runs_at_once_make_one_removal_and_one_record(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    during(monkeypatch, Ram, CHANGES[REMOVE], lambda: world.event(arn), nothing)
    world.sweep()
    assert [record["status"] for record in world.actions() if record["action"] == REMOVE] == ["DONE"]
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"
    assert aws.calls.of(REMOVE)[0].account == US


def test_a_removal_that_ram_shows_no_effect_of_is_made_again(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = ours(FRIEND, OUTSIDER)
    crash(world, monkeypatch, Ram, CHANGES[REMOVE], "before the call")
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
    crash(world, monkeypatch, Ram, CHANGES[REMOVE], "before the call")
    described = Held.describe
    for hidden in ({"associatedEntity": ""}, {"associatedEntity": None}):
        monkeypatch.setattr(Held, "describe", lambda *given, cut=hidden: described(*given) | cut)
        world.later(hours=1)
        assert [record["status"] for record in world.actions()] == ["PLANNED"]
    monkeypatch.setattr(Held, "describe", described)
    world.later(hours=1)
    assert principals_of(arn, aws)[OUTSIDER] == "DISASSOCIATING"
