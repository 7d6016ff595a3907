"""Stories, from an event to the poller that it starts, and from a sweep to findings and their ends."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.faults import Fault
from emulator.s3control import faults
from emulator.s3control.operations import CREATE, DELETE
from emulator.s3control.seeding import stand_up
from emulator.wire import events
from functions.mrap_operations.poller_launcher import execution_name
from functions.mrap_operations.tokens import Token, by_name
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.table import Table as LedgerTable
from tests.conftest import NOW, REGION, US, Writes, clients_of
from tests.mrap_operations.conftest import DESCRIBE, INVOKE, LIST, POLLER, Poll, World
from tests.world import event_of

SWEEP = dict(SWEEP_EVENT)
TOKEN = f"arn:aws:s3:us-west-2:{US}:async-request/mrap/create/nDxKamVvKU6Qn4kUoFTI0E9ctZqmBsV3rkEqbfU0vi8="
HOUR = timedelta(hours=1)


def _event(name: str) -> dict[str, Any]:
    return event_of("mrap_operations", f"{name}.synthetic")


def _death(name: str) -> dict[str, Any]:
    return _event("poller-timed-out") | {"detail": {"durableExecutionName": name, "status": "FAILED"}, "resources": []}


# What starts a poller


def test_an_event_starts_the_poller_of_its_token_once(world: World) -> None:
    for _ in range(10):
        assert not world.invoke(_event("creation-begun")).failed
    (started,) = world.invoked()
    assert (started["FunctionName"], started["InvocationType"]) == (POLLER, "Event")
    assert started["DurableExecutionName"] == execution_name(Token.of(TOKEN))
    assert len(started["DurableExecutionName"]) <= 64
    assert json.loads(started["Payload"]) == {"account_id": US, "request_token_arn": TOKEN}
    (polling,) = world.table.items()
    assert (polling["sk"], polling["token"], polling["state"]) == (Token.of(TOKEN).polling_key, TOKEN, "started")


def test_the_same_event_ten_times_is_one_execution_and_one_finding(world: World, poll: Poll) -> None:
    faults.next_operation(US, fails=True)
    token = world.begin()
    for _ in range(10):
        world.invoke({"account_id": US, "request_token_arn": token})
    (started,) = world.invoked()
    poll(json.loads(started["Payload"])["request_token_arn"])
    for _ in range(10):
        world.invoke({"account_id": US, "request_token_arn": token})
    assert len(world.invoked()) == 1
    (finding,) = world.findings()
    assert (finding["check"], finding["version"]) == ("operation-failed", 1)


def test_two_that_start_at_once_give_the_execution_one_name(world: World) -> None:
    world.aws.faults.add(Fault("dynamodb:Query", "unavailable"))  # neither can see what the other wrote
    for _ in range(2):
        world.invoke(_event("creation-begun"))
    world.aws.faults.clear()
    world.invoke(_event("creation-begun"))
    assert {started["DurableExecutionName"] for started in world.invoked()} == {execution_name(Token.of(TOKEN))}


def test_what_the_emulated_cloudtrail_tells_starts_the_poller(world: World) -> None:
    told: list[Any] = []
    events.subscribers.append(told.append)
    try:
        token = world.begin()
    finally:
        events.subscribers.remove(told.append)
    world.invoke(told[0])
    assert told[0]["region"] == "us-west-2"
    assert [json.loads(started["Payload"])["request_token_arn"] for started in world.invoked()] == [token]


@pytest.mark.parametrize("key", ["RequestTokenARN", "requestTokenArn", "x"])
@pytest.mark.parametrize("depth", [0, 3])
def test_a_token_is_found_under_any_key_at_any_depth(world: World, key: str, depth: int) -> None:
    elements: Any = {key: TOKEN}
    for _ in range(depth):
        elements = {"inner": [elements]}
    event = _event("creation-begun")
    event["detail"]["responseElements"] = elements
    world.invoke(event)
    assert [json.loads(started["Payload"])["request_token_arn"] for started in world.invoked()] == [TOKEN]


@pytest.mark.parametrize("key", ["name", "Name", "NAME"])
def test_without_a_token_the_operation_is_started_by_the_access_points_name(world: World, key: str) -> None:
    event = _event("deletion-begun-without-token")
    event["detail"]["requestParameters"] = {"details": {key: "prod-logs"}}
    world.invoke(event)
    (started,) = world.invoked()
    token = Token.of(json.loads(started["Payload"])["request_token_arn"])
    assert (token.is_ours, token.kind, token.name) == (True, DELETE, "prod-logs")


def _with(**detail: Any) -> dict[str, Any]:
    event = _event("creation-begun")
    return event | {"detail": event["detail"] | detail}


NOT_STARTED = {
    "a call that was refused": _with(errorCode="AccessDenied"),
    "a call without token and name": _with(responseElements=None, requestParameters=None),
    "another call": _with(eventName="SubmitMultiRegionAccessPointRoutes", responseElements=None),
    "a token of another account": _with(responseElements={"t": TOKEN.replace(US, "999999999999")}),
    "an account outside the scope": _event("creation-begun") | {"account": "999999999999"},
    "no detail": {"source": "aws.s3", "account": US, "region": "us-west-2"},
    "a detail that is a list": {"source": "aws.s3", "account": US, "region": "us-west-2", "detail": [TOKEN]},
    "a name that is none": _with(responseElements=None, requestParameters={"name": "../../x"}),
    "a direct call without account": {"request_token_arn": TOKEN},
    "a direct call for another account": {"request_token_arn": TOKEN, "account_id": "999999999999"},
    "a direct call for no access point": {
        "request_token_arn": f"{TOKEN.rpartition('/')[0]}/by-name/../../x/2026-11-20T09:00:00Z",
        "account_id": US,
    },
    "a call at no time": _with(responseElements=None, eventTime="yesterday"),
    "a direct call with a number": {"request_token_arn": 7, "account_id": US},
    "a poller of another": _event("poller-timed-out")
    | {"detail": {"durableExecutionName": "order-7"}, "resources": []},
    "a list": [TOKEN],
    "nothing": None,
}


@pytest.mark.parametrize("name", NOT_STARTED)
def test_whatever_is_no_operation_of_ours_ends_well_and_starts_nothing(world: World, name: str) -> None:
    outcome = world.invoke(NOT_STARTED[name])
    assert (outcome.failed, outcome.payload) == (False, {"coverage": []})
    assert world.invoked() == []
    assert world.table.items() == []


def test_a_start_that_lambda_refuses_is_told_and_made_up_for_by_the_sweep(world: World) -> None:
    world.aws.faults.add(Fault(INVOKE, "denied", times=1))
    world.invoke(_event("creation-begun"))
    assert world.open() == {("unreadable", "us-west-2")}
    assert not world.invoke(SWEEP).failed
    assert [call.error for call in world.aws.calls.of(INVOKE)] == ["AccessDeniedException", ""]
    world.aws.calls.clear()
    world.invoke(SWEEP)
    assert world.invoked() == []


def test_an_access_point_that_no_event_told_of_is_polled_by_its_name_once(world: World) -> None:
    stand_up(US, "prod-logs", age=timedelta(minutes=20), takes=3 * HOUR)
    world.invoke(SWEEP)
    assert world.invoked() == []  # its event may still come
    world.aws.advance(HOUR)
    for _ in range(2):
        world.invoke(SWEEP)
    (started,) = world.invoked()
    token = Token.of(json.loads(started["Payload"])["request_token_arn"])
    assert (token.is_ours, token.kind, token.name) == (True, CREATE, "prod-logs")


def test_an_access_point_whose_event_came_is_not_polled_twice(world: World) -> None:
    stand_up(US, "prod-logs", age=HOUR, takes=3 * HOUR)
    world.invoke(_event("creation-begun"))
    world.invoke(SWEEP)
    assert len(world.invoked()) == 1


def test_a_poller_that_ended_early_is_started_again_at_once_and_after_three_by_the_next_sweep(world: World) -> None:
    world.invoke(_event("creation-begun"))
    for _ in range(3):
        world.invoke(_death(world.invoked()[-1]["DurableExecutionName"]))
    names = [started["DurableExecutionName"] for started in world.invoked()]
    assert len(names) == len(set(names)) == 3
    (finding,) = world.findings()
    assert (finding["check"], finding["resource"]) == ("unreadable", TOKEN)
    assert "3 pollers of the operation ended early: the next sweep starts another" in finding["reason"]
    assert world.aws.calls.of(LIST)  # the state was looked at again
    for _ in range(2):
        world.invoke(SWEEP)
    assert len({started["DurableExecutionName"] for started in world.invoked()}) == len(world.invoked()) == 4


def test_a_death_told_twice_starts_one_poller(world: World) -> None:
    world.invoke(_event("creation-begun"))
    first = world.invoked()[0]["DurableExecutionName"]
    for _ in range(2):
        world.invoke(_death(first))
    assert len(world.invoked()) == 2


def test_a_death_in_an_organization_is_looked_at_in_the_account_of_its_operation(world: World) -> None:
    for account in (US, "111122223333"):
        Membership(LedgerTable(clients_of().calls("dynamodb", REGION), TABLE_NAME)).admit(account, "", NOW)
    world.configure(organization=True)
    world.invoke(_event("creation-begun"))
    assert not world.invoke(_death(world.invoked()[-1]["DurableExecutionName"])).failed
    assert len(world.invoked()) == 2
    assert [call.account for call in world.aws.calls.of(LIST)] == [US]


def test_a_death_of_what_the_ledger_does_not_know_looks_at_its_account(world: World) -> None:
    outcome = world.invoke(_event("poller-timed-out"))
    assert outcome.payload["coverage"][0]["status"] == "NOT_APPLICABLE"
    assert world.invoked() == []


# What a sweep finds


@pytest.mark.parametrize("status", ["PARTIALLY_CREATED", "PARTIALLY_DELETED", "INCONSISTENT_ACROSS_REGIONS"])
def test_an_access_point_that_differs_between_regions_is_found_until_it_is_ready(
    world: World, writes: Writes, status: str
) -> None:
    stand_up(US, "prod-logs")
    faults.set_status(US, "prod-logs", status)
    world.sweep()
    (finding,) = world.findings()
    assert finding["check"] == "access-point-inconsistent"
    assert finding["resource"].startswith(f"arn:aws:s3::{US}:accesspoint/")
    assert finding["resource"].endswith(".mrap")
    assert finding["evidence"]["status"] == status
    world.aws.calls.clear()
    world.sweep()
    assert writes() == ["dynamodb:PutItem"]  # the heartbeat
    faults.set_status(US, "prod-logs", "READY")
    world.sweep()
    assert world.open() == set()


def test_a_creation_past_the_deadline_is_stuck(world: World) -> None:
    stand_up(US, "prod-logs", age=23 * HOUR, takes=timedelta(days=9))
    world.sweep()
    assert world.open() == set()
    world.aws.advance(HOUR)
    world.sweep()
    assert world.open() == {("access-point-stuck", "us-west-2")}


def test_a_deletion_counts_from_when_it_was_first_seen(world: World) -> None:
    stand_up(US, "prod-logs", age=timedelta(days=300))
    faults.set_status(US, "prod-logs", "DELETING")
    world.sweep()
    world.aws.advance(23 * HOUR)
    world.sweep()
    assert world.open() == set()
    world.aws.advance(HOUR)
    world.sweep()
    assert world.open() == {("access-point-stuck", "us-west-2")}


def test_without_a_ledger_no_deletion_is_called_stuck(world: World) -> None:
    stand_up(US, "prod-logs", age=timedelta(days=300))
    faults.set_status(US, "prod-logs", "DELETING")
    assert world.sweep(with_ledger=False).findings == {}


def test_one_access_point_of_an_unknown_state_hides_no_other(world: World) -> None:
    stand_up(US, "unknown")
    stand_up(US, "bad")
    faults.set_status(US, "unknown", "HALF")
    faults.set_status(US, "bad", "PARTIALLY_CREATED")
    assert world.sweep().coverage()["status"] == "PARTIAL"
    assert world.open() == {("unreadable", "us-west-2"), ("access-point-inconsistent", "us-west-2")}


def test_an_account_without_access_points_does_not_use_the_service_however_s3_says_so(world: World) -> None:
    assert world.sweep().coverage()["status"] == "NOT_APPLICABLE"
    faults.leave_out(US)
    world.aws.calls.clear()
    assert world.sweep().coverage()["status"] == "NOT_APPLICABLE"
    assert (world.calls(), world.findings()) == ({LIST: 1}, [])


@pytest.mark.parametrize("member", ["Name", "Alias"])
def test_an_access_point_without_its_name_or_alias_may_be_any_that_was_told(world: World, member: str) -> None:
    stand_up(US, "prod-logs")
    faults.set_status(US, "prod-logs", "PARTIALLY_CREATED")
    world.sweep()
    faults.set_status(US, "prod-logs", "READY")
    faults.leave_out(US, member)
    world.sweep()
    assert ("access-point-inconsistent", "us-west-2") in world.open()
    faults.backend_of(US).left_out = frozenset()
    world.sweep()
    assert world.open() == set()


# What somebody names, where no poller can be started


@pytest.mark.parametrize(
    ("token", "asked"),
    [
        (TOKEN.replace(US, "999999999999"), 0),
        (TOKEN, 1),
        (by_name("aws", US, CREATE, "prod-logs", "2026-11-20T09:00:00Z"), 1),
    ],
)
def test_an_operation_that_is_not_ours_or_not_there_is_not_applicable(world: World, token: str, asked: int) -> None:
    coverage = world.event(token).coverage()
    assert (coverage["insufficient_data"], coverage["not_applicable"], coverage["compliant"]) == (0, 1, 0)
    assert coverage["status"] != "UNREADABLE"
    assert (sum(world.calls().values()), world.findings()) == (asked, [])


@pytest.mark.parametrize("code", ["ValidationException", "InvalidRequest"])
def test_a_token_that_s3_calls_none_is_not_applicable(world: World, code: str) -> None:
    world.aws.faults.add(Fault(DESCRIBE, error=code))
    assert world.event(TOKEN).findings == {}


def test_a_token_that_s3_may_not_show_is_unreadable(world: World) -> None:
    world.aws.faults.add(Fault(DESCRIBE, "denied"))
    world.event(TOKEN)
    assert world.open() == {("unreadable", "us-west-2")}


def test_what_was_told_and_is_not_known_to_s3_any_more_stays_open(world: World) -> None:
    faults.next_operation(US, takes=timedelta(0), fails=True)
    token = world.begin()
    world.event(token)
    faults.backend_of(US).operations.clear()
    world.event(token)
    assert world.open() == {("operation-failed", "us-west-2"), ("unreadable", "us-west-2")}


# How findings about operations end


def _failed(world: World, poll: Poll, operation: str = CREATE, **details: Any) -> None:
    faults.next_operation(US, fails=True)
    poll(world.begin(operation, **details))


def test_a_failed_creation_stays_open_until_the_access_point_is_ready(world: World, poll: Poll) -> None:
    _failed(world, poll)
    world.sweep()
    assert ("operation-failed", "us-west-2") in world.open()
    faults.set_status(US, "prod-logs", "READY")
    world.sweep()
    assert ("operation-failed", "access point prod-logs is READY now") in world.closed()


def test_a_failed_deletion_ends_when_the_access_point_is_gone(world: World, poll: Poll) -> None:
    stand_up(US, "prod-logs")
    _failed(world, poll, DELETE, Name="prod-logs")
    faults.set_status(US, "prod-logs", "READY")
    world.sweep()
    assert world.open() == {("operation-failed", "us-west-2")}
    del faults.backend_of(US).access_point_of["prod-logs"]
    world.sweep()
    assert world.closed() == [("operation-failed", "access point prod-logs is gone")]


def test_a_region_that_failed_is_not_ended_by_ready_but_by_seven_days(world: World, poll: Poll) -> None:
    faults.next_operation(US, failed_regions=("eu-west-1",))
    poll(world.begin())
    faults.set_status(US, "prod-logs", "READY")
    world.aws.advance(timedelta(days=6, hours=23))
    world.sweep()
    assert world.open() == {("operation-region-failed", "eu-west-1")}
    world.aws.advance(HOUR)
    world.sweep()
    assert world.open() == set()
    ((_, why),) = world.closed()
    assert why.startswith("7 days have passed")


@pytest.mark.parametrize("fault", ["throttle", "denied", "server-error", "broken-page", "timeout-before", "cut-answer"])
def test_what_could_not_be_listed_ends_nothing(world: World, poll: Poll, fault: Any) -> None:
    _failed(world, poll)
    world.aws.faults.add(Fault(LIST, fault))
    faults.set_status(US, "prod-logs", "READY")
    assert world.sweep().coverage()["status"] == "UNREADABLE"
    assert world.open() == {("operation-failed", "us-west-2"), ("unreadable", "us-west-2")}
    world.aws.faults.clear()
    world.sweep()
    assert world.open() == set()


def test_a_lost_second_page_ends_nothing_and_finds_what_the_first_holds(world: World, poll: Poll) -> None:
    _failed(world, poll)
    stand_up(US, "a-first")
    backend = faults.backend_of(US)
    backend.access_point_of = dict(sorted(backend.access_point_of.items()))
    faults.set_status(US, "a-first", "PARTIALLY_CREATED")
    backend.settings.page_size = 1
    world.aws.faults.add(Fault(LIST, "denied", after=1))
    world.sweep()
    checks = {check for check, _ in world.open()}
    assert checks == {"operation-failed", "access-point-inconsistent", "unreadable"}


# What it costs, and where


def test_a_sweep_is_one_call_in_us_west_2_whatever_the_number(world: World) -> None:
    for number in range(100):
        stand_up(US, f"access-point-{number}")
    world.aws.calls.clear()
    world.sweep()
    assert {call.region for call in world.aws.calls.of("s3:*")} == {"us-west-2"}
    assert world.calls() == {LIST: 1}


def test_where_no_poller_can_be_started_an_event_is_one_look(world: World) -> None:
    faults.next_operation(US, takes=timedelta(0), fails=True)
    token = world.begin()
    world.aws.calls.clear()
    world.event(token)
    assert world.calls() == {DESCRIBE: 1}
    assert world.open() == {("operation-failed", "us-west-2")}


def test_a_dry_run_writes_and_starts_nothing(world: World, writes: Writes) -> None:
    stand_up(US, "prod-logs", age=25 * HOUR, takes=timedelta(days=9))
    world.aws.calls.clear()
    assert world.sweep(dry_run=True).findings
    assert writes() == []
