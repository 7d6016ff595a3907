"""The wall in IAM: what the configuration does not allow, the role cannot do."""

import json
from typing import Any

import pytest

from functions.catalog import AUTOMATIONS
from functions.ram_invitations.manifest import AUTOMATION as RAM
from functions.shared.automation import Condition, Permission
from functions.shared.deployment.permissions import common_permissions
from functions.shared.deployment.statements import RoleStatement, policy_document, statements
from functions.shared.settings import Settings
from infra.iam.policies import POLICIES_PER_ROLE, POLICY_CHARACTERS, DeploymentError, policies
from infra.other_accounts.spoke_rights import spoke_statements
from tests.infra.conftest import Compile

ACCEPT = "ram:AcceptResourceShareInvitation"
REJECT = "ram:RejectResourceShareInvitation"
SENDER = "ram:ShareOwnerAccountId"
PLACES = {
    "partition": "aws",
    "account": "123456789012",
    "table": "arn:aws:dynamodb:us-east-1:123456789012:table/ledger",
    "log_group": "arn:aws:logs:us-east-1:123456789012:log-group:log:*",
    "failed_invocations": "arn:aws:sqs:us-east-1:123456789012:failed",
}


def scoped(**scope: Any) -> Settings:
    return Settings({"scope": scope})


def senders(count: int) -> list[str]:
    return [f"{number:012}" for number in range(1, count + 1)]


def section(*accounts: str, **changes: str) -> dict[str, Any]:
    trust = [{"name": "hub", "accounts": [*accounts]}] if accounts else []
    return {"mode": "apply", "untrusted": "hold", "trust": trust, **changes}


def ram_statements(section: dict[str, Any]) -> tuple[RoleStatement, ...]:
    return statements(RAM.permissions, section, ["us-east-1"])


def of(action: str, section: dict[str, Any]) -> list[RoleStatement]:
    return [statement for statement in ram_statements(section) if statement.action == action]


def whole_role(section: dict[str, Any]) -> list[tuple[RoleStatement, ...]]:
    permissions = (*RAM.permissions, *common_permissions(RAM, scoped(accounts=["self"])))
    return policies(RAM.name, statements(permissions, section, ["us-east-1"]))


def characters(policy: tuple[RoleStatement, ...]) -> int:
    return len(json.dumps(policy_document(policy, PLACES), separators=(",", ":")))


def test_an_empty_trust_list_grants_no_acceptance() -> None:
    assert of(ACCEPT, section()) == []


def test_acceptance_is_granted_for_the_trusted_senders_only() -> None:
    two_rules = section() | {"trust": [{"accounts": ["222222222222", "111111111111"]}, {"accounts": ["111111111111"]}]}
    (accept,) = of(ACCEPT, two_rules)
    assert accept.document(PLACES) == {
        "Sid": "RamAcceptResourceShareInvitation",
        "Effect": "Allow",
        "Action": ACCEPT,
        "Resource": "arn:aws:ram:*:*:resource-share-invitation/*",
        "Condition": {"StringEquals": {SENDER: ["111111111111", "222222222222"]}},
    }


def test_a_role_that_plans_can_only_look() -> None:
    planned = {statement.action for statement in ram_statements(section("111111111111", mode="plan"))}
    assert planned == {"ram:GetResourceShareInvitations", "ram:ListPendingInvitationResources"}


def test_rejection_is_an_opt_in() -> None:
    assert of(REJECT, section("111111111111")) == []


def test_rejection_never_covers_a_trusted_sender_nor_an_unknown_one() -> None:
    (reject,) = of(REJECT, section("111111111111", untrusted="reject"))
    assert reject.document(PLACES)["Condition"] == {
        "Null": {SENDER: ["false"]},
        "StringNotEquals": {SENDER: ["111111111111"]},
    }


def test_rejection_without_any_trusted_sender_still_demands_a_known_one() -> None:
    (reject,) = of(REJECT, section(untrusted="reject"))
    assert reject.document(PLACES)["Condition"] == {"Null": {SENDER: ["false"]}}


def test_390_senders_fit_one_policy() -> None:
    packed = whole_role(section(*senders(390)))
    (policy,) = [held for held in packed if any(statement.action == ACCEPT for statement in held)]
    assert characters(policy) <= POLICY_CHARACTERS


@pytest.mark.parametrize("count", [1, 390, 394, 395, 400, 1_000, 2_000, 3_400])
def test_every_sender_is_allowed_in_exactly_one_policy_within_the_limits(count: int) -> None:
    packed = whole_role(section(*senders(count)))
    accepts = [statement for policy in packed for statement in policy if statement.action == ACCEPT]
    allowed = [sender for accept in accepts for sender in accept.conditions["StringEquals"][SENDER]]
    assert sorted(allowed) == senders(count)
    assert len(packed) <= POLICIES_PER_ROLE
    assert all(characters(policy) <= POLICY_CHARACTERS for policy in packed)
    assert all(len({statement.sid for statement in policy}) == len(policy) for policy in packed)


@pytest.mark.parametrize("count", [394, 395, 2_000])
def test_the_spoke_role_holds_as_many_senders_within_the_same_limits(compile_settings: Compile, count: int) -> None:
    settings = compile_settings(ram_invitations=section(*senders(count)))
    packed = policies("the spoke role", spoke_statements(settings, AUTOMATIONS))
    accepts = [statement for policy in packed for statement in policy if statement.action == ACCEPT]
    assert sorted(s for each in accepts for s in each.conditions["StringEquals"][SENDER]) == senders(count)
    assert len(packed) <= POLICIES_PER_ROLE
    assert all(characters(policy) <= POLICY_CHARACTERS for policy in packed)


def test_5_000_senders_are_refused_with_what_to_do() -> None:
    with pytest.raises(
        DeploymentError, match=r"ram_invitations.*5,000 values of ram:ShareOwnerAccountId.*would fit.*Shorten"
    ):
        whole_role(section(*senders(5_000)))


def test_a_list_that_excludes_is_never_divided() -> None:
    with pytest.raises(DeploymentError, match=r"StringNotEquals and 800 values.*untrusted: reject"):
        whole_role(section(*senders(800), untrusted="reject"))


def test_the_role_of_a_hub_that_watches_itself_alone_assumes_no_other() -> None:
    actions = {permission.action for permission in common_permissions(RAM, scoped(accounts=["self"]))}
    assert "sts:AssumeRole" not in actions


def test_the_role_assumes_the_spokes_of_the_accounts_in_scope_and_no_others() -> None:
    scope = {
        "accounts": ["self", "222222222222", "333333333333"],
        "exclude_accounts": ["333333333333"],
        "spoke_role": "s",
    }
    (assume,) = [
        permission for permission in common_permissions(RAM, scoped(**scope)) if permission.action == "sts:AssumeRole"
    ]
    assert assume.resources == ("arn:{partition}:iam::222222222222:role/s",)


def test_a_long_list_of_spokes_is_spread_over_policies() -> None:
    scope = {"accounts": senders(300), "spoke_role": "watchkeeper-spoke"}
    packed = policies(RAM.name, statements(common_permissions(RAM, scoped(**scope)), section(), ["us-east-1"]))
    roles = [role for policy in packed for statement in policy for role in statement.resources if ":role/" in role]
    assert len(set(roles)) == len(roles) == 300


def test_a_resource_is_named_in_every_region_in_scope() -> None:
    permission = Permission("ssm:GetParameter", reason="", resources=("arn:{partition}:ssm:{region}:{account}:p",))
    (statement,) = statements([permission], {}, ["us-east-1", "eu-west-1"])
    assert statement.document(PLACES)["Resource"] == [
        "arn:aws:ssm:us-east-1:123456789012:p",
        "arn:aws:ssm:eu-west-1:123456789012:p",
    ]


def test_two_statements_of_one_action_have_names_of_their_own() -> None:
    twice = statements([Permission("ram:ListResources", reason="")] * 2, {}, [])
    assert [statement.sid for statement in twice] == ["RamListResources", "RamListResources2"]


def test_a_list_that_is_not_judged_is_an_empty_one() -> None:
    condition = Condition("StringEquals", "aws:PrincipalArn", setting="allowed[*]")
    assert (
        statements([Permission("ram:ListResources", reason="", conditions=(condition,))], {"allowed": None}, []) == ()
    )
