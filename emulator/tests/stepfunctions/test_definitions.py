"""Which definitions are taken, and which are refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import INVOKE, Bench, States

END = {"Type": "Pass", "End": True}
PROCESSOR = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "One",
    "States": {"One": END},
}
MAP = {"Type": "Map", "ItemProcessor": PROCESSOR, "End": True}
TASK = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, "End": True}


def refused(bench: Bench, states: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        bench.create(states, **more)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, "Missing target B"),
        ({"A": END, "B": END}, "State B is not reachable"),
        ({"A": {"Type": "Pass"}}, "either a Next or an End"),
        ({"A": {"Type": "Pass", "End": True, "Next": "A"}}, "either a Next or an End"),
        ({"A": {"Type": "Dance", "End": True}}, "Unknown Type 'Dance'"),
        ({"A": {**END, "Dance": 1}}, "Field 'Dance' is not supported"),
        ({"A": {**END, "Retry": [{"ErrorEquals": ["States.ALL"]}]}}, "Field 'Retry' is not supported"),
        ({"A": {"Type": "Task", "End": True, "Resource": INVOKE, "Retry": [{}]}}, "Retry needs ErrorEquals"),
        ({"A": {**TASK, "Catch": [{"ErrorEquals": ["E"], "Next": "C"}]}}, "Missing target C"),
        ({"A": {**TASK, "Retry": [{"ErrorEquals": ["States.ALL", "E"]}]}}, "States.ALL stands alone"),
        ({"A": {**TASK, "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "HALF"}]}}, "JitterStrategy 'HALF'"),
        ({"A": {**TASK, "ResultPath": "$.a[*]"}}, "not a Reference Path"),
        ({"A": {**TASK, "Parameters": {"a.$": "b"}}}, "must be a valid JSONPath or intrinsic function"),
        (
            {"A": {**TASK, "Parameters": {"a.$": "States.Nothing()"}}},
            "States.Nothing is not emulated, only States.Format",
        ),
        ({"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "Is": 1, "Next": "B"}]}, "B": END}, "one operator"),
        ({"A": {"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "End": True}}, "Wait has one of"),
        ({"A": {**MAP, "Label": "x" * 41}}, "Label has 1 to 40 characters"),
        ({"A": {**MAP, "Label": ""}}, "Label has 1 to 40 characters"),
        ({"A": {**MAP, "Label": "a b"}}, "Label has 1 to 40 characters"),
        ({"A": {**MAP, "ToleratedFailureCount": -1}}, "ToleratedFailureCount is a whole number from zero, not -1"),
        ({"A": {"Type": "Wait", "Seconds": 1.5, "End": True}}, "Seconds is a whole number from zero, not 1.5"),
        (
            {
                "A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "TimestampEquals": "today", "Next": "B"}]},
                "B": END,
            },
            "'today' is no value for TimestampEquals",
        ),
        ({"A": {**MAP, "ToleratedFailurePercentage": 101}}, "between 0 and 100"),
        ({"A": {**MAP, "ItemProcessor": {**PROCESSOR, "StartAt": "Two"}}}, "Missing target Two"),
        ({}, "States are missing"),
    ],
)
def test_what_aws_would_not_take_is_no_definition(bench: Bench, states: States, why: str) -> None:
    code, message = refused(bench, states or {"A": {}}, **({} if states else {"States": {}}))
    assert code == "InvalidDefinition"
    assert why in message


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ({"A": {"Type": "Parallel", "Branches": [], "End": True}}, "Parallel states"),
        ({"A": {**TASK, "Resource": "arn:aws:states:::sns:publish"}}, "states:::sns:publish"),
        ({"A": {**TASK, "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f"}}, "tasks of the resource"),
        ({"A": {**TASK, "Resource": f"{INVOKE}.waitForTaskToken"}}, "waitForTaskToken"),
        ({"A": {**TASK, "HeartbeatSeconds": 5}}, "HeartbeatSeconds"),
        ({"A": {**TASK, "Assign": {}}}, "Assign"),
        ({"A": {**TASK, "QueryLanguage": "JSONata"}}, "JSONata"),
        ({"A": {**MAP, "ItemBatcher": {"MaxItemsPerBatch": 2}}}, "ItemBatcher"),
        ({"A": {**MAP, "ResultWriter": {}}}, "ResultWriter"),
        ({"A": {**MAP, "ItemProcessor": {"StartAt": "One", "States": {"One": END}}}}, "not DISTRIBUTED"),
        ({"A": {**MAP, "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2"}}}, "listObjectsV2"),
        (
            {"A": {**MAP, "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {}}}},
            "ItemReaders that read by",
        ),
    ],
)
def test_what_aws_takes_and_the_emulator_does_not_run_is_refused_loudly(bench: Bench, states: States, why: str) -> None:
    code, message = refused(bench, states)
    assert code == "NotImplementedException"
    assert why in message


@pytest.mark.parametrize("more", [{"type": "EXPRESS"}, {"publish": True}])
def test_express_workflows_and_versions_are_refused(bench: Bench, more: dict[str, Any]) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": END}})
    with pytest.raises(ClientError, match="NotImplementedException"):
        bench.call("CreateStateMachine", name="run", definition=definition, roleArn=bench.role, **more)


def test_a_state_machine_in_jsonata_is_refused(bench: Bench) -> None:
    assert refused(bench, {"A": END}, QueryLanguage="JSONata")[0] == "NotImplementedException"


def test_a_definition_that_is_no_json_is_none(bench: Bench) -> None:
    with pytest.raises(ClientError, match="INVALID_JSON_DESCRIPTION"):
        bench.call("CreateStateMachine", name="run", definition="{", roleArn=bench.role)
