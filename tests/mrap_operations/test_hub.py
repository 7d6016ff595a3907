"""The whole way in a hub: CloudTrail's record in us-west-2, the poller as a durable function, the end, the notice."""

import json
from datetime import timedelta
from typing import Any

from cli.hubs.emulated_hub import HubNames
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.iam.rights import rights_of
from emulator.s3control import faults
from emulator.s3control.operations import CREATE, DELETE, PUT_POLICY
from functions.mrap_operations.manifest import AUTOMATION
from functions.mrap_operations.tokens import by_name
from functions.notifications.manifest import AUTOMATION as NOTIFICATIONS
from functions.shared.deployment.permissions import DURABLE_PERMISSIONS, common_permissions
from tests.conftest import REGION, US, clients_of, settings
from tests.mrap_operations.conftest import DESCRIBE, INVOKE, begin

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
POLLER = "mrap_operations-poller"


def executions() -> list[dict[str, Any]]:
    calls = clients_of().calls("lambda", REGION)
    found: list[dict[str, Any]] = calls("ListDurableExecutionsByFunction", FunctionName=POLLER)["DurableExecutions"]
    return found


def subjects(aws: Emulator, hub: HubNames) -> list[str]:
    """Return what the messages are about, without what makes them one thread."""
    return [message.subject.rpartition(" [")[0] for message in aws.inbox.of(hub.topic_arn)]


def test_a_failure_is_told_and_its_end_too_though_s3_tells_nobody(aws: Emulator, hub: HubNames) -> None:
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    begin()
    aws.advance(10 * MINUTE)
    assert subjects(aws, hub) == [f"HIGH {US}: The creation of access point prod-logs has failed"]
    (execution,) = executions()
    assert execution["Status"] == "SUCCEEDED"
    begin(DELETE, Name="prod-logs")
    aws.advance(10 * MINUTE)
    assert subjects(aws, hub)[1:] == [f"{US}: ended: The creation of access point prod-logs has failed"]


def test_the_same_event_ten_times_is_polled_by_one_execution(aws: Emulator, hub: HubNames) -> None:
    assert hub
    faults.next_operation(US, takes=30 * MINUTE)
    event = {"account_id": US, "request_token_arn": begin()}
    for _ in range(10):
        clients_of().calls("lambda", REGION)(
            "Invoke", FunctionName=AUTOMATION.name, InvocationType="Event", Payload=json.dumps(event).encode()
        )
    aws.advance(HOUR)
    assert [each["Status"] for each in executions()] == ["SUCCEEDED"]
    assert len(aws.calls.of(INVOKE)) == 11
    assert 45 <= len(aws.calls.of(DESCRIBE)) <= 57  # as one execution asks in half an hour


def test_a_poller_that_is_stopped_is_started_again_and_the_end_is_seen(aws: Emulator, hub: HubNames) -> None:
    faults.next_operation(US, takes=HOUR, fails=True)
    begin()
    aws.advance(10 * MINUTE)
    (execution,) = executions()
    stop = clients_of().calls("lambda", REGION)
    stop("StopDurableExecution", DurableExecutionArn=execution["DurableExecutionArn"])
    aws.advance(2 * HOUR)
    assert [each["Status"] for each in executions()] == ["STOPPED", "SUCCEEDED"]
    assert f"HIGH {US}: The creation of access point prod-logs has failed" in subjects(aws, hub)


def test_a_checkpoint_that_lambda_does_not_take_is_made_up_for(aws: Emulator, hub: HubNames) -> None:
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    begin()
    aws.faults.add(Fault("lambda:CheckpointDurableExecution", "denied", after=3, times=1))
    aws.advance(HOUR)
    assert [each["Status"] for each in executions()] == ["FAILED", "SUCCEEDED"]
    assert subjects(aws, hub).count(f"HIGH {US}: The creation of access point prod-logs has failed") == 1


def test_the_poller_calls_what_its_role_may_and_may_nothing_else(aws: Emulator, hub: HubNames) -> None:
    assert hub
    assert AUTOMATION.poller is not None
    faults.next_operation(US, takes=MINUTE, fails=True)
    tokens = [begin()]
    tokens += [by_name("aws", US, kind, "prod-logs", "2026-11-20T09:00:00Z") for kind in (CREATE, PUT_POLICY)]
    aws.settle()
    live = clients_of().calls("lambda", REGION)
    for token in tokens:
        payload = json.dumps({"account_id": US, "request_token_arn": token}).encode()
        live("Invoke", FunctionName=f"{POLLER}:live", InvocationType="Event", Payload=payload)
    aws.calls.clear()
    aws.advance(10 * MINUTE)  # shorter than the schedule of the sweep
    taken = {right for call in aws.calls for right in rights_of(call.name, call.parameters)}
    telling = (*NOTIFICATIONS.permissions, *common_permissions(NOTIFICATIONS, settings()))
    hub = (*common_permissions(AUTOMATION, settings()), *DURABLE_PERMISSIONS, *telling)
    polling = {permission.action for permission in AUTOMATION.poller.permissions}
    assert taken - {permission.action for permission in hub} == polling
