"""IAM's simulator says of a role what its policies make of an action."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.organizations import seeding

from ..conftest import ACCOUNT, Client, code_of
from .conftest import Roles
from .documents import allow, deny, policy

MANAGEMENT = "777788889999"
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


def control(client: Client, target: str, document: str) -> None:
    """Attach a service control policy."""
    organizations = client("organizations", MANAGEMENT)
    given = {"Name": f"limit-{target}", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": document}
    made = organizations.create_policy(**given)["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=made, TargetId=target)


def allowed_by_organizations(client: Client, *actions: str) -> list[tuple[str, bool | None]]:
    return [
        (each["EvalDecision"], each.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations"))
        for each in simulated(client, *actions)
    ]


READ, TAG = "ram:GetResourceShares", "ram:TagResource"


def test_without_an_organization_its_decision_is_not_told(client: Client, roles: Roles) -> None:
    roles.make(allow("ram:*"))
    assert allowed_by_organizations(client, READ) == [("allowed", None)]


def test_a_policy_of_the_organization_decides_at_every_level(client: Client, roles: Roles) -> None:
    made = seeding.organize(MANAGEMENT, {"workloads/prod": [ACCOUNT]})
    roles.make(allow("ram:*"))
    assert allowed_by_organizations(client, READ, TAG) == [("allowed", True), ("allowed", True)]
    control(client, made.units["workloads"], policy(deny(TAG)))
    assert allowed_by_organizations(client, READ, TAG) == [("allowed", True), ("explicitDeny", False)]
    control(client, ACCOUNT, policy(allow("s3:*")))
    client("organizations", MANAGEMENT).detach_policy(PolicyId="p-FullAWSAccess", TargetId=ACCOUNT)
    assert allowed_by_organizations(client, READ, TAG) == [("implicitDeny", False), ("explicitDeny", False)]


def test_the_management_account_is_not_limited(client: Client, roles: Roles) -> None:
    made = seeding.organize(ACCOUNT, {})
    roles.make(allow(READ))
    organizations = client("organizations")
    given = {"Name": "limit", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": policy(deny("*"))}
    limit = organizations.create_policy(**given)["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=limit, TargetId=made.root)
    assert allowed_by_organizations(client, READ) == [("allowed", True)]


@pytest.mark.parametrize("more", [{"PolicyInputList": [json.dumps({})]}, {}])
def test_what_is_not_simulated_is_refused(client: Client, roles: Roles, more: dict[str, Any]) -> None:
    roles.make(allow("ram:GetResourceShares", NumericEquals={"aws:MultiFactorAuthAge": "1"}))
    with pytest.raises(ClientError, match="NotImplemented"):
        decisions(client, "ram:GetResourceShares", **more)
