"""The state machine's paths, each of them absent once: a run fails visibly, or says why a batch was not swept."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from functions.shared.aws.calls import CallError
from functions.shared.deployment.state_machine import definition
from tests.conftest import NOW, REGION, US, clients_of

BUCKET, FAILURES = "results", "runs/today/run/failures/"
ANSWER = {"bucket": BUCKET, "batches": "runs/today/run/batches.json", "failures": FAILURES, "report": True}
WHOLE = {"whole": True, "summary": "all is well"}
Answer = Callable[[Any], Any]


@dataclass(slots=True)
class Machine:
    """The machine, whose steps answer what a test says.

    Attributes:
        aws: where it is.
        arn: its own.
        answers: what each step makes of its input.
        reported: the inputs of the last step.
    """

    aws: Emulator
    arn: str
    answers: dict[str, Answer]
    reported: list[Any] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Run it to its end, and return how that was."""
        calls = clients_of().calls("stepfunctions", REGION)
        execution = calls("StartExecution", stateMachineArn=self.arn, name="run", input="{}")["executionArn"]
        self.aws.advance(timedelta(hours=1))
        return dict(calls("DescribeExecution", executionArn=execution))

    def failure(self, batch: int = 0) -> dict[str, str] | None:
        """Return why a batch was not swept, as the run wrote it down."""
        try:
            found = clients_of().calls("s3", REGION)("GetObject", Bucket=BUCKET, Key=f"{FAILURES}{batch}.json")
        except CallError:
            return None
        return dict(json.loads(found["Body"].read()))


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Emulator(now=NOW) as aws:
        answers: dict[str, Answer] = {
            "targets": lambda _: ANSWER,
            "sweep": lambda batch: {**batch, "tasks": []},
            "report": lambda _: WHOLE,
        }
        made = Machine(aws, "", answers)
        functions = {
            name: aws.functions.register(name, _step(made, name), account=US, region=REGION) for name in answers
        }
        trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = clients_of().calls("iam", REGION)("CreateRole", RoleName="run", AssumeRolePolicyDocument=document)
        clients_of().calls("s3", REGION)("CreateBucket", Bucket=BUCKET)
        put_batches([{"number": 0, "tasks": ["a"]}, {"number": 1, "tasks": ["b"]}])
        made.arn = clients_of().calls("stepfunctions", REGION)(
            "CreateStateMachine",
            name="run",
            definition=json.dumps(definition(functions, "aws", US)),
            roleArn=role["Role"]["Arn"],
        )["stateMachineArn"]
        yield made


def _step(machine: Machine, name: str) -> Callable[[Any, Any], Any]:
    def handle(event: Any, _: Any) -> Any:
        if name == "report":
            machine.reported.append(event)
        return machine.answers[name](event)

    return handle


def put_batches(batches: Any) -> None:
    clients_of().calls("s3", REGION)("PutObject", Bucket=BUCKET, Key=ANSWER["batches"], Body=json.dumps(batches))


def without(document: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != member}


READ_OF_TARGETS = ("bucket", "batches", "failures")
READ_OF_SWEEP = ("swept.batch.tasks[0]", "swept.batch.tasks", "swept.batch")
READ_OF_REPORT = ("whole", "summary")
OWN = ("batch", "number", "error")
"""What states of the machine have put there before the path is read."""


def paths_of(document: Any) -> Iterator[str]:
    match document:
        case dict():
            for value in document.values():
                yield from paths_of(value)
        case list():
            for value in document:
                yield from paths_of(value)
        case str() if "$" in document:
            yield from re.findall(r"(?<!\$)\$\.([\w.\[\]]+)", document)


def test_each_path_of_the_machine_is_one_that_a_test_here_plays_absent() -> None:
    functions = dict.fromkeys(("targets", "sweep", "report"), "arn")
    read = {*paths_of(definition(functions, "aws", US))}
    put = {"swept", "Payload"}  # ResultPath, and the member that each answer of Lambda has
    assert read == {*READ_OF_TARGETS, *READ_OF_SWEEP, *READ_OF_REPORT, *OWN, *put}


def test_with_every_path_there_a_run_succeeds(machine: Machine) -> None:
    assert machine.run()["status"] == "SUCCEEDED"
    assert machine.failure() is None


@pytest.mark.parametrize("answer", [*(without(ANSWER, each) for each in READ_OF_TARGETS), None, {}, "words"])
def test_a_first_step_that_does_not_answer_what_is_read_fails_the_run_visibly(machine: Machine, answer: Any) -> None:
    machine.answers["targets"] = lambda _: answer
    told = machine.run()
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")
    assert "the state 'Sweeps'" in told["cause"]
    assert machine.reported == []


@pytest.mark.parametrize("answer", [None, {}, {"number": 0}, "words", []])
def test_a_sweep_that_does_not_answer_what_is_left_is_set_aside_with_that_cause(machine: Machine, answer: Any) -> None:
    machine.answers["sweep"] = lambda batch: answer if batch["number"] == 0 else {**batch, "tasks": []}
    assert machine.run()["status"] == "SUCCEEDED"
    assert (machine.failure() or {})["Error"] == "NotAnswered"
    assert machine.failure(1) is None
    assert len(machine.reported) == 1


@pytest.mark.parametrize("batch", [{}, None, "words", {"tasks": ["a"]}])
def test_a_batch_without_its_members_is_set_aside_under_its_place(machine: Machine, batch: Any) -> None:
    put_batches([{"number": 0, "tasks": []}, batch])
    machine.answers["sweep"] = lambda event: {**event, "number": event["number"], "tasks": []}
    assert machine.run()["status"] == "SUCCEEDED"
    assert (machine.failure(1) or {})["Error"] in ("KeyError", "TypeError")
    assert machine.failure(0) is None
    assert len(machine.reported) == 1


def test_a_batch_that_fails_when_it_was_handed_on_is_set_aside(machine: Machine) -> None:
    def sweep(batch: Any) -> Any:
        if "part" in batch:
            raise ValueError("later")
        return {"part": 1, "tasks": ["rest"]}  # without its number

    machine.answers["sweep"] = sweep
    machine.run()
    assert [(machine.failure(batch) or {})["Error"] for batch in (0, 1)] == ["ValueError"] * 2


def test_an_answer_that_is_too_large_is_set_aside_though_states_all_may_not_take_it(machine: Machine) -> None:
    machine.answers["sweep"] = lambda batch: {**batch, "tasks": [], "words": "x" * 270_000}
    assert machine.run()["status"] == "SUCCEEDED"
    assert (machine.failure() or {})["Error"] == "States.DataLimitExceeded"
    assert len(machine.reported) == 1


def test_the_cause_of_a_failed_batch_is_written_in_another_try(machine: Machine) -> None:
    def broken(_: Any) -> Any:
        raise KeyError("sweep")

    machine.answers["sweep"] = broken
    machine.aws.faults.add(Fault("s3:PutObject", "throttle", times=2))
    machine.run()
    assert [(machine.failure(batch) or {})["Error"] for batch in (0, 1)] == ["KeyError"] * 2


@pytest.mark.parametrize("batches", [{"no": "list"}, "words"])
def test_a_map_that_fails_as_a_whole_is_told_to_the_last_step(machine: Machine, batches: Any) -> None:
    put_batches(batches)
    machine.run()
    assert [each["error"]["Error"] for each in machine.reported] == ["States.ItemReaderFailed"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (without(WHOLE, "whole"), "NotAllSeen"),
        ({"whole": "yes", "summary": "a"}, "NotAllSeen"),
        ({"whole": False}, "NotReported"),
        (None, "NotReported"),
        ({}, "NotReported"),
        ("words", "NotReported"),
    ],
)
def test_a_last_step_that_does_not_say_that_all_was_seen_fails_the_run(
    machine: Machine, answer: Any, error: str
) -> None:
    machine.answers["report"] = lambda _: answer
    told = machine.run()
    assert (told["status"], told["error"]) == ("FAILED", error)
