"""One operation has one story: from its begin, under one name, however often and by whatever it is looked at."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from emulator.faults import Fault
from emulator.s3control import faults
from emulator.s3control.operations import CREATE, Operation
from emulator.s3control.seeding import stand_up
from functions.mrap_operations.decision import FAILED, OVERDUE, REGION_FAILED, SLOW
from functions.mrap_operations.poller_launcher import execution_name
from functions.mrap_operations.tokens import Token, by_name
from functions.shared.aws.target import SWEEP_EVENT
from tests.conftest import NOW, US
from tests.mrap_operations.conftest import DESCRIBE, Poll, World
from tests.mrap_operations.memory import TOKEN, checks, described, ended, standing, told

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SWEEP = dict(SWEEP_EVENT)
NAMED = {"CreateMultiRegionAccessPointRequest": {"Name": "prod-logs"}}
OURS = by_name("aws", US, CREATE, "prod-logs", "2026-11-20T09:00:30Z")


def direct(token: str) -> dict[str, Any]:
    return {"account_id": US, "request_token_arn": token}


def payload(world: World) -> dict[str, Any]:
    """Return what the last poller was started with."""
    read: dict[str, Any] = json.loads(world.invoked()[-1]["Payload"])
    return read


def poll_as_started(world: World, poll: Poll) -> dict[str, Any]:
    """Let the poller that was started last run to its end."""
    started = payload(world)
    return poll(started.pop("request_token_arn"), **{n: v for n, v in started.items() if n != "account_id"})


def overdue(world: World, poll: Poll, **course: Any) -> str:
    """Begin an operation that is not over within its deadline of an hour, poll it, and return its token."""
    world.section = {"deadline_hours": 1}
    world.configure()
    faults.next_operation(US, **course)
    token = world.begin()
    world.invoke(direct(token))
    assert poll_as_started(world, poll)["outcome"] == "overdue"
    return token


# By one token


@pytest.mark.parametrize(
    ("fails", "found", "why"),
    [
        (True, {FAILED}, "the creation of access point prod-logs FAILED"),
        (False, set(), "the creation of access point prod-logs SUCCEEDED"),
    ],
)
def test_what_is_overdue_is_polled_again_at_once_and_has_its_end_in_the_same_story(
    world: World, poll: Poll, found: set[str], why: str, *, fails: bool
) -> None:
    token = overdue(world, poll, takes=timedelta(minutes=90), fails=fails)
    (late,) = world.findings()
    world.invoke(direct(token))
    names = [started["DurableExecutionName"] for started in world.invoked()]
    assert names == [execution_name(Token.of(token), attempt) for attempt in (1, 2)]
    assert poll_as_started(world, poll)["outcome"] == "ended"
    assert timedelta(minutes=90) <= world.aws.clock.now() - NOW <= timedelta(minutes=94)
    assert {item["check"] for item in world.findings()} == found
    assert (OVERDUE, why) in world.closed()
    assert {item["resource"] for item in world.table.items("open#") + world.table.items("closed#")} == {token}
    assert "begun 2026-11-20 09:00 UTC" in late["reason"]


def test_what_stays_overdue_is_polled_for_another_deadline_and_told_once(world: World, poll: Poll) -> None:
    token = overdue(world, poll, takes=timedelta(days=9))
    (before,) = world.findings()
    world.invoke(direct(token))
    outcome = poll_as_started(world, poll)
    assert (outcome["outcome"], outcome["polls"] <= 25) == ("overdue", True)
    assert 2 * HOUR <= world.aws.clock.now() - NOW <= 2 * HOUR + MINUTE
    assert world.findings() == [before]
    world.invoke(direct(token))
    assert len(world.invoked()) == 3


@pytest.mark.parametrize("fails", [True, False])
def test_what_has_ended_is_not_polled_again_whoever_asks(world: World, poll: Poll, *, fails: bool) -> None:
    faults.next_operation(US, fails=fails)
    token = world.begin()
    world.invoke(direct(token))
    poll_as_started(world, poll)
    for _ in range(3):
        world.invoke(direct(token))
    world.invoke(SWEEP)
    assert len(world.invoked()) == 1


def test_an_operation_is_as_old_as_s3_says_however_late_it_is_polled(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=timedelta(days=2))
    token = world.begin()
    world.aws.advance(20 * HOUR)
    assert poll(token)["outcome"] == "overdue"
    assert 24 * HOUR <= world.aws.clock.now() - NOW <= 24 * HOUR + MINUTE
    (late,) = world.findings()
    assert (late["evidence"]["begun_at"], "begun 2026-11-20 09:00 UTC" in late["reason"]) == (
        "2026-11-20T09:00:00Z",
        True,
    )


def test_a_creation_that_stays_overdue_has_no_second_story_by_its_access_point(world: World, poll: Poll) -> None:
    token = overdue(world, poll, takes=timedelta(days=20))
    for _ in range(12):
        world.aws.advance(24 * HOUR)
        world.invoke(SWEEP)
    assert len(world.invoked()) == 1
    resources = {item["resource"] for item in world.table.items("open#") + world.table.items("closed#")}
    assert {resource for resource in resources if "async-request" in resource} == {token}


# By its access point's name, and by a token


@pytest.mark.parametrize("check", [SLOW, OVERDUE, FAILED])
def test_what_was_told_by_name_goes_on_under_that_name_when_its_token_is_known(check: str) -> None:
    before = standing(check, OURS, access_point="prod-logs", operation=CREATE, begun_at="2026-11-20T09:00:30Z")
    sweep = told(described(RequestStatus="FAILED", RequestParameters=NAMED), before)
    ((found, evidence),) = [(each.resource, each.evidence) for each in sweep.findings.values()]
    assert (found, evidence["request_token_arn"]) == (OURS, TOKEN)
    assert ended(sweep) == {check} - {FAILED}
    sweep = told(described(RequestStatus="SUCCEEDED", RequestParameters=NAMED), before)
    assert (checks(sweep), ended(sweep)) == (set(), {check})


def test_what_was_told_by_its_token_goes_on_under_it_when_it_is_seen_by_name() -> None:
    more = {"access_point": "prod-logs", "operation": CREATE, "begun_at": "2026-11-20T09:00:00Z"}
    failed, region = standing(FAILED, **more), standing(REGION_FAILED, region="eu-west-1", **more)
    sweep = told({"AccessPoint": {"Status": "PARTIALLY_CREATED", "CreatedAt": NOW}}, failed, region, token=OURS)
    assert {found.resource for found in sweep.findings.values()} == {TOKEN}
    sweep = told({"AccessPoint": {"Status": "READY", "CreatedAt": NOW}}, failed, region, token=OURS)
    assert (checks(sweep), ended(sweep)) == ({REGION_FAILED}, {FAILED})


@pytest.mark.parametrize(
    "other",
    [
        standing(SLOW, f"{TOKEN}2", access_point="prod-logs", operation=CREATE, begun_at="2026-11-20T09:00:00Z"),
        standing(SLOW, OURS, access_point="other", operation=CREATE, begun_at="2026-11-20T09:00:00Z"),
        standing(SLOW, OURS.replace("09:00:30Z", "08:00:00Z")),
        standing(SLOW, OURS.replace("create", "delete")),
    ],
)
def test_another_operation_is_another_story(other: Any) -> None:
    sweep = told(described(RequestStatus="FAILED", RequestParameters=NAMED), other)
    assert {found.resource for found in sweep.findings.values() if found.check == FAILED} == {TOKEN}


# What is new is told when it is seen


def test_a_region_that_fails_is_told_while_the_others_go_on(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=MINUTE, region_status={"eu-west-1": "FAILED", "us-east-1": "INPROGRESS"})
    world.section = {"deadline_hours": 1}
    world.configure()
    poll(world.begin())
    (region,) = [item for item in world.findings() if item["check"] == REGION_FAILED]
    assert region["first_seen"] <= "2026-11-20T09:01:22Z"
    assert (region["region"], {item["check"] for item in world.findings()}) == ("eu-west-1", {REGION_FAILED, OVERDUE})


def test_a_word_that_is_not_known_is_told_at_once_polled_on_and_over_when_it_is_known(
    world: World, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Operation._status

    def status(operation: Operation, now: datetime) -> str:
        return whole(operation, now) if now - operation.begun_at >= 10 * MINUTE else "COMPLETED"

    monkeypatch.setattr(Operation, "_status", status)
    assert poll(world.begin())["outcome"] == "ended"
    (unread,) = world.table.items("closed#")
    assert (unread["check"], unread["compliance"], unread["first_seen"]) == (
        "unreadable",
        "INSUFFICIENT_DATA",
        "2026-11-20T09:00:00Z",
    )
    assert (unread["resolution"], "'COMPLETED'" in unread["reason"]) == (
        "the creation of access point prod-logs SUCCEEDED",
        True,
    )
    assert world.findings() == []


def test_a_failure_that_the_access_point_shows_is_told_by_the_first_poll(world: World, poll: Poll) -> None:
    stand_up(US, "prod-logs", age=HOUR)
    faults.set_status(US, "prod-logs", "PARTIALLY_CREATED")
    outcome = poll(by_name("aws", US, CREATE, "prod-logs", "2026-11-20T08:00:00Z"))
    assert (outcome["outcome"], outcome["polls"]) == ("ended", 1)
    (failed,) = world.findings()
    assert (failed["check"], failed["evidence"]["access_point_status"]) == (FAILED, "PARTIALLY_CREATED")
    assert failed["reason"].endswith("failed: the access point is PARTIALLY_CREATED")


def test_what_was_never_seen_is_unreadable_and_not_overdue(world: World, poll: Poll) -> None:
    world.section = {"deadline_hours": 1}
    world.configure()
    world.aws.faults.add(Fault(DESCRIBE, "denied"))
    assert poll(world.begin())["outcome"] == "overdue"
    (unread,) = world.findings()
    assert (unread["check"], unread["compliance"], unread["version"]) == ("unreadable", "INSUFFICIENT_DATA", 1)
