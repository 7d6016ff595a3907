"""When invitations expire, in which order they are answered, when a person is warned, and how they ended: no AWS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.ram_invitations.deadlines import Disappearance, disappeared, evidence, urgency, warning
from functions.ram_invitations.decision import Invitation, Policy
from functions.shared.trust import LEAVABLE, Deadline, TrustPolicy, TrustRule, deadline, pending_deadline

HUB = "210987654321"
STRANGER = "999999999999"
SENT_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GATEWAY, LOCKED = "ec2:TransitGateway", "glue:Database"
SHORT, LONG = 12 * HOUR, 7 * DAY


def invitation(**changes: Any) -> Invitation:
    given = {
        "arn": f"arn:aws:ram:eu-west-1:{HUB}:resource-share-invitation/1",
        "share_arn": f"arn:aws:ram:eu-west-1:{HUB}:resource-share/1",
        "share_name": "prod-network",
        "sender": HUB,
        "receiver": "123456789012",
        "region": "eu-west-1",
        "invited_at": SENT_AT,
        "status": "PENDING",
    }
    return Invitation(**(given | changes))


def policy(**changes: Any) -> Policy:
    return Policy(TrustPolicy((TrustRule("hub", frozenset({HUB})),)), **changes)


CLOCKS: list[tuple[list[str] | None, timedelta, bool]] = [
    ([GATEWAY], LONG, True),
    (["EC2:transitgateway", "rds:Cluster"], LONG, True),
    ([LOCKED], SHORT, True),
    (["new:Thing", LOCKED], SHORT, True),
    ([GATEWAY, LOCKED], SHORT, False),
    ([], SHORT, False),
    (None, SHORT, False),
]


@pytest.mark.parametrize(("types", "clock", "is_certain"), CLOCKS)
def test_the_shortest_clock_of_the_types_counts_and_is_certain_only_where_all_have_it(
    types: list[str] | None, clock: timedelta, *, is_certain: bool
) -> None:
    assert deadline(SENT_AT, types) == Deadline(SENT_AT + clock, is_certain)
    assert pending_deadline(SENT_AT, types, SENT_AT + SHORT - HOUR) == deadline(SENT_AT, types)


@pytest.mark.parametrize(("types", "clock", "is_certain"), CLOCKS)
def test_what_is_pending_after_the_short_clock_has_the_long_one_unless_its_types_say_otherwise(
    types: list[str] | None, clock: timedelta, *, is_certain: bool
) -> None:
    assert pending_deadline(SENT_AT, types, SENT_AT + SHORT) == Deadline(
        SENT_AT + (clock if is_certain else LONG), is_certain=True
    )


def test_the_types_with_the_long_clock_are_those_that_can_be_left() -> None:
    assert len(LEAVABLE) == 14


def test_a_deadline_that_is_only_the_earliest_possible_says_so() -> None:
    certain, earliest = (warned([LOCKED], 7 * HOUR), warned([GATEWAY, LOCKED], 7 * HOUR))
    assert certain is not None
    assert certain.endswith("expires at 2026-11-20 21:00 UTC: rule hub does not cover it")
    assert earliest is not None
    assert earliest.endswith("expires at 2026-11-20 21:00 UTC at the earliest: rule hub does not cover it")


def warned(types: list[str] | None, after: timedelta, remaining: float = 0.5, **of: Any) -> str | None:
    expires, found = pending_deadline(SENT_AT, types, SENT_AT + after), invitation(**of)
    why = "rule hub does not cover it"
    return warning(found, expires, policy(warn_at_remaining=remaining), SENT_AT + after, why)


@pytest.mark.parametrize(
    ("types", "remaining", "after", "is_warned"),
    [
        ([LOCKED], 0.5, 6 * HOUR - HOUR / 60, False),
        ([LOCKED], 0.5, 6 * HOUR, True),
        ([LOCKED], 0.5, 20 * HOUR, True),
        ([GATEWAY], 0.5, 83 * HOUR, False),
        ([GATEWAY], 0.5, 84 * HOUR, True),
        (None, 0.25, 8 * HOUR, False),
        (None, 0.25, 9 * HOUR, True),
        (None, 0.5, 12 * HOUR, False),
        (None, 0.5, 84 * HOUR, True),
        ([], 0.5, 6 * HOUR, True),
    ],
)
def test_the_warning_comes_at_its_share_of_the_clock(
    types: list[str] | None, remaining: float, after: timedelta, *, is_warned: bool
) -> None:
    assert (warned(types, after, remaining) is not None) is is_warned


def test_nobody_is_warned_of_a_strangers_deadline() -> None:
    assert warned(None, 11 * HOUR, sender=STRANGER) is None


def test_the_warning_is_the_same_sentence_in_every_sweep() -> None:
    assert len({warned(None, hours * HOUR) for hours in (7, 8, 9)}) == 1


def test_what_may_expire_first_comes_first_and_what_outlived_the_short_clock_has_the_long_one() -> None:
    ages = [1 * HOUR, 11 * HOUR, 13 * HOUR, 6.9 * DAY]
    by_urgency = sorted(ages, key=lambda age: urgency(invitation(invited_at=SENT_AT - age), SENT_AT))
    assert by_urgency == [11 * HOUR, 6.9 * DAY, 1 * HOUR, 13 * HOUR]


# What RAM does not list any more

GONE = [
    ([LOCKED], 11 * HOUR, Disappearance.WITHDRAWN),
    ([LOCKED], 12 * HOUR, Disappearance.LAPSED),
    ([GATEWAY], 13 * HOUR, Disappearance.WITHDRAWN),
    ([GATEWAY], 7 * DAY, Disappearance.LAPSED),
    ([GATEWAY, LOCKED], 11 * HOUR, Disappearance.WITHDRAWN),
    ([GATEWAY, LOCKED], 13 * HOUR, Disappearance.UNCLEAR),
    ([], 13 * HOUR, Disappearance.UNCLEAR),
    (None, 11 * HOUR, Disappearance.WITHDRAWN),
    (None, 13 * HOUR, Disappearance.UNCLEAR),
    (None, 7 * DAY, Disappearance.LAPSED),
]


@pytest.mark.parametrize(("types", "after", "became"), GONE)
def test_what_disappeared_was_withdrawn_or_lapsed_and_what_cannot_be_told_apart_is_told_as_such(
    types: list[str] | None, after: timedelta, became: Disappearance
) -> None:
    proof = evidence(invitation(), None if types is None else frozenset(types))
    assert disappeared(proof, SENT_AT + after) is became
