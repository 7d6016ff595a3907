"""The wall in IAM: what the configuration does not allow, the role cannot do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.patterns import matches_text
from functions.catalog import AUTOMATIONS
from functions.ram_invitations.manifest import AUTOMATION as RAM
from functions.shared.automation import Condition, Permission
from functions.shared.deployment.permissions import common_permissions
from functions.shared.deployment.statements import RoleStatement, policy_document, statements
from functions.shared.trust import TrustRule
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


WholeRole = Callable[[dict[str, Any]], list[tuple[RoleStatement, ...]]]


@pytest.fixture
def whole_role(compile_settings: Compile) -> WholeRole:
    """The policies of the RAM function's role with this section."""

    def held(section: dict[str, Any]) -> list[tuple[RoleStatement, ...]]:
        permissions = (*RAM.permissions, *common_permissions(RAM, compile_settings()))
        return policies(RAM.name, statements(permissions, section, ["us-east-1"]))

    return held


def senders(count: int) -> list[str]:
    return [f"{number:012}" for number in range(1, count + 1)]


def section(*accounts: str, **changes: str) -> dict[str, Any]:
    trust = [{"name": "hub", "accounts": [*accounts]}] if accounts else []
    return {"mode": "apply", "untrusted": "hold", "trust": trust, **changes}


def ram_statements(section: dict[str, Any]) -> tuple[RoleStatement, ...]:
    return statements(RAM.permissions, section, ["us-east-1"])


def of(action: str, section: dict[str, Any]) -> list[RoleStatement]:
    return [statement for statement in ram_statements(section) if statement.action == action]


def characters(policy: tuple[RoleStatement, ...]) -> int:
    return len(json.dumps(policy_document(policy, PLACES), separators=(",", ":")))


def test_an_empty_trust_list_grants_no_acceptance() -> None:
    assert of(ACCEPT, section()) == []


def test_acceptance_is_granted_for_the_trusted_senders_only_and_in_the_regions_in_scope() -> None:
    two_rules = section() | {"trust": [{"accounts": ["222222222222", "111111111111"]}, {"accounts": ["111111111111"]}]}
    (accept,) = of(ACCEPT, two_rules)
    assert accept.document(PLACES) == {
        "Sid": "RamAcceptResourceShareInvitation",
        "Effect": "Allow",
        "Action": ACCEPT,
        "Resource": "arn:aws:ram:*:*:resource-share-invitation/*",
        "Condition": {"StringEquals": {SENDER: ["111111111111", "222222222222"], "aws:RequestedRegion": ["us-east-1"]}},
    }


ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"


def accepting(*rules: dict[str, Any], regions: tuple[str, ...] = ("us-east-1", "eu-west-1")) -> list[Any]:
    """Return what acceptance is bound to under these rules: senders, names of shares and Regions of each statement."""
    held = statements(RAM.permissions, {**section(), "trust": list(rules)}, regions)
    conditions = [each.conditions for each in held if each.action == ACCEPT]
    assert all(each.keys() <= {"StringEquals", "StringLike"} for each in conditions)
    return [
        (
            each["StringEquals"][SENDER],
            each.get("StringLike", {}).get("ram:ResourceShareName"),
            each["StringEquals"].get("aws:RequestedRegion"),
        )
        for each in conditions
    ]


def test_the_role_follows_the_names_and_regions_of_the_rules() -> None:
    in_scope = ("eu-west-1", "us-east-1")
    assert accepting(
        {"accounts": [TWO], "share_names": ["prod-*", "shared-?"]},
        {"accounts": [ONE], "share_names": ["shared-?", "prod-*"]},
        {"accounts": [ONE], "regions": ["eu-west-1"]},
        {"accounts": [THREE], "share_names": ["prod-*", "shared-?"], "regions": ["eu-west-1"]},
        {"accounts": [THREE]},
    ) == [
        ((ONE, TWO), ("prod-*", "shared-?"), in_scope),
        ((ONE,), None, ("eu-west-1",)),
        ((THREE,), ("prod-*", "shared-?"), ("eu-west-1",)),
        ((THREE,), None, in_scope),
    ]


def test_where_every_region_is_in_scope_only_those_of_a_rule_bind() -> None:
    rules = {"accounts": [ONE]}, {"accounts": [TWO], "regions": ["eu-west-1"]}
    assert accepting(*rules, regions=("*",)) == [((ONE,), None, None), ((TWO,), None, ("eu-west-1",))]


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("prod-*", "prod-*"),
        ("${aws:username}", "${$}{aws:username}"),
        ("$5", "$5"),
        ("größe-?", "größe-?"),
        ("сеть-prod-сеть", "*-prod-*"),
        ("net\nwork", "net*work"),
    ],
)
def test_a_pattern_means_in_iam_what_it_means_in_the_code_or_more(pattern: str, written: str) -> None:
    assert accepting({"accounts": [ONE], "share_names": [pattern]}) == [
        ((ONE,), (written,), ("eu-west-1", "us-east-1"))
    ]


@given(
    pattern=st.text("ab*?${}[]\\é€", min_size=1, max_size=6),
    name=st.text("ab*?${}[]\\é€", max_size=6),
)
def test_iam_covers_every_name_that_a_rule_covers(pattern: str, name: str) -> None:
    ((_, (written,), _),) = accepting({"accounts": [ONE], "share_names": [pattern]})
    rule = TrustRule("any", frozenset({ONE}), share_names=(pattern,))
    if rule.covers(sender=ONE, region="us-east-1", share_name=name):
        assert matches_text(written, name)
    elif "€" not in pattern:
        assert not matches_text(written, name)


def test_a_long_list_of_names_is_divided_without_allowing_more(whole_role: WholeRole) -> None:
    names = [f"{number:04}-{'n' * 60}" for number in range(300)]
    rules = [{"accounts": senders(20), "share_names": names}]
    packed = whole_role({**section(), "trust": rules})
    accepts = [each.conditions for policy in packed for each in policy if each.action == ACCEPT]
    assert len(accepts) > 1
    assert sorted(n for each in accepts for n in each["StringLike"]["ram:ResourceShareName"]) == names
    assert {each["StringEquals"][SENDER] for each in accepts} == {tuple(senders(20))}


CHANGES = [right for each in AUTOMATIONS for right in each.permissions if right.changes]


@pytest.mark.parametrize("right", CHANGES, ids=lambda right: f"{right.action} {right.needs}")
def test_what_changes_something_is_allowed_in_the_regions_in_scope_only(
    right: Permission, compile_settings: Compile
) -> None:
    rule = {"name": "hub", "accounts": [ONE]}
    settings = compile_settings(ram_invitations={"trust": [rule]}, resource_shares={"allowed_principals": [ONE]})
    (owner,) = (each for each in AUTOMATIONS if right in each.permissions)
    whole = {**settings.section(owner.name), **right.needs}
    (held,) = statements([right], whole, ["us-east-1", "eu-west-1"])
    assert held.changes
    assert held.conditions["StringEquals"]["aws:RequestedRegion"] == ("eu-west-1", "us-east-1")


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
        "StringEquals": {"aws:RequestedRegion": ["us-east-1"]},
    }


def test_rejection_without_any_trusted_sender_still_demands_a_known_one() -> None:
    (reject,) = of(REJECT, section(untrusted="reject"))
    assert reject.document(PLACES)["Condition"] == {
        "Null": {SENDER: ["false"]},
        "StringEquals": {"aws:RequestedRegion": ["us-east-1"]},
    }


def test_380_senders_fit_one_policy(whole_role: WholeRole) -> None:
    packed = whole_role(section(*senders(380)))
    (policy,) = [held for held in packed if any(statement.action == ACCEPT for statement in held)]
    assert characters(policy) <= POLICY_CHARACTERS


@pytest.mark.parametrize("count", [1, 390, 394, 395, 400, 1_000, 2_000, 3_400])
def test_every_sender_is_allowed_in_exactly_one_policy_within_the_limits(count: int, whole_role: WholeRole) -> None:
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


def test_5_000_senders_are_refused_with_what_to_do(whole_role: WholeRole) -> None:
    with pytest.raises(
        DeploymentError, match=r"ram_invitations.*5,000 values of ram:ShareOwnerAccountId.*would fit.*Shorten"
    ):
        whole_role(section(*senders(5_000)))


def test_a_list_that_excludes_is_never_divided(whole_role: WholeRole) -> None:
    with pytest.raises(DeploymentError, match=r"StringNotEquals and 800 values.*untrusted: reject"):
        whole_role(section(*senders(800), untrusted="reject"))


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
