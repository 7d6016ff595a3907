"""Step Functions of one account, whose every answer is held against botocore's model."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator

from ..conftest import ACCOUNT, REGION, Call, Client, checked_call
from ..iam.documents import policy, trust

TRUST = trust({"Service": "states.amazonaws.com"})
INVOKE = "arn:aws:states:::lambda:invoke"
States = dict[str, dict[str, Any]]


def make_role(client: Client, name: str, *allowed: dict[str, Any], service: str = "states.amazonaws.com") -> str:
    """Create a role that a service may assume, and return its ARN."""
    iam = client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust({"Service": service})))["Role"]["Arn"]
    if allowed:
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(*allowed))
    return str(arn)


@pytest.fixture
def call(client: Client) -> Call:
    """Call an operation, and check the answer."""
    states = client("stepfunctions")
    return lambda operation, **parameters: checked_call(states, operation, parameters)


@pytest.fixture
def role(client: Client) -> str:
    """A role of state machines."""
    return make_role(client, "machine")


@dataclass(frozen=True, slots=True)
class Bench:
    """Runs definitions.

    Attributes:
        aws: where.
        call: calls Step Functions.
        role: of the state machines.
    """

    aws: Emulator
    call: Call
    role: str

    def create(self, states: States, *, name: str = "run", **more: Any) -> str:
        """Create a state machine of these states, the first of which is the first, and return its ARN."""
        text = json.dumps({"StartAt": next(iter(states)), "States": states, **more})
        answer = self.call("CreateStateMachine", name=name, definition=text, roleArn=self.role)
        return str(answer["stateMachineArn"])

    def start(self, machine: str, given: Any = None, **more: Any) -> str:
        """Start an execution, and return its ARN."""
        return str(
            self.call("StartExecution", stateMachineArn=machine, input=json.dumps(given), **more)["executionArn"]
        )

    def told(self, execution: str) -> dict[str, Any]:
        """Describe an execution."""
        return self.call("DescribeExecution", executionArn=execution)

    def run(self, states: States, given: Any = None, *, within: timedelta = timedelta(days=1), **more: Any) -> Any:
        """Run states to their end, and return how that was."""
        execution = self.start(self.create(states, **more), given)
        self.aws.advance(within)
        return self.told(execution)

    def output(self, states: States, given: Any = None, **more: Any) -> Any:
        """Run states to their end, which is a good one, and return the output."""
        told = self.run(states, given, **more)
        assert told["status"] == "SUCCEEDED", told
        return json.loads(told["output"])

    def history(self, execution: str) -> list[dict[str, Any]]:
        """Return all events of an execution."""
        return list(self.call("GetExecutionHistory", executionArn=execution, maxResults=1000)["events"])

    def function(self, name: str, handler: Callable[[Any, Any], Any]) -> str:
        """Register a function, and return its ARN."""
        return self.aws.functions.register(name, handler, account=ACCOUNT, region=REGION)


@pytest.fixture
def bench(aws: Emulator, call: Call, role: str) -> Bench:
    return Bench(aws, call, role)


def task(function: str, **more: Any) -> dict[str, Any]:
    """Return a state that invokes a function with its own input, and is the last unless something follows."""
    parameters = {"FunctionName": function, "Payload.$": "$"}
    last = {} if "Next" in more else {"End": True}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": parameters, "OutputPath": "$.Payload", **last, **more}
