"""An answer that was begun comes to one end, wherever the run dies, and is given once, whoever runs beside it."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from functions.ram_invitations.effects import Ram
from tests.crashes import PLACES, crash, during
from tests.ram_invitations.conftest import ACCEPT, HUB, REJECT, STRANGER, World, invite, ram, status_of

ANSWERS = {ACCEPT: (HUB, "accept", "ACCEPTED"), REJECT: (STRANGER, "reject", "REJECTED")}
answers = pytest.mark.parametrize("operation", ANSWERS)


def _begin(world: World, operation: str) -> str:
    world.section["untrusted"] = "reject"
    return invite(ANSWERS[operation][0])


@answers
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("following", ["sweep", "event"])
def test_an_answer_ends_as_what_ram_shows_is_told_once_and_given_once(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str, place: str, following: str
) -> None:
    arn = _begin(world, operation)
    crash(world, monkeypatch, Ram, ANSWERS[operation][1], place)
    for _ in range(3):
        aws.advance(timedelta(minutes=5))
        world.event(arn) if following == "event" else world.sweep()
    (record,) = world.actions()
    assert (record["action"], record["resource"], record["status"]) == (operation, arn, "DONE")
    assert record["queue"] == "notify"
    assert status_of(arn, aws) == ANSWERS[operation][2]
    assert aws.calls.counts[operation] == 1
    assert world.open() == set()


@answers
def test_two_runs_at_once_give_one_answer_and_make_one_record(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    arn = _begin(world, operation)
    during(monkeypatch, Ram, ANSWERS[operation][1], lambda: world.event(arn), lambda: None)
    world.sweep()
    assert [(record["action"], record["status"]) for record in world.actions()] == [(operation, "DONE")]
    assert status_of(arn, aws) == ANSWERS[operation][2]
    assert world.open() == set()


@answers
def test_a_run_with_an_older_list_gives_no_answer_again(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    arn = _begin(world, operation)
    listed = Ram.invitations

    def listing(self: Ram, arns: Any = ()) -> Any:
        found = list(listed(self, arns))
        monkeypatch.setattr(Ram, "invitations", listed)
        world.event(arn)
        return iter(found)

    monkeypatch.setattr(Ram, "invitations", listing)
    sweep = world.sweep()
    assert [(record["action"], record["status"]) for record in world.actions()] == [(operation, "DONE")]
    assert aws.calls.counts[operation] == 1
    assert (sweep.actions.made, world.open()) == ([], set())


@answers
def test_an_answer_that_nobody_got_and_somebody_gave_the_other_way_has_failed(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    arn = _begin(world, operation)
    crash(world, monkeypatch, Ram, ANSWERS[operation][1], "before the call")
    getattr(ram(), "reject" if operation == ACCEPT else "accept")(arn)
    world.later(hours=1)
    assert [record["status"] for record in world.actions()] == ["FAILED"]
    assert aws.calls.counts[operation] == 0


@pytest.mark.parametrize("kind", ["timeout-after", "timeout-before"])
@answers
def test_an_answer_that_was_not_answered_has_its_end_in_the_next_sweep(
    world: World, aws: Emulator, operation: str, kind: Any
) -> None:
    arn = _begin(world, operation)
    aws.faults.add(Fault(operation, kind))
    aws.faults.add(Fault("ram:GetResourceShareInvitations", "denied", match={"resourceShareInvitationArns": [arn]}))
    world.sweep()
    assert [record["status"] for record in world.actions()] == ["PLANNED"]
    aws.faults.clear()
    world.later(hours=1)
    assert [record["status"] for record in world.actions()] == ["DONE"]
    assert status_of(arn, aws) == ANSWERS[operation][2]
