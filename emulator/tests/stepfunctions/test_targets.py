"""Rules and schedules start executions, as the target's role."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.faults import Fault

from ..conftest import Client, messages, queue, rule
from ..iam.documents import allow
from .conftest import Bench, make_role

START = "states:StartExecution"


@pytest.fixture
def machine(bench: Bench) -> str:
    return bench.create({"A": {"Type": "Succeed"}})


def schedule(client: Client, machine: str, role: str, **target: Any) -> None:
    client("scheduler").create_schedule(
        Name="daily",
        ScheduleExpression="cron(0 12 * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": machine, "RoleArn": role, "Input": json.dumps({"for": "today"}), **target},
    )


def started(bench: Bench, machine: str) -> list[dict[str, Any]]:
    found = bench.call("ListExecutions", stateMachineArn=machine)["executions"]
    return [bench.told(each["executionArn"]) for each in found]


def test_a_schedule_starts_an_execution_with_its_input(bench: Bench, client: Client, machine: str) -> None:
    role = make_role(client, "scheduler", allow(START, machine), service="scheduler.amazonaws.com")
    schedule(client, machine, role)
    bench.aws.enforce_policies()
    bench.aws.advance(timedelta(days=2))
    assert [json.loads(each["input"]) for each in started(bench, machine)] == [{"for": "today"}] * 2
    assert not bench.aws.undelivered


def test_a_rule_starts_an_execution_with_the_event(bench: Bench, client: Client, machine: str) -> None:
    role = make_role(client, "rules", allow(START, machine), service="events.amazonaws.com")
    rule(client, {"Arn": machine, "RoleArn": role, "Input": '{"told": 1}'}, pattern={"source": ["mine"]})
    bench.aws.enforce_policies()
    client("events").put_events(Entries=[{"Source": "mine", "DetailType": "any", "Detail": "{}"}])
    bench.aws.settle()
    assert [each["input"] for each in started(bench, machine)] == ['{"told": 1}']


def test_a_rules_target_needs_a_role(client: Client, machine: str) -> None:
    with pytest.raises(ClientError, match="RoleArn is required"):
        rule(client, {"Arn": machine}, pattern={"source": ["mine"]})


@pytest.mark.parametrize(
    ("service", "resource", "code"),
    [
        ("scheduler.amazonaws.com", "arn:aws:states:eu-west-1:111122223333:stateMachine:other", "NO_PERMISSIONS"),
        ("events.amazonaws.com", "*", "NO_PERMISSIONS"),
    ],
)
def test_a_role_that_may_not_start_it_ends_in_the_dead_letter_queue(  # a table's columns and the world
    bench: Bench, client: Client, machine: str, service: str, resource: str, code: str
) -> None:
    role = make_role(client, "scheduler", allow(START, resource), service=service)
    schedule(client, machine, role, DeadLetterConfig={"Arn": queue(client, "dead")})
    bench.aws.enforce_policies()
    bench.aws.advance(timedelta(hours=3))
    (dead,) = messages(client, "dead")
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == code
    assert not started(bench, machine)


def test_a_throttled_start_is_tried_again(bench: Bench, client: Client, machine: str) -> None:
    role = make_role(client, "scheduler", service="scheduler.amazonaws.com")
    schedule(client, machine, role)
    bench.aws.faults.add(Fault(START, "throttle", times=3))
    bench.aws.advance(timedelta(hours=4))
    assert len(started(bench, machine)) == 1
    assert bench.aws.calls.counts[START] == 4
