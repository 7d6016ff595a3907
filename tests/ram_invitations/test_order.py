"""In which order invitations are answered: what is refused for good takes nothing from the others."""

from collections import Counter
from datetime import timedelta

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from functions.ram_invitations.effects import Ram
from tests.conftest import NOW
from tests.ram_invitations.conftest import (
    ACCEPT,
    GATEWAY,
    HUB,
    LOCKED,
    REJECT,
    STRANGER,
    World,
    acceptances,
    invite,
    status_of,
)

HOUR = timedelta(hours=1)


def _refuse(aws: Emulator, operation: str, *arns: str) -> None:
    for arn in arns:
        aws.faults.add(Fault(operation, "denied", match={"resourceShareInvitationArn": arn}))


def _asked(aws: Emulator, operation: str = ACCEPT) -> list[str]:
    return [call.parameters["resourceShareInvitationArn"] for call in aws.calls.of(operation)]


@pytest.mark.parametrize("refused", [2, 3])
def test_what_is_refused_for_good_spends_the_cap_once_and_nothing_expires_behind_it(
    world: World, aws: Emulator, refused: int
) -> None:
    world.section["accept_limit_per_run"] = 2
    bad = [invite(HUB) for _ in range(refused)]
    _refuse(aws, ACCEPT, *bad)
    good = [invite(HUB) for _ in range(3)]
    for _ in range(3):
        world.later(hours=1)
    assert acceptances() == good
    assert {arn for check, arn in world.open() if check == "accept-failed"} == set(bad)


def test_a_plan_shows_what_will_be_answered_and_not_what_was_refused(world: World, aws: Emulator) -> None:
    world.section["accept_limit_per_run"] = 2
    bad = [invite(HUB) for _ in range(2)]
    _refuse(aws, ACCEPT, *bad)
    good = invite(HUB)
    world.sweep()
    planned = {m["resource"]: m["status"] for m in world.look(dry_run=True).actions.made}
    assert planned == {good: "PLANNED", bad[0]: "PLANNED", bad[1]: "SKIPPED"}


def test_those_that_are_refused_have_their_turns(world: World, aws: Emulator) -> None:
    world.section["accept_limit_per_run"] = 2
    bad = [invite(HUB) for _ in range(3)]
    _refuse(aws, ACCEPT, *bad)
    for _ in range(6):
        world.later(hours=1)
    assert Counter(_asked(aws)) == dict.fromkeys(bad, 4)


def test_a_refusal_keeps_no_stranger_from_being_rejected(world: World, aws: Emulator) -> None:
    world.section |= {"accept_limit_per_run": 1, "untrusted": "reject"}
    bad, foreign = invite(HUB), invite(STRANGER)
    _refuse(aws, ACCEPT, bad)
    world.later(hours=1)
    assert status_of(foreign, aws) == "PENDING"
    world.later(hours=1)
    assert status_of(foreign, aws) == "REJECTED"


def test_a_rejection_that_is_refused_keeps_no_other_from_its_turn(world: World, aws: Emulator) -> None:
    world.section |= {"accept_limit_per_run": 1, "flood_limit": 1, "untrusted": "reject"}
    bad, other = invite(STRANGER), invite(STRANGER)
    _refuse(aws, REJECT, bad)
    for _ in range(2):
        world.later(hours=1)
    assert status_of(other, aws) == "REJECTED"


def test_what_expires_first_is_answered_first(world: World, aws: Emulator) -> None:
    old, urgent, fresh = (
        invite(HUB, GATEWAY, at=NOW - 13 * HOUR),
        invite(HUB, GATEWAY, at=NOW - 11 * HOUR),
        invite(HUB, GATEWAY, at=NOW - HOUR),
    )
    dying = invite(HUB, GATEWAY, at=NOW - timedelta(days=7) + HOUR / 2)
    world.sweep()
    assert _asked(aws) == [dying, urgent, fresh, old]


def test_what_the_cap_leaves_is_warned_of_in_time(world: World, aws: Emulator) -> None:
    world.section |= {
        "accept_limit_per_run": 1,
        "trust": [{"name": "h", "accounts": [HUB], "allow_irreversible": True}],
    }
    arns = [invite(HUB, LOCKED) for _ in range(3)]
    _refuse(aws, ACCEPT, *arns)
    world.later(hours=7)
    assert {arn for check, arn in world.open() if check == "invitation-expiring"} == set(arns)


def test_one_that_kills_the_run_is_tried_last_in_the_next(
    world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly, other = invite(HUB), invite(HUB)
    accept = Ram.accept

    def dying(ram: Ram, arn: str) -> str:
        if arn == deadly:
            raise KeyboardInterrupt
        return accept(ram, arn)

    monkeypatch.setattr(Ram, "accept", dying)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            world.later(hours=1)
    assert acceptances() == [other]
    assert aws
