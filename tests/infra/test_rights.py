"""The wall in IAM: what the configuration does not allow, the role cannot do."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.patterns import matches_text
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.mrap_operations.manifest import AUTOMATION as MRAP
from functions.notifications.manifest import AUTOMATION as NOTIFICATIONS
from functions.ram_invitations.manifest import AUTOMATION as RAM
from functions.shared.automation import Condition, Permission
from functions.shared.deployment.permissions import common_permissions
from functions.shared.deployment.resources import HubDescription
from functions.shared.deployment.statements import RoleStatement, policy_document, statements
from functions.shared.trust import TrustRule
from infra.iam.policies import POLICIES_PER_ROLE, POLICY_CHARACTERS, DeploymentError, policies
from infra.other_accounts.spoke_rights import spoke_statements
from tests.infra.conftest import Compile, scope_of

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


Common = Callable[..., tuple[Permission, ...]]
WholeRole = Callable[[dict[str, Any]], list[tuple[RoleStatement, ...]]]


@pytest.fixture
def common(compile_settings: Compile) -> Common:
    """What the RAM function may do because of what it is, with this scope and these sections."""

    def permissions(*accounts: str, sections: Mapping[str, Any] = MappingProxyType({}), **scope: Any) -> Any:
        given = scope_of(*accounts or ("self",), **scope)
        if "organization" in scope:
            del given["accounts"]
        return common_permissions(RAM, compile_settings(scope=given, **sections))

    return permissions


@pytest.fixture
def whole_role(common: Common) -> WholeRole:
    """The policies of the RAM function's role with this section."""

    def held(section: dict[str, Any]) -> list[tuple[RoleStatement, ...]]:
        return policies(RAM.name, statements((*RAM.permissions, *common()), section, ["us-east-1"]))

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


# Which roles a function assumes, and under which name


ROLE = "arn:{partition}:iam::222222222222:role/watchkeeper-spoke"
TRUSTING = {"ram_invitations": {"mode": "apply", "trust": [{"name": "hub", "accounts": [ONE]}]}}


def named(permissions: tuple[Permission, ...], action: str) -> Permission:
    (found,) = (each for each in permissions if each.action == action)
    return found


def test_the_role_of_a_hub_that_watches_itself_alone_assumes_no_other(common: Common) -> None:
    assert not [each for each in common() if each.action.startswith("sts:")]


@pytest.mark.parametrize(
    ("sections", "roles"),
    [
        ({}, (ROLE,)),
        ({"ram_invitations": {"mode": "apply", "trust": []}}, (ROLE,)),
        (TRUSTING, (ROLE, f"{ROLE}-apply")),
        ({"cloudhsm_backups": {"mode": "apply"}}, (ROLE,)),
    ],
    ids=["plan", "apply that trusts nobody", "apply", "another automation on apply"],
)
def test_the_role_assumes_the_role_that_reads_and_the_other_only_to_change_something(
    common: Common, sections: dict[str, Any], roles: tuple[str, ...]
) -> None:
    scope = {"exclude_accounts": ["333333333333"]}
    held = common("self", TWO, THREE, sections=sections, **scope)
    assert named(held, "sts:AssumeRole").resources == roles
    everywhere = tuple(role.replace(TWO, "*") for role in roles)
    assert named(held, "sts:SetSourceIdentity").resources == everywhere


def test_the_role_names_itself_and_no_other_in_its_sessions_and_stays_in_the_organization(common: Common) -> None:
    itself = Condition("StringEquals", "sts:SourceIdentity", ("ram_invitations",))
    for action in ("sts:AssumeRole", "sts:SetSourceIdentity"):
        assert named(common("self", TWO), action).conditions == (itself,)
    in_organization = {"deployment": {"organization_id": "o-exampleorgid"}}
    assume = named(common("self", TWO, sections=in_organization), "sts:AssumeRole")
    assert assume.conditions == (itself, Condition("StringEquals", "aws:ResourceOrgID", ("o-exampleorgid",)))


def test_a_long_list_of_spokes_is_spread_over_policies(common: Common) -> None:
    packed = policies(RAM.name, statements(common(*senders(300), sections=TRUSTING), section(), ["us-east-1"]))
    assume = [each for policy in packed for each in policy if each.action == "sts:AssumeRole"]
    roles = [role for each in assume for role in each.resources]
    assert len(set(roles)) == len(roles) == 600


# Which partitions of the ledger


def partitions(permissions: tuple[Permission, ...]) -> dict[str, tuple[str, ...]]:
    """Return the partitions that each action is allowed on; a call that names none must not be."""
    found = {}
    for each in permissions:
        if each.action.startswith("dynamodb:") and "{table}" in each.resources:
            is_named, one_of = each.conditions
            assert is_named == Condition("Null", "dynamodb:LeadingKeys", ("false",))
            assert (one_of.operator, one_of.key) == ("ForAllValues:StringLike", "dynamodb:LeadingKeys")
            found[each.action.partition(":")[2]] = one_of.values
    return found


def test_a_function_reads_and_writes_its_own_partitions_of_the_ledger_alone(common: Common) -> None:
    own = ("ram_invitations#*",)
    assert partitions(common()) == dict.fromkeys(("Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem"), own)


def test_a_function_that_events_trigger_reads_who_is_in_scope_and_does_not_write_it(common: Common) -> None:
    held = partitions(common(organization=True))
    assert held.pop("Query") == ("ram_invitations#*", "scope")
    assert set(held.values()) == {("ram_invitations#*",)}


def test_who_notifies_reads_and_marks_what_any_automation_wrote_and_not_who_is_in_scope(
    compile_settings: Compile,
) -> None:
    held = partitions(common_permissions(NOTIFICATIONS, compile_settings()))
    assert held == {"GetItem": ("*#*",), "UpdateItem": ("*#*",)}
    assert not matches_text("*#*", "scope")


def test_the_step_that_lists_the_accounts_alone_writes_who_is_in_scope(compile_settings: Compile) -> None:
    whole = {key: value for key, value in scope_of(organization=True).items() if key != "accounts"}
    hub = HubDescription.of(compile_settings(scope=whole), FUNCTIONS, COMPLIANCE_RUN)
    steps = {step.name: hub.step(step).statements for step in COMPLIANCE_RUN.steps}
    described = {each.name: hub.function(each).statements for each in hub.automations} | steps
    writers = {
        name
        for name, held in described.items()
        for each in held
        if each.action in ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
        for operator, keys in each.conditions.items()
        if operator.startswith("ForAllValues:") and any(matches_text(p, "scope") for p in keys["dynamodb:LeadingKeys"])
    }
    assert writers == {"targets"}


def test_the_poller_knows_the_partitions_of_its_automation_alone(compile_settings: Compile) -> None:
    whole = {key: value for key, value in scope_of(organization=True).items() if key != "accounts"}
    hub = HubDescription.of(compile_settings(scope=whole), FUNCTIONS, COMPLIANCE_RUN)
    assert MRAP.poller
    held = [each for each in hub.poller(MRAP, MRAP.poller).statements if each.action.startswith("dynamodb:")]
    assert len(held) == 5
    for each in held:
        assert each.conditions["ForAllValues:StringLike"] == {"dynamodb:LeadingKeys": ("mrap_operations#*",)}


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
