"""What an invitation shares: nothing yet, something later, and something more after it was accepted."""

from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.ram import seeding_shares
from tests.conftest import REGION, clients_of
from tests.ram_invitations.conftest import (
    ACCEPT,
    GATEWAY,
    HUB,
    LOCKED,
    LOOK,
    RESOURCES,
    World,
    acceptances,
    invite,
    share_of,
    status_of,
)

RULES: dict[str, tuple[dict[str, Any], bool]] = {
    "every type that can be left": ({}, False),
    "some types": ({"resource_types": [GATEWAY]}, False),
    "some types, left or not": ({"resource_types": [GATEWAY, LOCKED], "allow_irreversible": True}, False),
    "every type there is": ({"allow_irreversible": True}, True),
}


def _empty(name: str = "prod") -> str:
    return invite(HUB, name=name, resource_types=())


def _resolutions(world: World) -> dict[str, str]:
    return {item["check"]: item["resolution"] for item in world.table.items("closed#")}


@pytest.mark.parametrize(("rule", "is_accepted"), RULES.values(), ids=RULES)
def test_an_empty_share_is_accepted_only_by_a_rule_that_covers_whatever_is_put_in(
    world: World, aws: Emulator, rule: dict[str, Any], *, is_accepted: bool
) -> None:
    world.section["trust"] = [{"name": "hub", "accounts": [HUB]} | rule]
    arn = _empty()
    world.sweep()
    assert (status_of(arn, aws) == "ACCEPTED") is is_accepted
    assert world.open() == (set() if is_accepted else {("invitation-empty", arn)})
    assert {item["severity"] for item in world.table.items("open#")} <= {"LOW"}


def test_an_empty_share_is_accepted_when_its_content_has_come(world: World, aws: Emulator) -> None:
    arn = _empty()
    world.sweep()
    seeding_shares.put_in(share_of(arn), GATEWAY)
    world.later(hours=1)
    assert status_of(arn, aws) == "ACCEPTED"
    assert world.open() == set()
    told = f"Watchkeeper accepted the invitation to the share 'prod' of account {HUB} under rule hub"
    assert _resolutions(world) == {"invitation-empty": told}


def test_what_cannot_be_left_and_comes_into_an_empty_share_is_held(world: World, aws: Emulator) -> None:
    arn = _empty()
    world.sweep()
    seeding_shares.put_in(share_of(arn), LOCKED)
    world.later(hours=1)
    assert status_of(arn, aws) == "PENDING"
    assert world.open() == {("invitation-irreversible", arn)}
    assert "still pending" in _resolutions(world)["invitation-empty"]


def test_an_empty_share_is_warned_of_by_the_shortest_clock_which_is_not_certain(world: World) -> None:
    arn = _empty()
    world.later(hours=5.9)
    assert world.open() == {("invitation-empty", arn)}
    world.later(hours=0.1)
    assert world.open() == {("invitation-empty", arn), ("invitation-expiring", arn)}
    (warned,) = (item for item in world.table.items("open#") if item["check"] == "invitation-expiring")
    assert " at the earliest: the share 'prod' of account 210987654321 holds nothing yet" in warned["reason"]


def _accepted_and_grown(world: World, kind: str) -> tuple[str, str]:
    """Accept an invitation, and let its owner put in more before anybody looks again."""
    arn = invite(HUB)
    world.sweep()
    return arn, seeding_shares.put_in(share_of(arn), kind)


@pytest.mark.parametrize("kind", [GATEWAY, LOCKED])
def test_what_was_accepted_is_listed_once_more_in_the_next_sweep(world: World, aws: Emulator, kind: str) -> None:
    world.rest["resource_shares"] = {"mode": "off"}
    arn, added = _accepted_and_grown(world, kind)
    aws.calls.clear()
    world.later(hours=1)
    assert (aws.calls.counts[RESOURCES], aws.calls.counts[LOOK]) == (1, 0)
    assert world.open() == ({("invitation-irreversible", arn)} if kind == LOCKED else set())
    assert added


def test_what_was_put_in_after_the_acceptance_stands_open_until_it_is_taken_out(world: World) -> None:
    world.rest["resource_shares"] = {"mode": "off"}
    arn, added = _accepted_and_grown(world, LOCKED)
    share = share_of(arn)
    for hours in (1, 30, 24 * 8):
        world.later(hours=hours)
        assert world.open() == {("invitation-irreversible", arn)}
    (found,) = world.table.items("open#")
    assert found["reason"].startswith(f"The share 'prod' of account {HUB} holds {LOCKED}, which cannot be left")
    assert found["reason"].endswith("; the invitation to it is accepted already")
    _take_out(share, added)
    world.later(hours=1)
    assert world.open() == set()
    assert _resolutions(world) == {
        "invitation-irreversible": f"the share 'prod' of account {HUB} holds nothing any more that a rule excludes"
    }


def _take_out(share: str, resource: str) -> None:
    clients_of(HUB).calls("ram", REGION)("DisassociateResourceShare", resourceShareArn=share, resourceArns=[resource])


def test_where_resource_shares_looks_at_the_content_it_is_told_once_and_by_it(world: World) -> None:
    _accepted_and_grown(world, LOCKED)
    world.later(hours=1)
    assert world.open() == set()


def test_content_that_comes_between_the_look_and_the_acceptance_is_told(world: World, aws: Emulator) -> None:
    world.rest["resource_shares"] = {"mode": "off"}
    arn = invite(HUB)

    def put_in(_: Any) -> bool:
        seeding_shares.put_in(share_of(arn), LOCKED)
        return False

    aws.faults.add(Fault(ACCEPT, "denied", match=put_in))
    world.sweep()
    assert acceptances() == [arn]
    world.later(hours=1)
    assert world.open() == {("invitation-irreversible", arn)}
