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


def test_a_role_that_may_not_start_it_ends_in_the_dead_letter_queue(bench: Bench, client: Client, machine: str) -> None:
    dead = queue(client, "dead")
    held = allow(START, f"{machine}-other"), allow("sqs:SendMessage", dead)
    role = make_role(client, "scheduler", *held, service="scheduler.amazonaws.com")
    schedule(client, machine, role, DeadLetterConfig={"Arn": dead})
    bench.aws.enforce_policies()
    bench.aws.advance(timedelta(hours=3))
    (letter,) = messages(client, "dead")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert not started(bench, machine)


@pytest.mark.parametrize(("service", "held"), [("scheduler.amazonaws.com", START), ("events.amazonaws.com", "*")])
def test_a_schedule_without_a_role_that_may_send_letters_sends_none(
    bench: Bench, client: Client, machine: str, service: str, held: str
) -> None:
    role = make_role(client, "scheduler", allow(held, "arn:aws:states:*:*:other"), service=service)
    schedule(client, machine, role, DeadLetterConfig={"Arn": queue(client, "dead")})
    bench.aws.enforce_policies()
    bench.aws.advance(timedelta(hours=3))
    assert messages(client, "dead") == []
    assert not started(bench, machine)
    assert [error.code for error in bench.aws.undelivered] == ["NO_PERMISSIONS"]


def test_a_throttled_start_is_tried_again(bench: Bench, client: Client, machine: str) -> None:
    role = make_role(client, "scheduler", service="scheduler.amazonaws.com")
    schedule(client, machine, role)
    bench.aws.faults.add(Fault(START, "throttle", times=3))
    bench.aws.advance(timedelta(hours=4))
    assert len(started(bench, machine)) == 1
    assert bench.aws.calls.counts[START] == 4
