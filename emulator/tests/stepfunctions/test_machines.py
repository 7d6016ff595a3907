"""State machines are created, changed, tagged, listed and deleted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ..conftest import ACCOUNT, REGION, code_of
from .conftest import Bench

WAIT = {"A": {"Type": "Wait", "Seconds": 60, "End": True}}
OTHER = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "new", "End": True}}}


def test_a_state_machine_is_described_as_it_was_created(bench: Bench) -> None:
    logging = {"level": "ERROR", "includeExecutionData": True}
    definition = json.dumps(OTHER)
    made = bench.call(
        "CreateStateMachine",
        name="run",
        definition=definition,
        roleArn=bench.role,
        loggingConfiguration=logging,
        tracingConfiguration={"enabled": True},
        tags=[{"key": "for", "value": "us"}],
    )
    arn = made["stateMachineArn"]
    assert arn == f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:run"
    told = bench.call("DescribeStateMachine", stateMachineArn=arn)
    assert (told["definition"], told["roleArn"], told["status"]) == (definition, bench.role, "ACTIVE")
    assert (told["loggingConfiguration"], told["tracingConfiguration"]) == (logging, {"enabled": True})
    assert told["creationDate"] == made["creationDate"]
    assert bench.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "for", "value": "us"}]


def test_the_same_again_is_the_same_and_another_of_its_name_is_refused(bench: Bench) -> None:
    arn = bench.create(WAIT)
    assert bench.create(WAIT) == arn
    assert code_of(bench.create, {"A": {"Type": "Succeed"}}) == "StateMachineAlreadyExists"


def test_a_change_holds_for_the_executions_that_start_after_it(bench: Bench) -> None:
    arn = bench.create(WAIT)
    before = bench.start(arn, "old")
    bench.call("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(OTHER))
    after = bench.start(arn, "old")
    bench.aws.advance(timedelta(minutes=2))
    assert [json.loads(bench.told(each)["output"]) for each in (before, after)] == ["old", "new"]
    assert code_of(bench.call, "UpdateStateMachine", stateMachineArn=arn) == "MissingRequiredParameter"


def test_tags_come_and_go(bench: Bench) -> None:
    arn = bench.create(WAIT)
    bench.call("TagResource", resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    bench.call("UntagResource", resourceArn=arn, tagKeys=["a"])
    assert bench.call("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    many = [{"key": str(number), "value": ""} for number in range(50)]
    assert code_of(bench.call, "TagResource", resourceArn=arn, tags=many) == "TooManyTags"


def test_what_is_deleted_is_gone_and_so_are_its_executions_to_come(bench: Bench) -> None:
    arn = bench.create(WAIT)
    execution = bench.start(arn)
    bench.call("DeleteStateMachine", stateMachineArn=arn)
    bench.call("DeleteStateMachine", stateMachineArn=arn)
    assert bench.told(execution)["status"] == "ABORTED"
    for operation in ("DescribeStateMachine", "StartExecution", "ListExecutions"):
        assert code_of(bench.call, operation, stateMachineArn=arn) == "StateMachineDoesNotExist"


def test_lists_come_in_pages(bench: Bench) -> None:
    arns = [bench.create(WAIT, name=f"run-{number}") for number in range(5)]
    first = bench.call("ListStateMachines", maxResults=3)
    rest = bench.call("ListStateMachines", maxResults=3, nextToken=first["nextToken"])
    assert [each["stateMachineArn"] for each in first["stateMachines"] + rest["stateMachines"]] == arns
    assert "nextToken" not in rest
    refusal = code_of(bench.call, "ListExecutions", stateMachineArn=arns[0], nextToken=first["nextToken"])
    assert refusal == "InvalidToken"


def test_executions_are_listed_newest_first_and_by_status(bench: Bench) -> None:
    arn = bench.create(WAIT)
    first, second = bench.start(arn, 1), bench.start(arn, 2)
    bench.call("StopExecution", executionArn=first)
    told = bench.call("ListExecutions", stateMachineArn=arn)["executions"]
    assert [each["executionArn"] for each in told] == [second, first]
    running = bench.call("ListExecutions", stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    assert [each["executionArn"] for each in running] == [second]


@pytest.mark.parametrize(
    ("operation", "parameters", "error"),
    [
        ("StartExecution", {"stateMachineArn": "run"}, "InvalidArn"),
        ("StartExecution", {"stateMachineArn": "{arn}", "name": "a b"}, "InvalidName"),
        ("StartExecution", {"stateMachineArn": "{arn}", "input": "{"}, "InvalidExecutionInput"),
        ("StartExecution", {"stateMachineArn": "{arn}s"}, "StateMachineDoesNotExist"),
        ("DescribeExecution", {"executionArn": "{arn}"}, "InvalidArn"),
        ("StopExecution", {"executionArn": "{execution}s"}, "ExecutionDoesNotExist"),
        ("GetExecutionHistory", {"executionArn": "{execution}s"}, "ExecutionDoesNotExist"),
        ("DescribeMapRun", {"mapRunArn": "arn:aws:states:eu-west-1:111122223333:mapRun:run/A:1"}, "ResourceNotFound"),
        ("TagResource", {"resourceArn": "{arn}s", "tags": []}, "ResourceNotFound"),
        ("ListExecutions", {}, "ValidationException"),
        ("RedriveExecution", {"executionArn": "{execution}"}, "ExecutionNotRedrivable"),
        ("PublishStateMachineVersion", {"stateMachineArn": "{arn}"}, "NotImplementedException"),
    ],
)
def test_what_cannot_be_is_refused_under_the_models_codes(
    bench: Bench, operation: str, parameters: dict[str, Any], error: str
) -> None:
    arn = bench.create(WAIT)
    execution = bench.start(arn)
    known = {"arn": arn, "execution": execution}
    given = {
        name: value.format(**known) if isinstance(value, str) and value.startswith("{") and "}" in value else value
        for name, value in parameters.items()
    }
    assert code_of(bench.call, operation, **given) == error
