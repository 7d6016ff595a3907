"""Distributed Maps: two hundred batches from S3, some of which fail."""

import json
from datetime import timedelta
from typing import Any

import pytest

from emulator.faults import Fault

from ..conftest import Client
from .conftest import Bench, task

BUCKET, KEY = "results", "runs/today/batches.json"
WHERE = {"bucket": BUCKET, "key": KEY}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
}
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "BackoffRate": 1, "MaxAttempts": 2}]


def sweep(function: str, **more: Any) -> dict[str, Any]:
    """Return a Map state that gives each batch to a function, and keeps its own input."""
    inside = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "One",
        "States": {"One": task(function, Retry=RETRY)},
    }
    return {
        "Type": "Map",
        "Label": "Sweep",
        "ItemReader": READER,
        "ItemSelector": {"run.$": "$$.Execution.Name", "batch.$": "$$.Map.Item.Value", "n.$": "$$.Map.Item.Index"},
        "ItemProcessor": inside,
        "MaxConcurrency": 10,
        "ResultPath": None,
        "End": True,
        **more,
    }


@pytest.fixture
def batches(client: Client) -> list[dict[str, int]]:
    """Two hundred batches, in S3."""
    items = [{"id": number} for number in range(200)]
    put(client, json.dumps(items))
    return items


def put(client: Client, body: str) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=body)


def run_of(bench: Bench, execution: str) -> dict[str, Any]:
    (run,) = bench.call("ListMapRuns", executionArn=execution)["mapRuns"]
    return bench.call("DescribeMapRun", mapRunArn=run["mapRunArn"])


def counted(run: dict[str, Any]) -> dict[str, int]:
    counts = dict(run["itemCounts"])
    assert counts.pop("resultsWritten") == counts["succeeded"]
    return {name: number for name, number in counts.items() if number}


def test_each_batch_is_a_child_execution_of_which_one_fails_and_one_is_tried_again(
    bench: Bench, batches: list[dict[str, int]]
) -> None:
    seen: list[dict[str, Any]] = []

    def handle(event: Any, _: Any) -> Any:
        seen.append(event)
        tries = sum(each["n"] == event["n"] for each in seen)
        if event["n"] == 13 or (event["n"] == 7 and tries < 3):
            raise ValueError(event["n"])
        return event["n"]

    machine = bench.create({"Sweep": sweep(bench.function("sweep", handle), ToleratedFailurePercentage=100)})
    execution = bench.start(machine, WHERE, name="today")
    bench.aws.advance(timedelta(minutes=1))
    assert bench.told(execution)["status"] == "SUCCEEDED"
    assert json.loads(bench.told(execution)["output"]) == WHERE
    run = run_of(bench, execution)
    assert run["status"] == "SUCCEEDED"
    assert counted(run) == {"succeeded": 199, "failed": 1, "total": 200}
    assert [batch["id"] for batch in batches] == sorted({event["n"] for event in seen})
    assert all(event["batch"] == {"id": event["n"]} and event["run"] == "today" for event in seen)
    assert bench.aws.calls.counts["lambda:Invoke"] == 204
    children = bench.call("ListExecutions", mapRunArn=run["mapRunArn"], statusFilter="FAILED")["executions"]
    (failed,) = children
    told = bench.told(failed["executionArn"])
    assert (told["error"], json.loads(told["input"])["n"]) == ("ValueError", 13)
    assert told["mapRunArn"] == run["mapRunArn"]
    assert told["stateMachineArn"] == f"{machine}/Sweep"
    assert ":execution:run/Sweep:" in failed["executionArn"]
    assert ":mapRun:run/Sweep:" in run["mapRunArn"]
    assert len(bench.call("ListExecutions", stateMachineArn=machine)["executions"]) == 1


def test_the_outputs_of_all_children_are_the_result_in_the_order_of_the_items(
    bench: Bench, batches: list[dict[str, int]]
) -> None:
    echo = bench.function("echo", lambda event, _: event["batch"])
    selected = {"before.$": "$[198].id", "last.$": "$[199].id"}
    assert bench.output({"Sweep": sweep(echo, ResultPath="$")}, WHERE) == batches
    state = sweep(echo, ResultPath="$.swept", ResultSelector=selected)
    assert bench.output({"Sweep": state}, WHERE, name="other")["swept"] == {"before": 198, "last": 199}


@pytest.mark.parametrize(
    ("tolerated", "failing", "status"),
    [
        ({}, 1, "FAILED"),
        ({"ToleratedFailurePercentage": 1}, 2, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 1}, 3, "FAILED"),
        ({"ToleratedFailureCount": 3}, 3, "SUCCEEDED"),
        ({"ToleratedFailureCount": 3}, 4, "FAILED"),
        ({"ToleratedFailureCount": 9, "ToleratedFailurePercentage": 1}, 3, "FAILED"),
        ({"ToleratedFailurePercentagePath": "$.most"}, 200, "SUCCEEDED"),
    ],
)
@pytest.mark.usefixtures("batches")
def test_a_map_fails_when_more_fail_than_are_tolerated(
    bench: Bench, tolerated: dict[str, Any], failing: int, status: str
) -> None:
    def handle(event: Any, _: Any) -> None:
        if event["n"] >= 200 - failing:
            raise ValueError

    state = sweep(bench.function("sweep", handle), **tolerated)
    told = bench.run({"Sweep": state}, {**WHERE, "most": 100})
    assert told["status"] == status
    if status == "FAILED":
        assert told["error"] == "States.ExceedToleratedFailureThreshold"
        assert run_of(bench, told["executionArn"])["status"] == "FAILED"


@pytest.mark.usefixtures("batches")
def test_a_map_that_fails_ends_its_other_children_and_can_be_caught(bench: Bench) -> None:
    def handle(event: Any, _: Any) -> None:
        if event["n"] == 0:
            raise ValueError

    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Go on", "ResultPath": "$.why"}]
    states = {"Sweep": sweep(bench.function("sweep", handle), Catch=catch), "Go on": {"Type": "Succeed"}}
    told = bench.run(states, WHERE)
    assert json.loads(told["output"])["why"]["Error"] == "States.ExceedToleratedFailureThreshold"
    counts = counted(run_of(bench, told["executionArn"]))
    assert (counts["failed"], counts["total"]) == (1, 200)
    assert counts["succeeded"] + counts.get("aborted", 0) == 199


@pytest.mark.usefixtures("batches")
def test_no_more_children_run_at_once_than_allowed(bench: Bench) -> None:
    inside = sweep("")["ItemProcessor"] | {"States": {"One": {"Type": "Wait", "Seconds": 60, "End": True}}}
    machine = bench.create({"Sweep": sweep("", ItemProcessor=inside, MaxConcurrency=40)})
    execution = bench.start(machine, WHERE)
    for minute in range(5):
        bench.aws.settle()
        counts = {"running": 40, "succeeded": minute * 40, "pending": 160 - minute * 40, "total": 200}
        assert counted(run_of(bench, execution)) == {name: number for name, number in counts.items() if number}
        bench.aws.advance(timedelta(minutes=1))
    assert bench.told(execution)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("how", ["stop", "kill", "delete", "time out"])
@pytest.mark.usefixtures("batches")
def test_an_execution_that_ends_early_takes_its_children_with_it(bench: Bench, how: str) -> None:
    seen: list[int] = []
    function = bench.function("sweep", lambda event, _: seen.append(event["n"]))
    if how == "kill":
        bench.aws.faults.add(Fault("step:One", "timeout-after", after=25, times=1))
    inside = sweep(function)["ItemProcessor"]
    inside["States"]["One"] |= {"Next": "Rest"}
    del inside["States"]["One"]["End"]
    inside["States"]["Rest"] = {"Type": "Wait", "Seconds": 60, "End": True}
    machine = bench.create({"Sweep": sweep(function, ItemProcessor=inside)}, TimeoutSeconds=150)
    execution = bench.start(machine, WHERE)
    bench.aws.advance(timedelta(seconds=130))
    match how:
        case "stop":
            bench.call("StopExecution", executionArn=execution)
        case "delete":
            bench.call("DeleteStateMachine", stateMachineArn=machine)
    bench.aws.advance(timedelta(hours=1))
    told, run = bench.told(execution), run_of(bench, execution)
    assert told["status"] == ("TIMED_OUT" if how == "time out" else "ABORTED")
    assert run["status"] == "ABORTED"
    assert counted(run).keys() == {"succeeded", "aborted", "total"}
    assert len(seen) == (26 if how == "kill" else 30)


@pytest.mark.parametrize(
    ("body", "why"), [("{", "cannot be read"), ('{"a": 1}', "non-iterable"), (None, "NoSuchKey"), ("[]", "")]
)
def test_items_that_cannot_be_read_fail_the_map_by_its_name_and_none_are_none(
    bench: Bench, client: Client, body: str | None, why: str
) -> None:
    put(client, body or "[]")
    where = WHERE if body else {**WHERE, "key": "elsewhere"}
    told = bench.run({"Sweep": sweep(bench.function("sweep", lambda event, _: event))}, where)
    assert told.get("error") == ("States.ItemReaderFailed" if why else None)
    assert why in told.get("cause", "")


def test_without_a_reader_the_items_are_in_the_input(bench: Bench) -> None:
    double = bench.function("double", lambda event, _: event * 2)
    state = {**sweep(double, ItemsPath="$.items", ResultPath="$"), "ItemSelector": None, "ItemReader": None}
    state = {name: value for name, value in state.items() if value is not None}
    assert bench.output({"Sweep": state}, {"items": [1, 2, 3]}) == [2, 4, 6]


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("path", [None, "$"])
def test_what_all_children_return_is_no_larger_than_a_state_may_hold_even_if_nobody_wants_it(
    bench: Bench, path: str | None
) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Go on"}]
    wordy = sweep(bench.function("wordy", lambda _, __: "x" * 1_400), ResultPath=path, Catch=catch, End=None)
    wordy = {name: value for name, value in wordy.items() if name != "End"} | {"Next": "Go on"}
    told = bench.run({"Sweep": wordy, "Go on": {"Type": "Succeed"}}, WHERE)
    assert told["error"] == "States.DataLimitExceeded"


@pytest.mark.usefixtures("batches")
def test_the_result_of_tolerated_failures_is_nothing_that_the_emulator_knows(bench: Bench) -> None:
    def handle(event: Any, _: Any) -> None:
        if event["n"] == 0:
            raise ValueError

    state = sweep(bench.function("sweep", handle), ToleratedFailureCount=1, ResultPath="$")
    told = bench.run({"Sweep": state}, WHERE)
    assert told["error"] == "States.Runtime"
    assert "set ResultPath to null" in told["cause"]


@pytest.mark.usefixtures("batches")
def test_a_map_that_is_tried_again_is_another_map_run(bench: Bench) -> None:
    tries: list[int] = []

    def handle(event: Any, _: Any) -> None:
        tries.append(event["n"])
        if len(tries) <= 3:
            raise ValueError

    state = sweep(bench.function("sweep", handle), MaxConcurrency=1, Retry=[{"ErrorEquals": ["States.ALL"]}])
    told = bench.run({"Sweep": state}, WHERE)
    assert told["status"] == "SUCCEEDED"
    runs = bench.call("ListMapRuns", executionArn=told["executionArn"])["mapRuns"]
    statuses = [bench.call("DescribeMapRun", mapRunArn=run["mapRunArn"])["status"] for run in runs]
    assert statuses == ["FAILED", "SUCCEEDED"]
