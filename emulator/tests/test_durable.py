"""Durable functions: AWS's own library, against the emulated Lambda."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, StepConfig
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.execution import durable_execution
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends

from emulator.aws import Emulator
from emulator.faults import Fault

from .conftest import ACCOUNT, NOW, REGION, Client, bodies, code_and_status, code_of, queue, rule

DAY = timedelta(days=1)

_RETRY = RetryStrategyConfig(
    max_attempts=3, initial_delay=Duration.from_minutes(1), jitter_strategy=JitterStrategy.NONE
)

Asked = list[tuple[str, datetime]]


class Sleeper:
    """A durable handler that works, sleeps for six hours, and works again; it can be told to fail."""

    def __init__(self) -> None:
        self.asked: Asked = []
        self.failures = 0
        self.step_failures = 0
        self.handler = durable_execution(self._handle)

    def _handle(self, event: Any, context: DurableContext) -> dict[str, Any]:
        self._note("run")
        if self.failures:
            self.failures -= 1
            raise MemoryError
        first = context.step(lambda _: self._work("before"), name="before")
        context.wait(Duration.from_hours(6), name="sleep")
        retry = create_retry_strategy(_RETRY)
        second = context.step(lambda _: self._work("after"), name="after", config=StepConfig(retry_strategy=retry))
        return {"event": event, "worked": [first, second]}

    def _work(self, name: str) -> str:
        self._note(name)
        if name == "after" and self.step_failures:
            self.step_failures -= 1
            raise OSError(name)
        return name

    def _note(self, name: str) -> None:
        self.asked.append((name, datetime.now(UTC)))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


@pytest.fixture
def sleeper(aws: Emulator, client: Client) -> Sleeper:
    made = Sleeper()
    aws.functions.register("sleeper", made.handler, account=ACCOUNT, region=REGION, durable=2 * DAY)
    lambdas = client("lambda")
    version = lambdas.publish_version(FunctionName="sleeper")["Version"]
    lambdas.create_alias(FunctionName="sleeper", Name="live", FunctionVersion=version)
    return made


def start(client: Client, name: str = "one", payload: Any = None, **more: Any) -> Any:
    return client("lambda").invoke(
        FunctionName="sleeper:live",
        InvocationType="Event",
        DurableExecutionName=name,
        Payload=json.dumps(payload).encode(),
        **more,
    )


def listen(client: Client) -> None:
    """Let the queue ``told`` hear of changes of state."""
    rule(client, {"Arn": queue(client, "told")}, pattern={"detail-type": ["Durable Execution Status Change"]})


def test_an_execution_waits_without_running_and_goes_on_where_it_stopped(
    aws: Emulator, client: Client, sleeper: Sleeper
) -> None:
    listen(client)
    answer = start(client, payload={"order": 7})
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (202, "1")
    assert sleeper.names == []
    aws.advance(timedelta(hours=5))
    assert sleeper.names == ["run", "before"]
    aws.advance(timedelta(hours=2))
    assert sleeper.names == ["run", "before", "run", "after"]
    assert sleeper.asked[-1][1] - NOW == timedelta(hours=6)
    found = client("lambda").get_durable_execution(DurableExecutionArn=answer["DurableExecutionArn"])
    assert (found["Status"], found["DurableExecutionName"]) == ("SUCCEEDED", "one")
    assert json.loads(found["Result"]) == {"event": {"order": 7}, "worked": ["before", "after"]}
    assert found["EndTimestamp"].replace(tzinfo=UTC) - NOW == timedelta(hours=6)
    events = bodies(client, "told")
    assert sorted(event["detail"]["status"] for event in events) == ["RUNNING", "SUCCEEDED"]
    assert {event["source"] for event in events} == {"aws.lambda"}
    assert {event["detail"]["durableExecutionArn"] for event in events} == {answer["DurableExecutionArn"]}


def test_the_same_name_is_the_same_execution_and_another_payload_is_refused(
    aws: Emulator, client: Client, sleeper: Sleeper
) -> None:
    arns = {start(client)["DurableExecutionArn"] for _ in range(10)}
    aws.advance(DAY)
    arns.add(start(client)["DurableExecutionArn"])
    aws.settle()
    assert len(arns) == 1
    assert sleeper.names.count("before") == sleeper.names.count("after") == 1
    assert code_and_status(start, client, payload=1) == ("DurableExecutionAlreadyStartedException", 409)
    aws.advance(14 * DAY)
    assert start(client, payload=1)["DurableExecutionArn"] not in arns


def test_a_step_that_fails_is_tried_again_in_its_own_time(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    sleeper.step_failures = 2
    start(client)
    aws.advance(timedelta(hours=7))
    assert sleeper.names.count("before") == 1
    moments = [at for name, at in sleeper.asked if name == "after"]
    assert len(moments) == 3
    assert [later - earlier for earlier, later in pairwise(moments)] == [timedelta(minutes=1), timedelta(minutes=2)]


def test_a_checkpoint_that_lambda_refuses_for_a_while_loses_nothing(
    aws: Emulator, client: Client, sleeper: Sleeper
) -> None:
    aws.faults.add(
        Fault("lambda:CheckpointDurableExecution", "error", error="TooManyRequestsException", after=1, times=8)
    )
    arn = start(client)["DurableExecutionArn"]
    aws.advance(timedelta(hours=7))
    assert client("lambda").get_durable_execution(DurableExecutionArn=arn)["Status"] == "SUCCEEDED"
    assert sleeper.names.count("after") == 1


def test_a_handler_that_fails_ends_the_execution_and_eventbridge_is_told(
    aws: Emulator, client: Client, sleeper: Sleeper
) -> None:
    listen(client)
    sleeper.failures = 1
    arn = start(client)["DurableExecutionArn"]
    aws.settle()
    found = client("lambda").get_durable_execution(DurableExecutionArn=arn)
    assert (found["Status"], found["Error"]["ErrorType"]) == ("FAILED", "MemoryError")
    assert [event["detail"]["status"] for event in bodies(client, "told")][-1] == "FAILED"


def test_an_execution_that_takes_too_long_is_timed_out_and_runs_no_more(
    aws: Emulator, client: Client, sleeper: Sleeper
) -> None:
    aws.functions.register("brief", sleeper.handler, account=ACCOUNT, region=REGION, durable=timedelta(hours=1))
    arn = client("lambda").invoke(FunctionName="brief:$LATEST", InvocationType="Event")["DurableExecutionArn"]
    aws.advance(DAY)
    assert sleeper.names == ["run", "before"]
    found = client("lambda").get_durable_execution(DurableExecutionArn=arn)
    assert (found["Status"], found["EndTimestamp"].replace(tzinfo=UTC) - NOW) == ("TIMED_OUT", timedelta(hours=1))


def test_what_started_an_execution_that_does_not_succeed_goes_to_the_dead_letter_queue(
    aws: Emulator, client: Client, sleeper: Sleeper
) -> None:
    lambdas, arn = client("lambda"), queue(client, "dead")
    aws.functions.register("brief", sleeper.handler, account=ACCOUNT, region=REGION, durable=timedelta(hours=1))
    lambdas.update_function_configuration(FunctionName="brief", DeadLetterConfig={"TargetArn": arn})
    version = lambdas.publish_version(FunctionName="brief")
    assert version["DeadLetterConfig"] == {"TargetArn": arn}
    lambdas.invoke(FunctionName=f"brief:{version['Version']}", InvocationType="Event", Payload=b'{"a": 1}')
    start(client)
    aws.advance(DAY)
    assert bodies(client, "dead") == [{"a": 1}]


def test_a_durable_function_has_no_destinations(client: Client, sleeper: Sleeper) -> None:
    assert sleeper
    with pytest.raises(ClientError, match="durable functions have no destinations"):
        client("lambda").put_function_event_invoke_config(
            FunctionName="sleeper", DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:1:dead"}}
        )


def test_an_execution_can_be_stopped_and_executions_are_listed(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    assert sleeper
    lambdas = client("lambda")
    arns = [start(client, name)["DurableExecutionArn"] for name in ("one", "two")]
    aws.settle()
    lambdas.stop_durable_execution(DurableExecutionArn=arns[0])
    aws.advance(DAY)
    listed = lambdas.list_durable_executions_by_function(FunctionName="sleeper", Qualifier="live")["DurableExecutions"]
    assert [(each["DurableExecutionName"], each["Status"]) for each in listed] == [
        ("one", "STOPPED"),
        ("two", "SUCCEEDED"),
    ]
    named = lambdas.list_durable_executions_by_function(
        FunctionName="sleeper", DurableExecutionName="two", Statuses=["SUCCEEDED"]
    )
    assert [each["DurableExecutionArn"] for each in named["DurableExecutions"]] == arns[1:]


def test_an_execution_ends_on_the_version_that_it_began_on(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    arn = start(client)["DurableExecutionArn"]
    aws.settle()
    assert ":function:sleeper:1/durable-execution/one/" in arn
    assert aws.functions.runs[-1].invocation.function_arn.endswith(":function:sleeper:1")
    found = client("lambda").get_durable_execution(DurableExecutionArn=arn)
    assert found["Version"] == "1"
    assert sleeper.names == ["run", "before"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"FunctionName": "sleeper"}, "InvalidParameterValueException"),
        ({"DurableExecutionName": "a name"}, "InvalidParameterValueException"),
        ({"InvocationType": "RequestResponse"}, "NotImplementedException"),
    ],
)
def test_an_invocation_that_lambda_would_not_take_is_refused(
    aws: Emulator, client: Client, sleeper: Sleeper, given: dict[str, Any], code: str
) -> None:
    whole = {"FunctionName": "sleeper:live", "InvocationType": "Event", "DurableExecutionName": "one"}
    assert code_of(client("lambda").invoke, **whole | given) == code
    aws.settle()
    assert sleeper.names == []


def test_an_old_checkpoint_token_is_refused(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    assert sleeper
    arn = start(client)["DurableExecutionArn"]
    aws.settle()
    for token in ("bm9uZQ==", json.dumps({})):
        refusal = code_of(client("lambda").checkpoint_durable_execution, DurableExecutionArn=arn, CheckpointToken=token)
        assert refusal == "InvalidParameterValueException"


def test_an_event_starts_an_execution_too(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    arn = lambda_backends[ACCOUNT][REGION].get_function("sleeper", "1").function_arn
    rule(client, {"Arn": arn}, pattern={"source": ["aws.health"]})
    aws.emit({"source": "aws.health", "detail-type": "x", "account": ACCOUNT, "region": REGION})
    aws.settle()
    assert sleeper.names == ["run", "before"]


def test_an_event_starts_nothing_without_a_version_or_an_alias(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    arn = lambda_backends[ACCOUNT][REGION].get_function("sleeper").function_arn
    rule(client, {"Arn": arn}, pattern={"source": ["aws.health"]})
    aws.emit({"source": "aws.health", "detail-type": "x", "account": ACCOUNT, "region": REGION})
    aws.settle()
    assert sleeper.names == []
    assert [error.code for error in aws.undelivered] == ["INVALID_PARAMETER"]


def test_the_qualifier_of_a_call_chooses_the_version(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    asked = {"FunctionName": "sleeper", "InvocationType": "Event"}
    assert code_of(client("lambda").invoke, **asked) == "InvalidParameterValueException"
    assert code_of(client("lambda").invoke, **asked, Qualifier="gone") == "ResourceNotFoundException"
    answer = client("lambda").invoke(**asked, Qualifier="live", DurableExecutionName="one")
    assert answer["DurableExecutionArn"].split("/")[0].endswith(":function:sleeper:1")
    aws.settle()
    assert sleeper.names == ["run", "before"]


def test_executions_are_the_same_over_http(aws: Emulator, client: Client, sleeper: Sleeper) -> None:
    arn = start(client)["DurableExecutionArn"]
    aws.advance(DAY)
    remote = client("lambda", endpoint_url=aws.serve())
    assert remote.get_durable_execution(DurableExecutionArn=arn)["Status"] == "SUCCEEDED"
    listed = remote.list_durable_executions_by_function(FunctionName="sleeper")["DurableExecutions"]
    assert [each["DurableExecutionArn"] for each in listed] == [arn]
    assert sleeper.names.count("after") == 1


def test_a_function_says_that_it_is_durable(client: Client, sleeper: Sleeper) -> None:
    assert sleeper
    config = client("lambda").get_function_configuration(FunctionName="sleeper")["DurableConfig"]
    assert config["ExecutionTimeout"] == 2 * 86400
