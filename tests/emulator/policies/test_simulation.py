"""IAM's simulator says of a role what its policies make of an action."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, Client
from tests.emulator.policies.test_wall import allow, document, role

DENY = {"Effect": "Deny", "Action": "ram:DeleteResourceShare", "Resource": "*"}


def decisions(client: Client, *actions: str, **more: Any) -> dict[str, str]:
    asked = {"PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/worker", "ActionNames": list(actions), **more}
    found = client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    return {each["EvalActionName"]: each["EvalDecision"] for each in found}


def test_each_action_is_judged_by_the_policies_of_the_role(client: Client) -> None:
    role(client, allow("ram:GetResourceShares", "ram:DeleteResourceShare"), DENY)
    assert decisions(client, "ram:GetResourceShares", "ram:DeleteResourceShare", "ram:TagResource") == {
        "ram:GetResourceShares": "allowed",
        "ram:DeleteResourceShare": "explicitDeny",
        "ram:TagResource": "implicitDeny",
    }


def test_a_resource_that_is_given_is_judged_too(client: Client) -> None:
    role(client, {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:mine"})
    for name, decision in (("mine", "allowed"), ("other", "implicitDeny")):
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        assert decisions(client, "sqs:SendMessage", ResourceArns=[arn]) == {"sqs:SendMessage": decision}


def test_a_boundary_limits_the_role(client: Client) -> None:
    role(client, allow("ram:*"))
    boundary = client("iam").create_policy(PolicyName="limit", PolicyDocument=document(allow("ram:Get*")))["Policy"]
    client("iam").put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=boundary["Arn"])
    assert decisions(client, "ram:GetResourceShares", "ram:TagResource") == {
        "ram:GetResourceShares": "allowed",
        "ram:TagResource": "implicitDeny",
    }


def test_a_role_that_is_not_there_is_no_such_entity(client: Client) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        decisions(client, "ram:GetResourceShares")


def test_what_is_not_simulated_is_refused(client: Client) -> None:
    role(client)
    with pytest.raises(ClientError, match="NotImplemented"):
        decisions(client, "ram:GetResourceShares", PolicyInputList=[json.dumps({})])
