"""IAM's simulator says of a role what its policies make of an action."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ..conftest import ACCOUNT, Client, code_of
from .conftest import Roles
from .documents import allow, deny, policy

TRUSTED = {"StringEquals": {"ram:ShareOwnerAccountId": "210987654321"}}


def simulated(client: Client, *actions: str, **more: Any) -> list[dict[str, Any]]:
    asked = {"PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/reader", "ActionNames": list(actions), **more}
    return list(client("iam").simulate_principal_policy(**asked)["EvaluationResults"])


def decisions(client: Client, *actions: str, **more: Any) -> dict[str, str]:
    return {each["EvalActionName"]: each["EvalDecision"] for each in simulated(client, *actions, **more)}


def test_each_action_is_judged_by_the_policies_of_the_role(client: Client, roles: Roles) -> None:
    roles.make(allow(["ram:GetResourceShares", "ram:DeleteResourceShare"]), deny("ram:DeleteResourceShare"))
    assert decisions(client, "ram:GetResourceShares", "ram:DeleteResourceShare", "ram:TagResource") == {
        "ram:GetResourceShares": "allowed",
        "ram:DeleteResourceShare": "explicitDeny",
        "ram:TagResource": "implicitDeny",
    }


def test_a_resource_that_is_given_is_judged_too(client: Client, roles: Roles) -> None:
    roles.make(allow("sqs:SendMessage", "arn:aws:sqs:*:*:mine"))
    for name, decision in (("mine", "allowed"), ("other", "implicitDeny")):
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        assert decisions(client, "sqs:SendMessage", ResourceArns=[arn]) == {"sqs:SendMessage": decision}


def test_a_boundary_limits_the_role(client: Client, roles: Roles) -> None:
    roles.make(allow("ram:*"))
    boundary = client("iam").create_policy(PolicyName="limit", PolicyDocument=policy(allow("ram:Get*")))["Policy"]
    client("iam").put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=boundary["Arn"])
    assert decisions(client, "ram:GetResourceShares", "ram:TagResource") == {
        "ram:GetResourceShares": "allowed",
        "ram:TagResource": "implicitDeny",
    }


def test_a_condition_does_not_hold_and_the_key_that_it_misses_is_told(client: Client, roles: Roles) -> None:
    roles.make(allow("ram:AcceptResourceShareInvitation", **TRUSTED), allow("ram:TagResource"))
    accept, tag = simulated(client, "ram:AcceptResourceShareInvitation", "ram:TagResource")
    assert (accept["EvalDecision"], accept["MissingContextValues"]) == ("implicitDeny", ["ram:shareowneraccountid"])
    assert (tag["EvalDecision"], tag["MissingContextValues"]) == ("allowed", [])


def test_a_role_that_is_not_there_is_no_such_entity(client: Client) -> None:
    assert "NoSuchEntity" in code_of(decisions, client, "ram:GetResourceShares")


@pytest.mark.parametrize("more", [{"PolicyInputList": [json.dumps({})]}, {}])
def test_what_is_not_simulated_is_refused(client: Client, roles: Roles, more: dict[str, Any]) -> None:
    roles.make(allow("ram:GetResourceShares", NumericEquals={"aws:MultiFactorAuthAge": "1"}))
    with pytest.raises(ClientError, match="NotImplemented"):
        decisions(client, "ram:GetResourceShares", **more)
