"""What is wrong with operations and access points: every state of them, without AWS."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from functions.mrap_operations.decision import (
    FAILED,
    INCONSISTENT,
    OVERDUE,
    REGION_FAILED,
    SLOW,
    STUCK,
    AccessPoint,
    Operation,
    Policy,
    State,
    Trouble,
    Unclear,
    decide,
    decide_access_point,
    has_ended,
    outcome_of,
    state_of,
    unknown_words,
)
from functions.mrap_operations.manifest import AUTOMATION

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
POLICY = Policy()
TOKEN = "arn:aws:s3:us-west-2:111122223333:async-request/mrap/create/abc"
WORDS = {
    State.SUCCEEDED: ("SUCCEEDED", "SUCCESS", "succeeded", "Succeeded"),
    State.FAILED: ("FAILED", "failed"),
    State.PENDING: ("NEW", "INPROGRESS", "IN_PROGRESS", "in-progress", "In Progress"),
    State.UNKNOWN: ("", "COMPLETED", "PARTIAL", "SUCCESSFUL", "SUCCEEDED!", "DONE", "\x1b[31m"),
}
KNOWN = {state: words[0] for state, words in WORDS.items()}
AGES = (
    timedelta(0),
    timedelta(minutes=29, seconds=59),
    timedelta(minutes=30),
    timedelta(hours=23),
    timedelta(hours=24),
)


def operation(status: str, age: timedelta = timedelta(0), **more: object) -> Operation:
    given = {"token": TOKEN, "kind": "CreateMultiRegionAccessPoint", "begun_at": NOW - age} | more
    return Operation(status=status, **given)  # type: ignore[arg-type]


def checks(found: Operation) -> list[str]:
    return [trouble.check for trouble in decide(found, POLICY, NOW)]


@pytest.mark.parametrize(("state", "word"), [(state, word) for state, words in WORDS.items() for word in words])
def test_each_spelling_of_a_status_is_read(state: State, word: str) -> None:
    assert state_of(word) is state
    assert has_ended(operation(word)) == (state in (State.SUCCEEDED, State.FAILED))


@pytest.mark.parametrize(("state", "age"), list(product(State, AGES)))
def test_every_state_at_every_age_has_its_verdict(state: State, age: timedelta) -> None:
    still = [OVERDUE] if age >= POLICY.deadline else [SLOW] if age >= POLICY.slow_after else []
    expected = {State.SUCCEEDED: [], State.FAILED: [FAILED]}.get(state, still)
    for word in WORDS[state]:
        assert checks(operation(word, age)) == expected


def test_a_region_that_failed_is_told_under_a_whole_that_succeeded() -> None:
    regions = (("eu-west-1", "FAILED"), ("us-east-1", "SUCCEEDED"), ("eu-north-1", "ODD"), ("sa-east-1", "IN_PROGRESS"))
    (trouble,) = decide(operation("SUCCEEDED", regions=regions), POLICY, NOW)
    assert (trouble.check, trouble.region) == (REGION_FAILED, "eu-west-1")
    assert trouble.reason.endswith("failed in eu-west-1")
    assert checks(operation("FAILED", regions=regions)) == [FAILED, REGION_FAILED]


def test_no_region_that_failed_hides_behind_another_without_a_name() -> None:
    first, second = decide(
        operation("SUCCEEDED", regions=(("", "FAILED"), ("", "SUCCEEDED"), ("", "FAILED"))), POLICY, NOW
    )
    assert first == second
    assert first.reason.endswith("failed in a Region that AWS does not name")


@pytest.mark.parametrize(("whole", "region"), list(product(State, State)))
def test_an_operation_has_ended_when_it_failed_or_all_of_it_has(whole: State, region: State) -> None:
    found = operation(KNOWN[whole], regions=(("eu-west-1", "SUCCEEDED"), ("us-east-1", KNOWN[region])))
    is_over = whole is State.FAILED or (whole is State.SUCCEEDED and region in (State.SUCCEEDED, State.FAILED))
    assert has_ended(found) == is_over
    assert bool(unknown_words(found)) == (State.UNKNOWN in (whole, region))
    assert outcome_of(found) is not State.SUCCEEDED or is_over


def test_what_is_not_known_is_named_as_aws_says_it() -> None:
    found = operation("COMPLETED", regions=(("eu-west-1", "ODD\x1b"), ("us-east-1", ""), ("", "")))
    assert unknown_words(found) == [
        "its status is 'COMPLETED', which is not known",
        "its status in eu-west-1 is 'ODD\\x1b', which is not known",
        "AWS does not say its status in us-east-1",
        "AWS does not say its status in a Region that AWS does not name",
    ]


def test_of_what_a_deletion_has_overtaken_nothing_is_said() -> None:
    found = operation("DELETING", timedelta(days=2), is_overtaken=True)
    assert (has_ended(found), unknown_words(found), checks(found)) == (True, [], [])


def test_a_failure_says_why_as_far_as_aws_does() -> None:
    told = {"ErrorDetails": {"Code": "InternalError", "Message": "again \x1b[1m"}}
    (trouble,) = decide(operation("FAILED", details=told), POLICY, NOW)
    assert trouble.reason.endswith("failed: InternalError: again \\x1b[1m")
    (trouble,) = decide(operation("FAILED", details={"access_point_status": "PARTIALLY_CREATED"}), POLICY, NOW)
    assert trouble.reason.endswith("failed: the access point is PARTIALLY_CREATED")
    (trouble,) = decide(operation("FAILED"), POLICY, NOW)
    assert trouble.reason.endswith("failed: AWS does not say why")


def point(status: str, age: timedelta | None = timedelta(0)) -> AccessPoint:
    return AccessPoint("arn:1", "logs", status, None if age is None else NOW - age)


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize(
    "status",
    ["READY", "CREATING", "DELETING", "PARTIALLY_CREATED", "PARTIALLY_DELETED", "INCONSISTENT_ACROSS_REGIONS", "", "X"],
)
def test_every_state_of_an_access_point_has_its_verdict(status: str, age: timedelta) -> None:
    verdict = decide_access_point(point(status, age), POLICY, NOW)
    if status == "READY":
        assert verdict is None
    elif status in ("CREATING", "DELETING"):
        assert verdict is None if age < POLICY.deadline else isinstance(verdict, Trouble) and verdict.check == STUCK
    elif status in ("", "X"):
        assert isinstance(verdict, Unclear)
    else:
        assert isinstance(verdict, Trouble)
        assert verdict.check == INCONSISTENT


def test_an_access_point_of_no_age_cannot_be_called_stuck() -> None:
    assert isinstance(decide_access_point(point("CREATING", None), POLICY, NOW), Unclear)
    assert decide_access_point(point("READY", None), POLICY, NOW) is None


def test_every_check_can_fire() -> None:
    assert {check.id for check in AUTOMATION.checks} == {FAILED, REGION_FAILED, OVERDUE, SLOW, INCONSISTENT, STUCK}


def test_the_configuration_is_read_with_its_units() -> None:
    policy = Policy.from_settings({"deadline_hours": 2, "slow_after_minutes": 5})
    assert policy == Policy(timedelta(hours=2), timedelta(minutes=5))
