"""Executions that others recorded on AWS: how they end, why, and which events they log in which order."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.stepfunctions.language import choices
from emulator.stepfunctions.language.paths import PathScope

from ..conftest import REGION, Client
from ..test_recorded import recorded
from .conftest import Bench

RECORDED: dict[str, list[dict[str, Any]]] = recorded("executions")


def _broken(*_: Any) -> None:
    raise Exception("broken")  # noqa: TRY002  # the name that was recorded


def _third(count: int, _: Any) -> int:
    if count < 2:
        raise ValueError(count)
    return count


@pytest.fixture
def functions(bench: Bench) -> None:
    """The functions that the recorded state machines invoke."""
    bench.function("echo", lambda event, _: event)
    bench.function("broken", _broken)
    bench.function("third", _third)
    bench.function("large", lambda *_: "é" * 140_000)
    bench.function("slow", lambda *_: time.sleep(6))  # on the emulated clock


@pytest.fixture
def objects(client: Client) -> None:
    """The objects that the recorded maps read."""
    s3 = client("s3")
    s3.create_bucket(Bucket="items", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, body in {"three": [{"id": 1}, {"id": 2}, {"id": 3}], "object": {"id": 1}}.items():
        s3.put_object(Bucket="items", Key=key, Body=json.dumps(body))


def seen(bench: Bench, case: dict[str, Any], number: int) -> dict[str, Any]:
    """Run a recorded state machine, and return what was recorded of it."""
    machine = bench.create(case["states"], name=f"case-{number}", **case.get("machine", {}))
    given = json.loads(json.dumps(case["input"]).replace("LARGE", "x" * 140_000))
    execution = bench.start(machine, given)
    bench.aws.advance(timedelta(minutes=1))
    told, events = bench.told(execution), bench.history(execution)
    found = {name: told.get(name) for name in ("status", "error", "cause")}
    found["output"] = json.loads(told["output"]) if "output" in told else None
    found["events"] = [f"{event['type']} {event['previousEventId']}" for event in events]
    found["exits"] = [
        json.loads(event["stateExitedEventDetails"]["output"]) for event in events if event["type"] == "PassStateExited"
    ]
    lengths = [event["mapStateStartedEventDetails"]["length"] for event in events if event["type"] == "MapStateStarted"]
    found["length"] = lengths[0] if lengths else None
    return found


@pytest.mark.usefixtures("functions", "objects")
def test_an_execution_ends_and_logs_as_it_did_at_aws(bench: Bench) -> None:
    wrong = []
    for number, case in enumerate(RECORDED["executions"]):
        found = seen(bench, case, number)
        expected = {name: case[name] for name in found if name in case}
        differing = {name: (found[name], value) for name, value in expected.items() if found[name] != value}
        if differing or ("error" not in case and found["error"] is not None):
            wrong.append((case["claim"], differing or found["error"]))
    assert wrong == []
    assert len(RECORDED["executions"]) > 80


@pytest.mark.parametrize("case", RECORDED["refused"], ids=lambda case: case["claim"])
def test_a_definition_that_aws_refused_is_refused_with_its_words(bench: Bench, case: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        bench.call("CreateStateMachine", name="bad", definition=json.dumps(case["definition"]), roleArn=bench.role)
    assert raised.value.response["Error"] == {
        "Code": "InvalidDefinition",
        "Message": f"Invalid State Machine Definition: '{case['answer']}'",
    }
    assert bench.call("ListStateMachines")["stateMachines"] == []


def test_a_choice_decides_as_it_did_at_aws() -> None:
    tables = [
        (case["fits"], [(value, None, {case["test"]: True}) for value in case["values"]]) for case in RECORDED["tests"]
    ]
    for case in RECORDED["comparisons"]:
        pairs = case["pairs"]
        tables.append((case["fits"], [(value, wanted, {case["test"]: wanted}) for value, wanted in pairs]))
        tables.append((case["fits"], [(value, wanted, {f"{case['test']}Path": "$.w"}) for value, wanted in pairs]))
    wrong = [
        (value, rule)
        for answers, rows in tables
        for (value, wanted, rule), answer in zip(rows, answers, strict=True)
        if choices.fits({"Variable": "$.v", **rule}, PathScope({"v": value, "w": wanted}, {})) is not answer
    ]
    assert wrong == []
