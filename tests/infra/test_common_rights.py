"""What a function may do because of what it is: which roles it assumes, which partitions of the ledger it uses."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from emulator.iam.patterns import matches_text
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.mrap_operations.manifest import AUTOMATION as MRAP
from functions.notifications.manifest import AUTOMATION as NOTIFICATIONS
from functions.ram_invitations.manifest import AUTOMATION as RAM
from functions.shared.automation import Condition, Permission
from functions.shared.deployment.permissions import common_permissions
from functions.shared.deployment.resources import HubDescription
from functions.shared.deployment.statements import statements
from infra.iam.policies import policies
from tests.infra.conftest import Compile, scope_of

ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
Common = Callable[..., tuple[Permission, ...]]


@pytest.fixture
def common(compile_settings: Compile) -> Common:
    """What the RAM function may do because of what it is, with this scope and these sections."""

    def permissions(*accounts: str, sections: Mapping[str, Any] = MappingProxyType({}), **scope: Any) -> Any:
        given = scope_of(*accounts or ("self",), **scope)
        if "organization" in scope:
            del given["accounts"]
        return common_permissions(RAM, compile_settings(scope=given, **sections))

    return permissions


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
    many = [f"{number:012}" for number in range(1, 301)]
    packed = policies(RAM.name, statements(common(*many, sections=TRUSTING), {}, ["us-east-1"]))
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


def test_a_function_reads_and_writes_its_own_partitions_of_the_ledger_and_reads_the_mutes(common: Common) -> None:
    held = partitions(common())
    assert held.pop("Query") == ("ram_invitations#*", "mutes")
    assert held == dict.fromkeys(("GetItem", "PutItem", "UpdateItem", "DeleteItem"), ("ram_invitations#*",))


def test_a_function_reads_who_is_in_scope_and_does_not_write_it(common: Common) -> None:
    held = partitions(common(organization=True))
    assert held.pop("Query") == ("ram_invitations#*", "mutes", "scope")
    assert set(held.values()) == {("ram_invitations#*",)}


def test_who_notifies_reads_and_marks_what_any_automation_wrote_and_not_who_is_in_scope(
    compile_settings: Compile,
) -> None:
    held = partitions(common_permissions(NOTIFICATIONS, compile_settings()))
    assert held == {"GetItem": ("*#*",), "UpdateItem": ("*#*",), "Query": ("mutes",)}
    assert not any(matches_text("*#*", partition) for partition in ("scope", "mutes"))


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
        (keys,) = each.conditions["ForAllValues:StringLike"].values()
        assert keys == ("mrap_operations#*", *(("mutes", "scope") if each.action == "dynamodb:Query" else ()))
