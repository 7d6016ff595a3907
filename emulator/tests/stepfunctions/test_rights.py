"""An execution does what its role lets it, and nothing else."""

import json

import pytest
from botocore.exceptions import ClientError

from ..conftest import ACCOUNT, REGION, Client
from ..iam.documents import allow, policy
from .conftest import Bench, make_role
from .test_maps import BUCKET, KEY, WHERE, put, sweep

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:run"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sweep"
NEEDED = {
    "lambda:InvokeFunction": FUNCTION,
    "s3:GetObject": f"arn:aws:s3:::{BUCKET}/runs/*",
    "states:StartExecution": MACHINE,
}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({}, None),
        ({"lambda:InvokeFunction": f"{FUNCTION}-other"}, "States.ExceedToleratedFailureThreshold"),
        ({"s3:GetObject": f"arn:aws:s3:::{BUCKET}/other/*"}, "States.ItemReaderFailed"),
        ({"states:StartExecution": f"{MACHINE}-other"}, "States.Permissions"),
    ],
)
def test_the_role_of_the_state_machine_is_judged_for_each_thing_that_it_does(
    bench: Bench, client: Client, changed: dict[str, str], error: str | None
) -> None:
    put(client, json.dumps([1, 2, 3]))
    client("iam").put_role_policy(
        RoleName="machine",
        PolicyName="all",
        PolicyDocument=policy(*(allow(*right) for right in (NEEDED | changed).items())),
    )
    bench.aws.enforce_policies()
    told = bench.run({"Sweep": sweep(bench.function("sweep", lambda event, _: event))}, WHERE)
    assert told.get("error") == error
    assert KEY in WHERE.values()
    callers = {call.account for call in bench.aws.calls.of("lambda:Invoke", "s3:GetObject")}
    assert callers == {ACCOUNT}


def test_a_task_without_the_right_is_told_so_by_lambda(bench: Bench) -> None:
    bench.aws.enforce_policies()
    states = sweep(bench.function("sweep", lambda event, _: event))["ItemProcessor"]["States"]
    told = bench.run({"One": {**states["One"], "Retry": []}})
    assert told["error"] == "Lambda.AWSLambdaException"
    assert "not authorized to perform: lambda:InvokeFunction" in told["cause"]


def test_a_role_may_trust_step_functions_of_its_region_alone(bench: Bench, client: Client) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}})

    def create(region: str) -> str:
        role = make_role(client, region, service=f"states.{region}.amazonaws.com")
        made = bench.call("CreateStateMachine", name=region, definition=definition, roleArn=role)
        return str(made["stateMachineArn"])

    execution = bench.start(create(REGION))
    bench.aws.settle()
    assert bench.told(execution)["status"] == "RUNNING"
    with pytest.raises(ClientError, match="AccessDeniedException"):
        create("eu-central-1")


def test_a_role_that_does_not_trust_step_functions_is_refused(bench: Bench, client: Client) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    stranger = make_role(client, "stranger", service="lambda.amazonaws.com")
    for role in (stranger, f"{stranger}-gone"):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            bench.call("CreateStateMachine", name="run", definition=definition, roleArn=role)
