"""Every call of the function and of its poller, under every fault: one alert for one trouble, and its end."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.hubs.emulated_hub import HubNames
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.s3control import faults
from emulator.s3control.operations import DELETE
from functions.mrap_operations.manifest import AUTOMATION
from tests.conftest import US, clients_of
from tests.mrap_operations.conftest import DESCRIBE, HOME, INVOKE, LIST, begin
from tests.world import PASSING

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CHECKPOINT = "lambda:CheckpointDurableExecution"
LEDGER = "dynamodb:*"
CALLS = (LIST, DESCRIBE, INVOKE, CHECKPOINT, LEDGER)
OUTAGES = ("throttle", "unavailable", "denied", "timeout-after")


def told(aws: Emulator, hub: HubNames, check: str) -> list[str]:
    """Return which messages about a check were sent."""
    messages = (message.attributes for message in aws.inbox.of(hub.topic_arn))
    return [each["kind"]["Value"] for each in messages if each["check"]["Value"] == check]


def play(aws: Emulator, fault: Fault, length: timedelta) -> None:
    """Let a creation fail while a fault strikes; then let somebody delete what is left of it, and look twice more."""
    aws.faults.add(fault)
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    begin()
    aws.advance(length)
    aws.faults.clear()
    aws.advance(HOUR + MINUTE)
    begin(DELETE, Name="prod-logs")
    aws.advance(HOUR + MINUTE)


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_trouble_that_passes_is_one_alert_and_its_end(
    aws: Emulator, hub: HubNames, operation: str, fault: dict[str, Any]
) -> None:
    play(aws, Fault(operation, **fault), MINUTE)
    assert told(aws, hub, "operation-failed") == ["alert", "ended"]
    assert told(aws, hub, "access-point-inconsistent") == ["alert", "ended"]
    assert aws.undelivered == []


@pytest.mark.parametrize("operation", [LIST, DESCRIBE, INVOKE])
@pytest.mark.parametrize("kind", OUTAGES)
def test_trouble_of_an_hour_delays_and_neither_loses_nor_doubles(
    aws: Emulator, hub: HubNames, operation: str, kind: Any
) -> None:
    play(aws, Fault(operation, kind), HOUR)
    assert told(aws, hub, "operation-failed") == ["alert", "ended"]
    assert told(aws, hub, "access-point-inconsistent") == ["alert", "ended"]
    unreadable = told(aws, hub, "unreadable")
    if operation == LIST:
        assert unreadable == ["alert", "ended"] * (len(unreadable) // 2)
    else:  # the failure that is read then goes on in the same incident
        assert unreadable in ([], ["alert"])


@pytest.mark.parametrize("kind", OUTAGES)
def test_pollers_that_cannot_go_on_for_an_hour_are_told(aws: Emulator, hub: HubNames, kind: Any) -> None:
    play(aws, Fault(CHECKPOINT, kind), HOUR)
    assert "alert" in told(aws, hub, "operation-failed") + told(aws, hub, "unreadable")
    assert told(aws, hub, "access-point-inconsistent") == ["alert", "ended"]


@pytest.mark.parametrize("kind", OUTAGES)
def test_an_event_is_kept_while_the_ledger_is_away_and_can_be_given_again(
    aws: Emulator, hub: HubNames, kind: Any
) -> None:
    aws.faults.add(Fault(LEDGER, kind))
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    begin()
    aws.advance(HOUR)
    aws.faults.clear()
    aws.advance(HOUR)
    assert told(aws, hub, "access-point-inconsistent") == ["alert"]
    for event in dead_letters(hub):
        payload = json.dumps(event).encode()
        clients_of().calls("lambda", hub.region)(
            "Invoke", FunctionName=AUTOMATION.name, InvocationType="Event", Payload=payload
        )
    aws.advance(HOUR)
    assert told(aws, hub, "operation-failed") == ["alert"]


def dead_letters(hub: HubNames) -> list[Any]:
    """Return the events of CloudTrail's whose handling failed for good."""
    calls = clients_of().calls("sqs", hub.region)
    queue = calls("GetQueueUrl", QueueName=hub.failed_arn.rpartition(":")[2])["QueueUrl"]
    kept = [
        json.loads(each["Body"]) for each in calls("ReceiveMessage", QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    ]
    return [each["requestPayload"] for each in kept if each["requestPayload"].get("source") == "aws.s3"]


def test_nothing_is_written_or_told_when_nothing_is_new(aws: Emulator, hub: HubNames) -> None:
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    begin()
    aws.advance(2 * HOUR)
    before = len(list(aws.inbox.of(hub.topic_arn)))
    aws.calls.clear()
    aws.functions.runs.clear()
    aws.advance(2 * HOUR)
    assert sum(run.invocation.function_name == AUTOMATION.name for run in aws.functions.runs) == 2
    assert [call.name for call in aws.calls.mutating()] == ["dynamodb:PutItem"] * 2  # heartbeats
    assert len(list(aws.inbox.of(hub.topic_arn))) == before
    assert {call.region for call in aws.calls.of(LIST)} == {HOME}
