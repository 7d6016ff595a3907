"""An operation is polled to its end, whatever becomes of it, in the official runner of durable functions."""

import json
from datetime import timedelta
from typing import Any

import pytest

from emulator.faults import Fault
from emulator.s3control import faults
from emulator.s3control.operations import CREATE, DELETE, PUT_POLICY
from functions.mrap_operations import poller
from functions.mrap_operations.manifest import AUTOMATION
from functions.mrap_operations.tokens import by_name
from functions.shared.automation import Automation, DurableFunction
from functions.shared.ledger.ledger import Ledger
from tests.conftest import NOW, US, clients_of
from tests.mrap_operations.conftest import DESCRIBE, DETAILS, Poll, World

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
A_GAP = 22 * SECOND
HERE = "us-west-2"
SPOKE = "444455556666"


def test_a_success_after_two_minutes_is_seen_within_a_gap_and_leaves_nothing(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=2 * MINUTE)
    outcome = poll(world.begin())
    assert outcome["outcome"] == "ended"
    assert 2 * MINUTE <= world.aws.clock.now() - NOW <= 2 * MINUTE + A_GAP
    assert 6 <= outcome["polls"] == len(world.aws.calls.of(DESCRIBE)) <= 8
    assert world.table.items() == []


def test_a_failure_after_five_minutes_is_found_with_its_reason(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    token = world.begin(Name="prod-logs", Regions=[{"Bucket": "logs"}], PublicAccessBlock=_open_to_all())
    poll(token)
    assert 5 * MINUTE <= world.aws.clock.now() - NOW <= 5 * MINUTE + A_GAP
    (finding,) = world.findings()
    assert (finding["check"], finding["severity"], finding["region"]) == ("operation-failed", "HIGH", HERE)
    assert (finding["resource"], finding["occurrence"]) == (token, token)
    assert "InternalError" in finding["reason"]
    evidence = finding["evidence"]
    assert (evidence["operation"], evidence["access_point"], evidence["buckets"]) == (CREATE, "prod-logs", ["logs"])
    assert evidence["public_access_block_off"] == ["BlockPublicPolicy"]
    assert evidence["ErrorDetails"]["Code"] == "InternalError"


def _open_to_all() -> dict[str, bool]:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return dict.fromkeys(names, True) | {"BlockPublicPolicy": False}


def test_a_region_that_failed_under_a_success_is_found_as_that_regions(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=3 * MINUTE, failed_regions=("eu-west-1",))
    assert poll(world.begin())["outcome"] == "ended"
    assert world.open() == {("operation-region-failed", "eu-west-1")}


def test_a_day_without_an_end_is_slow_then_overdue_and_costs_some_two_hundred_polls(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=timedelta(days=3))
    outcome = poll(world.begin())
    assert outcome["outcome"] == "overdue"
    assert 24 * HOUR <= world.aws.clock.now() - NOW <= 24 * HOUR + 2 * SECOND
    assert 195 <= outcome["polls"] <= 235
    assert world.open() == {("operation-overdue", HERE)}
    assert world.closed() == [("operation-slow", "the creation of access point prod-logs is overdue")]


def test_a_slow_success_ends_its_notice(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=40 * MINUTE)
    poll(world.begin())
    assert world.open() == set()
    assert world.closed() == [("operation-slow", "the creation of access point prod-logs SUCCEEDED")]


def test_a_status_that_nobody_knows_is_no_success_and_is_named_when_time_is_up(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=MINUTE, status="ARCHIVED")
    world.section = {"deadline_hours": 1}
    world.configure()
    assert poll(world.begin())["outcome"] == "overdue"
    (finding,) = world.findings()
    assert "'ARCHIVED'" in finding["reason"]


def test_a_storm_of_throttles_is_no_failure_and_doubles_each_gap(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=MINUTE)
    world.aws.faults.add(Fault(DESCRIBE, "throttle", times=12))
    outcome = poll(world.begin())
    assert (outcome["outcome"], outcome["polls"]) == ("ended", 13)
    assert world.table.items() == []
    took = (world.aws.clock.now() - NOW).total_seconds()
    assert 12 * 36 - 12 <= took <= 12 * 44


def test_a_token_that_is_unknown_for_a_minute_alerts_nobody(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=3 * MINUTE, unknown_for=MINUTE)
    assert poll(world.begin())["outcome"] == "ended"
    assert world.table.items() == []


def test_a_token_that_stays_unknown_is_told_once_after_two_minutes_and_is_not_called_overdue(
    world: World, poll: Poll
) -> None:
    faults.next_operation(US, unknown_for=timedelta(days=3))
    world.section = {"deadline_hours": 1}
    world.configure()
    assert poll(world.begin())["outcome"] == "overdue"
    (finding,) = world.findings()
    assert (finding["check"], finding["version"]) == ("unreadable", 1)
    assert "NoSuchAsyncRequest" in finding["reason"]
    first_seen = finding["first_seen"]
    assert "2026-11-20T09:02:00Z" <= first_seen <= "2026-11-20T09:02:22Z"


def test_nine_errors_alert_nobody_and_the_tenth_in_a_row_does_until_aws_answers(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=10 * MINUTE)
    world.aws.faults.add(Fault(DESCRIBE, "server-error", times=9))
    world.aws.faults.add(Fault(DESCRIBE, "denied", after=10, times=11))
    assert poll(world.begin())["outcome"] == "ended"
    (ended,) = world.table.items("closed#")
    assert (ended["check"], ended["resolution"]) == (
        "unreadable",
        "S3 answers again: the creation of access point prod-logs is INPROGRESS",
    )
    assert "AccessDenied" in ended["reason"]
    assert world.open() == set()


@pytest.mark.parametrize("kind", ["timeout-before", "timeout-after", "broken-page", "cut-answer", "unavailable"])
def test_no_error_of_a_poll_ends_the_polling(world: World, poll: Poll, kind: Any) -> None:
    faults.next_operation(US, takes=2 * MINUTE, fails=True)
    world.aws.faults.add(Fault(DESCRIBE, kind, times=4))
    assert poll(world.begin())["outcome"] == "ended"
    assert world.open() == {("operation-failed", HERE)}


def test_a_later_success_ends_what_an_earlier_operation_left_open(world: World, poll: Poll) -> None:
    faults.next_operation(US, fails=True)
    poll(world.begin())
    faults.set_status(US, "prod-logs", "READY")
    faults.next_operation(US)
    policy = {"Name": "prod-logs", "Policy": "{}"}
    poll(world.begin(PUT_POLICY, **policy))
    assert world.open() == {("operation-failed", HERE)}
    faults.next_operation(US)
    poll(world.begin(DELETE, Name="prod-logs"))
    assert world.open() == set()
    assert world.closed() == [("operation-failed", "a later deletion of access point prod-logs SUCCEEDED")]


@pytest.mark.parametrize("kind", [CREATE, DELETE, PUT_POLICY])
def test_without_a_token_the_state_is_polled_instead(world: World, poll: Poll, kind: str) -> None:
    world.begin()
    if kind != CREATE:
        world.aws.advance(HOUR)
        details = {"Name": "prod-logs"} | ({"Policy": "{}"} if kind == PUT_POLICY else {})
        world.begin(kind, **details)
    begun_at = world.aws.clock.now()
    outcome = poll(by_name("aws", US, kind, "prod-logs", f"{begun_at:%Y-%m-%dT%H:%M:%SZ}"))
    assert outcome["outcome"] == "ended"
    assert 3 * MINUTE <= world.aws.clock.now() - begun_at <= 3 * MINUTE + A_GAP
    assert world.aws.calls.of(DESCRIBE) == []
    assert world.open() == set()


def test_a_crash_between_the_last_poll_and_its_record_loses_and_doubles_nothing(
    world: World, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Ledger.reconcile
    crashes = iter(["before", "after"])

    def crashing(*args: Any, **kwargs: Any) -> None:
        when = next(crashes, "")
        if when != "before":
            whole(*args, **kwargs)
        if when:
            raise MemoryError(when)

    monkeypatch.setattr(Ledger, "reconcile", crashing)
    faults.next_operation(US, takes=2 * MINUTE, fails=True)
    outcome = poll(world.begin())
    assert outcome["polls"] == len(world.aws.calls.of(DESCRIBE))
    (finding,) = world.findings()
    assert (finding["check"], finding["version"]) == ("operation-failed", 1)


def test_a_ledger_that_is_away_is_waited_for(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=MINUTE, fails=True)
    world.aws.faults.add(Fault("dynamodb:*", "unavailable", times=40))
    poll(world.begin())
    assert world.open() == {("operation-failed", HERE)}


def test_polling_the_same_operation_again_changes_nothing(world: World, poll: Poll) -> None:
    faults.next_operation(US, takes=MINUTE, fails=True)
    token = world.begin()
    poll(token)
    before = world.table.items()
    world.aws.calls.clear()
    assert poll(token)["polls"] == 1
    assert [call.error for call in world.aws.calls.mutating()] == ["ConditionalCheckFailedException"]
    assert world.table.items() == before


def test_the_poller_asks_in_us_west_2_alone_with_one_call_a_poll(world: World, poll: Poll) -> None:
    outcome = poll(world.begin())
    calls = world.aws.calls.of("s3:Describe*", "s3:Get*", "s3:List*")
    assert len(calls) == outcome["polls"]
    assert {call.region for call in calls} == {HERE}


def test_an_operation_of_another_account_is_polled_as_its_spoke_role(world: World, poll: Poll) -> None:
    world.configure(accounts=["self", SPOKE])
    calls = clients_of(SPOKE).calls("s3control", HERE)
    faults.next_operation(SPOKE, takes=MINUTE, fails=True)
    token = calls("CreateMultiRegionAccessPoint", AccountId=SPOKE, ClientToken="1", Details=DETAILS)["RequestTokenARN"]
    poll(token)
    (finding,) = world.findings()
    assert (finding["check"], finding["account"], finding["resource"]) == ("operation-failed", SPOKE, token)
    assert {call.account for call in world.aws.calls.of(DESCRIBE)} == {SPOKE}
    policy = json.loads(world.aws.calls.of("sts:AssumeRole")[0].parameters["Policy"])
    assert set(policy["Statement"][0]["Action"]) == {right.action for right in _poller_of(AUTOMATION).permissions}


def test_a_role_that_may_not_be_assumed_is_an_error_that_is_survived(world: World, poll: Poll) -> None:
    world.configure(accounts=["self", SPOKE])
    calls = clients_of(SPOKE).calls("s3control", HERE)
    faults.next_operation(SPOKE, takes=MINUTE)
    token = calls("CreateMultiRegionAccessPoint", AccountId=SPOKE, ClientToken="1", Details=DETAILS)["RequestTokenARN"]
    world.aws.faults.add(Fault("sts:AssumeRole", "denied", times=5))
    assert poll(token)["outcome"] == "ended"
    assert world.table.items() == []


def _poller_of(automation: Automation) -> DurableFunction:
    assert automation.poller is not None
    return automation.poller


def test_the_poller_is_what_the_manifest_names_and_outlives_every_deadline() -> None:
    named = _poller_of(AUTOMATION)
    assert named.handler == f"{poller.__name__}.lambda_handler"
    longest = AUTOMATION.settings["properties"]["deadline_hours"]["maximum"]
    assert named.execution_timeout >= timedelta(hours=longest + 6)
