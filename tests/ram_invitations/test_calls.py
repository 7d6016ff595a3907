"""How many calls a sweep makes: exactly as many as there is something to ask."""

from collections import Counter
from datetime import timedelta

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding
from tests.conftest import REGION, US
from tests.ram_invitations.conftest import ACCEPT, LIST, LOOK, RESOURCES, SHARES, World, acceptances, invite

STRANGERS = [f"{number:012}" for number in range(1, 8)]


@pytest.mark.parametrize(
    ("invitations", "trusted", "lists"),
    [(0, 0, 1), (1, 0, 1), (5, 5, 1), (500, 3, 1), (501, 3, 2), (1200, 10, 3)],
)
def test_a_sweep_makes_a_call_a_page_and_two_an_acceptance(
    world: World, invitations: int, trusted: int, lists: int
) -> None:
    untrusted = invitations - trusted
    seeding.flood(US, REGION, untrusted // 2, STRANGERS)
    arns = [invite() for _ in range(trusted)]
    seeding.flood(US, REGION, untrusted - untrusted // 2, STRANGERS)
    world.sweep()
    assert world.calls() == Counter({LIST: lists, LOOK: trusted, ACCEPT: trusted})
    assert acceptances() == arns
    world.sweep()
    assert world.calls() == Counter({LIST: lists})


@pytest.mark.parametrize("others", [10, 2000])
def test_an_event_that_names_its_invitation_costs_the_same_among_any_number(world: World, others: int) -> None:
    seeding.flood(US, REGION, others, STRANGERS)
    arn = invite()
    world.event(arn)
    assert world.calls() == Counter({LIST: 1, LOOK: 1, ACCEPT: 1})
    assert acceptances() == [arn]
    world.event(arn)
    assert world.calls() == Counter({LIST: 1})


def test_what_was_accepted_is_verified_in_batches_from_half_an_hour_on(world: World, aws: Emulator) -> None:
    world.section["accept_limit_per_run"] = 100
    for _ in range(51):
        invite()
    world.sweep()
    assert world.calls() == Counter({LIST: 1, LOOK: 51, ACCEPT: 51})
    aws.advance(timedelta(minutes=29))
    world.sweep()
    assert world.calls() == Counter({LIST: 1})
    aws.advance(timedelta(minutes=1))
    world.sweep()
    assert world.calls() == Counter({LIST: 1, SHARES: 2, RESOURCES: 2})
    aws.advance(timedelta(hours=24))
    world.sweep()
    assert world.calls() == Counter({LIST: 1})


def test_what_no_rule_can_cover_is_not_looked_into(world: World) -> None:
    world.section["trust"] = [
        {"name": "hub", "accounts": ["210987654321"], "share_names": ["dev-*"], "regions": [REGION]},
    ]
    invite(name="prod")
    invite("999999999999", name="dev-1")
    invite(name="dev-2")
    world.sweep(dry_run=True)
    assert world.calls() == Counter({LIST: 1, LOOK: 1})


def test_the_ledger_is_asked_twice_and_for_each_acceptance_once_and_told_twice(world: World, aws: Emulator) -> None:
    for _ in range(3):
        invite()
    world.sweep()
    assert Counter(call.operation for call in aws.calls.of("dynamodb:*")) == Counter(
        {"Query": 2 + 3, "PutItem": 3 + 1, "TransactWriteItems": 3}
    )
