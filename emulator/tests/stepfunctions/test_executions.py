"""How executions go, state by state, on the emulated clock."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.cloudwatch.models import cloudwatch_backends

from emulator.aws import Emulator
from emulator.faults import Fault

from ..conftest import ACCOUNT, NOW, REGION, code_of
from .conftest import TRUST, Bench, States, task

PASS = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 60, "End": True}


@pytest.mark.parametrize(
    ("state", "output"),
    [
        ({}, {"a": {"b": 1}, "c": 2}),
        ({"InputPath": "$.a"}, {"b": 1}),
        ({"InputPath": None}, {}),
        ({"OutputPath": "$.a.b"}, 1),
        ({"OutputPath": None}, {}),
        ({"Result": 9}, 9),
        ({"Result": 9, "ResultPath": "$.a.d"}, {"a": {"b": 1, "d": 9}, "c": 2}),
        ({"Result": 9, "ResultPath": None}, {"a": {"b": 1}, "c": 2}),
        (
            {"InputPath": "$.a", "Parameters": {"x.$": "$.b"}, "ResultPath": "$.d"},
            {"a": {"b": 1}, "c": 2, "d": {"x": 1}},
        ),
    ],
)
def test_input_and_output_go_through_the_paths_in_their_order(bench: Bench, state: Any, output: Any) -> None:
    assert bench.output({"A": {**PASS, **state}}, {"a": {"b": 1}, "c": 2}) == output


def test_a_function_is_invoked_and_its_answer_told_as_lambda_gave_it(bench: Bench) -> None:
    function = bench.function("add", lambda event, _: {"sum": event["a"] + 1})
    whole = bench.output({"A": task(function, OutputPath="$")}, {"a": 1})
    assert whole["Payload"] == {"sum": 2}
    assert (whole["ExecutedVersion"], whole["StatusCode"]) == ("$LATEST", 200)
    picked = task(function, OutputPath="$", ResultSelector={"s.$": "$.Payload.sum"}, ResultPath="$.got")
    assert bench.output({"A": picked}, {"a": 1}, name="other") == {"a": 1, "got": {"s": 2}}


def test_a_choice_goes_its_way(bench: Bench) -> None:
    states: States = {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Many"}],
            "Default": "Few",
        },
        "Many": {"Type": "Pass", "Result": "many", "Next": "Done"},
        "Few": {"Type": "Fail", "Error": "Few", "CausePath": "States.Format('only {}', $.n)"},
        "Done": {"Type": "Succeed"},
    }
    assert bench.output(states, {"n": 6}) == "many"
    told = bench.run(states, {"n": 5})
    assert (told["status"], told["error"], told["cause"]) == ("FAILED", "Few", "only 5")


def test_without_a_default_a_choice_that_fits_nothing_fails(bench: Bench) -> None:
    rule = {"Variable": "$.n", "IsNull": True, "Next": "B"}
    told = bench.run({"A": {"Type": "Choice", "Choices": [rule]}, "B": PASS}, {"n": 1})
    assert told["error"] == "States.NoChoiceMatched"


@pytest.mark.parametrize(
    ("wait", "until"),
    [
        ({"Seconds": 90}, NOW + timedelta(seconds=90)),
        ({"SecondsPath": "$.s"}, NOW + timedelta(seconds=30)),
        ({"Timestamp": "2026-11-20T12:00:00Z"}, datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ({"TimestampPath": "$.t"}, NOW + timedelta(hours=1)),
        ({"Timestamp": "2026-11-20T08:00:00Z"}, NOW),
    ],
)
def test_a_wait_is_over_when_the_emulated_clock_says(bench: Bench, wait: Any, until: datetime) -> None:
    given = {"s": 30, "t": (NOW + timedelta(hours=1)).isoformat()}
    execution = bench.start(bench.create({"A": {"Type": "Wait", "End": True, **wait}}), given)
    assert bench.told(execution)["status"] == "RUNNING"
    bench.aws.advance(max(until - NOW - timedelta(seconds=1), timedelta()))
    assert bench.told(execution)["status"] == ("RUNNING" if until > NOW else "SUCCEEDED")
    bench.aws.advance(timedelta(seconds=1))
    assert bench.told(execution)["stopDate"] == until


def test_a_retry_waits_in_emulated_time_and_then_the_task_succeeds(bench: Bench) -> None:
    tried: list[datetime] = []

    def flaky(event: Any, _: Any) -> Any:
        tried.append(datetime.now(UTC))
        if len(tried) < 4:
            raise ValueError("not yet")
        return event

    rule = {"ErrorEquals": ["ValueError"], "IntervalSeconds": 10, "BackoffRate": 2, "MaxAttempts": 3}
    assert bench.output({"A": task(bench.function("flaky", flaky), Retry=[rule])}, 7) == 7
    assert [(at - NOW) / timedelta(seconds=1) for at in tried] == [0, 10, 30, 70]


def test_what_no_retry_mends_is_caught_by_its_name_and_told(bench: Bench) -> None:
    def broken(event: Any, _: Any) -> Any:
        raise KeyError(event["who"])

    states: States = {
        "A": task(
            bench.function("broken", broken),
            Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            Catch=[
                {"ErrorEquals": ["ValueError"], "Next": "No"},
                {"ErrorEquals": ["KeyError"], "Next": "Yes", "ResultPath": "$.failure"},
            ],
        ),
        "Yes": PASS,
        "No": {"Type": "Fail"},
    }
    output = bench.output(states, {"who": "me"})
    assert output["who"] == "me"
    assert output["failure"]["Error"] == "KeyError"
    assert json.loads(output["failure"]["Cause"])["errorMessage"] == "'me'"
    assert bench.aws.calls.counts["lambda:Invoke"] == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("lambda:Invoke", "throttle"), "Lambda.TooManyRequestsException"),
        (Fault("lambda:Invoke", "server-error"), "Lambda.ServiceException"),
        (Fault("lambda:Invoke", "denied"), "Lambda.AWSLambdaException"),
        (Fault("lambda:Invoke", "timeout-after"), "Lambda.SdkClientException"),
        (Fault("step:A", error="OurError"), "OurError"),
    ],
)
def test_a_fault_of_the_call_is_an_error_of_the_task(bench: Bench, fault: Fault, error: str) -> None:
    bench.aws.faults.add(fault)
    told = bench.run({"A": task(bench.function("any", lambda event, _: event))})
    assert (told["status"], told["error"]) == ("FAILED", error)


def test_a_function_that_is_not_there_fails_the_task(bench: Bench) -> None:
    told = bench.run({"A": task(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nobody")})
    assert told["error"] == "Lambda.ResourceNotFoundException"


def test_a_path_of_input_or_output_that_finds_nothing_ends_the_execution_uncaught(bench: Bench) -> None:
    function = bench.function("any", lambda event, _: event)
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    told = bench.run({"A": task(function, InputPath="$.nothing", Next="B", Catch=catch), "B": PASS}, {})
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")


@pytest.mark.parametrize("size", [262_000, 263_000])
def test_more_than_256_kib_fails_and_is_not_caught_by_all(bench: Bench, size: int) -> None:
    function = bench.function("large", lambda *_: "x" * size)
    states: States = {
        "A": task(function, Next="B", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}], OutputPath="$.StatusCode"),
        "B": PASS,
    }
    told = bench.run(states)
    assert told.get("error") == (None if size < 262_144 - 200 else "States.DataLimitExceeded")


def test_a_task_that_takes_longer_than_its_timeout_fails_by_that_name(bench: Bench) -> None:
    def slow(*_: Any) -> None:
        import time  # noqa: PLC0415  # the emulated wait

        time.sleep(31)

    told = bench.run({"A": task(bench.function("slow", slow), TimeoutSeconds=30)})
    assert told["error"] == "States.Timeout"


@pytest.mark.parametrize("names", [["States.TaskFailed"], ["ValueError"], ["States.Timeout"], ["States.ALL"]])
def test_a_task_that_fails_after_its_timeout_has_timed_out_and_is_caught_as_that(
    bench: Bench, names: list[str]
) -> None:
    def slow(*_: Any) -> None:
        import time  # noqa: PLC0415  # the emulated wait

        time.sleep(31)
        raise ValueError

    catch = [{"ErrorEquals": names, "Next": "B"}]
    state = task(bench.function("slow", slow), TimeoutSeconds=30, Next="B", Catch=catch)
    told = bench.run({"A": state, "B": PASS})
    caught = names[0] in ("States.Timeout", "States.ALL")
    assert (told["status"], told.get("error")) == (("SUCCEEDED", None) if caught else ("FAILED", "States.Timeout"))


def test_an_object_that_s3_does_not_take_fails_by_s3s_name_for_it(bench: Bench) -> None:
    resource = "arn:aws:states:::aws-sdk:s3:putObject"
    state = {"Type": "Task", "Resource": resource, "Parameters": {"Bucket": "nowhere", "Key": "k"}, "End": True}
    told = bench.run({"A": state})
    assert told["error"] == "S3.NoSuchBucketException"
    assert "(Service: S3, Status Code: 404, Request ID: " in told["cause"]


def test_an_execution_that_takes_longer_than_its_timeout_is_timed_out(bench: Bench) -> None:
    told = bench.run({"A": WAIT}, TimeoutSeconds=59)
    assert (told["status"], told.get("error")) == ("TIMED_OUT", None)
    assert told["stopDate"] == NOW + timedelta(seconds=59)


def test_the_context_tells_of_execution_state_and_machine(bench: Bench) -> None:
    parameters = {"x.$": "$$.Execution", "s.$": "$$.State", "m.$": "$$.StateMachine"}
    bench.aws.advance(timedelta(milliseconds=1500))
    machine = bench.create({"A": {**PASS, "Parameters": parameters}})
    execution = bench.start(machine, {"i": 1}, name="today")
    bench.aws.settle()
    told = json.loads(bench.told(execution)["output"])
    assert told["x"] == {
        "Id": execution,
        "Input": {"i": 1},
        "Name": "today",
        "RedriveCount": 0,
        "RoleArn": bench.role,
        "StartTime": "2026-11-20T09:00:01.500Z",
    }
    assert told["s"] == {"EnteredTime": "2026-11-20T09:00:01.500Z", "Name": "A"}
    assert told["m"] == {"Id": machine, "Name": "run"}


def test_one_name_with_one_input_is_one_execution_while_it_runs(bench: Bench) -> None:
    machine = bench.create({"A": WAIT})
    first = bench.start(machine, {"n": 1}, name="today")
    assert bench.start(machine, {"n": 1}, name="today") == first
    for given, wait in (({"n": 2}, timedelta()), ({"n": 1}, timedelta(minutes=1))):
        bench.aws.advance(wait)
        assert code_of(bench.start, machine, given, name="today") == "ExecutionAlreadyExists"
    bench.aws.advance(timedelta(days=90))
    assert bench.start(machine, {"n": 1}, name="today") == first
    assert bench.told(first)["status"] == "RUNNING"


def test_a_stopped_execution_goes_no_further(bench: Bench) -> None:
    seen: list[Any] = []
    note = bench.function("note", lambda event, _: seen.append(event))
    machine = bench.create({"A": {"Type": "Wait", "Seconds": 60, "Next": "B"}, "B": task(note)})
    execution = bench.start(machine)
    bench.aws.advance(timedelta(seconds=30))
    stopped = bench.call("StopExecution", executionArn=execution, error="Enough", cause="for today")
    assert stopped["stopDate"] == NOW + timedelta(seconds=30)
    bench.aws.advance(timedelta(hours=1))
    told = bench.told(execution)
    assert (told["status"], told["error"], told["cause"]) == ("ABORTED", "Enough", "for today")
    assert bench.call("StopExecution", executionArn=execution)["stopDate"] == told["stopDate"]
    assert not seen


@pytest.mark.parametrize(
    ("kind", "state", "invoked"),
    [("timeout-before", "A", 0), ("timeout-after", "A", 1), ("timeout-before", "B", 1), ("timeout-after", "B", 2)],
)
def test_an_execution_is_killed_between_any_two_steps(bench: Bench, kind: Any, state: str, invoked: int) -> None:
    function = bench.function("f", lambda event, _: event)
    bench.aws.faults.add(Fault(f"step:{state}", kind, times=1))
    machine = bench.create({"A": task(function, Next="B"), "B": task(function)})
    killed = bench.start(machine)
    bench.aws.advance(timedelta(hours=1))
    assert (bench.told(killed)["status"], bench.told(killed)["error"]) == ("ABORTED", "Killed")
    assert bench.aws.calls.counts["lambda:Invoke"] == invoked
    again = bench.start(machine)
    bench.aws.settle()
    assert bench.told(again)["status"] == "SUCCEEDED"


def test_a_function_may_stop_the_execution_that_invokes_it(bench: Bench, client: Any) -> None:
    def stop(event: Any, _: Any) -> None:
        client("stepfunctions").stop_execution(executionArn=event)

    parameters = {"FunctionName": bench.function("stop", stop), "Payload.$": "$$.Execution.Id"}
    machine = bench.create({"A": task("stop", Parameters=parameters)})
    execution = bench.start(machine)
    bench.aws.settle()
    assert bench.told(execution)["status"] == "ABORTED"
    assert bench.history(execution)[-1]["type"] == "ExecutionAborted"


def test_the_history_tells_every_step_in_order(bench: Bench) -> None:
    machine = bench.create({"A": task(bench.function("f", lambda event, _: event), Next="B"), "B": PASS})
    execution = bench.start(machine, {"n": 1})
    bench.aws.settle()
    history = bench.history(execution)
    assert [event["type"] for event in history] == [
        *("ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"),
        *("PassStateEntered", "PassStateExited", "ExecutionSucceeded"),
    ]
    assert [event["id"] for event in history] == list(range(1, 10))
    assert history[1]["stateEnteredEventDetails"]["input"] == '{"n":1}'
    pages, token = [], {}
    while True:
        page = bench.call("GetExecutionHistory", executionArn=execution, maxResults=4, reverseOrder=True, **token)
        pages.append([event["id"] for event in page["events"]])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert pages == [[9, 8, 7, 6], [5, 4, 3, 2], [1]]
    bare = bench.call("GetExecutionHistory", executionArn=execution, includeExecutionData=False)["events"]
    assert "input" not in bare[1]["stateEnteredEventDetails"]


def test_a_history_that_is_full_ends_the_execution(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.stepfunctions.history.MOST_EVENTS", 100)
    told = bench.run({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}})
    assert told["error"] == "States.Runtime"
    assert "maximum number of history events" in told["cause"]


def test_the_bus_hears_of_every_status_and_cloudwatch_counts_it(bench: Bench, client: Any) -> None:
    seen: list[Any] = []
    function = bench.function("hear", lambda event, _: seen.append(event))
    events = client("events")
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.states"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": function}])
    told = bench.run({"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}, {"n": 1})
    details = [event["detail"] for event in seen]
    assert [detail["status"] for detail in details] == ["RUNNING", "FAILED"]
    assert {event["detail-type"] for event in seen} == {"Step Functions Execution Status Change"}
    assert details[1]["executionArn"] == told["executionArn"]
    assert (details[1]["error"], details[1]["cause"], details[1]["input"]) == ("E", "C", '{"n": 1}')
    assert details[1]["stopDate"] == int(NOW.timestamp() * 1000)
    data = cloudwatch_backends[ACCOUNT][REGION].metric_data
    counted = [datum.name for datum in data if datum.namespace == "AWS/States"]
    assert counted == ["ExecutionsStarted", "ExecutionsFailed", "ExecutionTime"]


def test_two_accounts_and_regions_know_nothing_of_each_other(bench: Bench, client: Any) -> None:
    machine = bench.create({"A": PASS})
    for elsewhere in ({"region": "us-east-1"}, {"account": "210987654321"}):
        with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
            client("stepfunctions", **elsewhere).start_execution(stateMachineArn=machine)


def test_it_runs_in_another_partition(aws: Emulator, client: Any) -> None:
    region = "cn-north-1"
    trust = {"Version": "2012-10-17", "Statement": [TRUST]}
    iam, states = client("iam", region=region), client("stepfunctions", region=region)
    role = iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    function = aws.functions.register("echo", lambda event, _: event, account=ACCOUNT, region=region)
    state = task(function, Resource="arn:aws-cn:states:::lambda:invoke")
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    machine = states.create_state_machine(name="run", definition=definition, roleArn=role)["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input="7")["executionArn"]
    aws.settle()
    assert execution.startswith(f"arn:aws-cn:states:{region}:{ACCOUNT}:execution:run:")
    assert states.describe_execution(executionArn=execution)["output"] == "7"


def test_nothing_happens_inside_the_call_that_starts_it(bench: Bench) -> None:
    seen: list[Any] = []
    bench.start(bench.create({"A": task(bench.function("f", lambda event, _: seen.append(event)))}))
    assert not seen
    bench.aws.settle()
    assert seen


def test_it_runs_the_same_over_http(bench: Bench, aws: Emulator, client: Any) -> None:
    machine = bench.create({"A": PASS})
    states = client("stepfunctions", endpoint_url=aws.serve())
    execution = states.start_execution(stateMachineArn=machine, input='{"n": 1}')["executionArn"]
    aws.settle()
    assert states.describe_execution(executionArn=execution)["output"] == '{"n":1}'
