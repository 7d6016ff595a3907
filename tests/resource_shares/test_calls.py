"""How many calls a look takes: exactly as many as there is something to ask, however many shares there are."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from emulator.aws import Emulator
from emulator.ram import faults
from emulator.ram.models import ram_backends
from tests.conftest import REGION, US
from tests.resource_shares.conftest import (
    ASSOCIATIONS,
    FRIEND,
    OUTSIDER,
    POLICIES,
    REMOVE,
    RESOURCES,
    SHARES,
    TAG,
    World,
    ours,
    share_of,
    theirs,
)


def test_where_nothing_is_shared_a_sweep_takes_two_calls(world: World) -> None:
    sweep = world.sweep()
    assert world.calls() == {SHARES: 2}
    assert sweep.coverage()["status"] == "NOT_APPLICABLE"


@pytest.mark.parametrize("number", [1, 40])
@pytest.mark.parametrize(
    ("share", "calls"),
    [(lambda: ours(FRIEND), {ASSOCIATIONS: 2}), (theirs, {RESOURCES: 1})],
    ids=["ours: one call for principals and one for failures", "theirs: one call for what is in them"],
)
def test_shares_take_the_same_calls_whatever_their_number(
    world: World, share: Callable[[], str], calls: dict[str, int], number: int
) -> None:
    for _ in range(number):
        share()
    world.sweep()
    assert world.calls() == {SHARES: 2} | calls


def test_shares_of_strangers_are_not_looked_into(world: World) -> None:
    theirs(OUTSIDER)
    world.sweep()
    assert world.calls() == {SHARES: 2}


def test_more_than_a_page_takes_more_than_a_call(world: World) -> None:
    ram_backends[US][REGION].settings.page_size = 3
    for _ in range(4):
        ours(FRIEND)
        theirs()
    world.sweep()
    assert world.calls() == {SHARES: 4, ASSOCIATIONS: 3, RESOURCES: 2}


def test_outsiders_take_one_list_of_resources_and_a_call_each_up_to_twenty(world: World) -> None:
    world.section["mode"] = "plan"
    for number in range(25):
        ours(f"{number:012}")
    world.sweep()
    assert world.calls() == {SHARES: 2, ASSOCIATIONS: 2, RESOURCES: 1, POLICIES: 20}


def test_a_removal_takes_two_calls_and_a_share_one_tag(world: World, aws: Emulator) -> None:
    ours(OUTSIDER, "888888888888")
    world.sweep()
    assert world.calls() == {SHARES: 2, ASSOCIATIONS: 2 + 2, RESOURCES: 1, POLICIES: 2, REMOVE: 2, TAG: 1}
    aws.advance(timedelta(minutes=1))
    world.sweep()
    assert world.calls() == {SHARES: 2, ASSOCIATIONS: 2}


def test_only_who_waits_for_half_a_day_takes_a_look_at_our_resources(world: World) -> None:
    arn = ours(FRIEND)
    held = share_of(arn).principals.get(FRIEND)
    assert held is not None
    faults.leave_waiting(arn, FRIEND)
    world.sweep()
    assert world.calls() == {SHARES: 2, ASSOCIATIONS: 2}
    world.later(hours=12)
    assert world.calls() == {SHARES: 2, ASSOCIATIONS: 2, RESOURCES: 1}
    world.later(hours=24 * 7)
    assert world.calls() == {SHARES: 2, ASSOCIATIONS: 2}


@pytest.mark.parametrize("others", [0, 30])
def test_an_event_about_one_share_costs_the_same_among_any_number(world: World, others: int) -> None:
    for _ in range(others):
        ours(OUTSIDER)
        theirs()
    arn = ours(FRIEND)
    world.event(arn)
    assert world.calls() == {SHARES: 1, ASSOCIATIONS: 2}
    world.event(theirs())
    assert world.calls() == {SHARES: 2, RESOURCES: 1}


def test_an_event_asks_for_its_share_alone(world: World, aws: Emulator) -> None:
    ours(OUTSIDER)
    arn = ours(FRIEND)
    world.event(arn)
    asked = [call.parameters["resourceShareArns"] for call in aws.calls.of("ram:*")]
    assert asked == [[arn]] * 3
    assert not any("associationStatus" in call.parameters for call in aws.calls.of("ram:*"))


def test_no_combination_that_ram_rejects_is_sent(world: World, aws: Emulator) -> None:
    arn, other = ours(OUTSIDER), theirs()
    world.sweep()
    world.event(arn, other)
    assert {call.error for call in aws.calls.of("ram:*")} <= {None, "", "UnknownResourceException"}
