"""The spoke role's template: whom it trusts, and what it allows in an account that is not the hub's."""

import json
from typing import Any

import pytest

from functions.catalog import AUTOMATIONS
from tests.infra.conftest import Assembly, Compile, scope_of
from tests.infra.reading import Template, joined, lint_messages, of_type, rights_of, statements_of

pytestmark = pytest.mark.xdist_group("infra")


NAME = "templates/watchkeeper-spoke-role"


@pytest.fixture(scope="session")
def spoke(templates: dict[str, Template]) -> Template:
    """The template of the configuration in which every automation does all that it can."""
    return templates[NAME]


@pytest.fixture(scope="session")
def careful(assembly: Assembly, compile_settings: Compile) -> Template:
    """The template of a configuration that changes nothing, and that asks a lot of who assumes the role."""
    return assembly(
        compile_settings(
            hub={"account": "111122223333", "region": "us-east-1"},
            scope=scope_of("self", "222222222222", spoke_role="seen-by-security", external_id="between-us"),
            ram_invitations={"mode": "plan"},
            cloudhsm_backups={"mode": "off"},
            deployment={"organization_id": "o-exampleorgid"},
        )
    )[NAME]


def role_of(template: Template) -> tuple[str, dict[str, Any]]:
    ((name, role),) = of_type(template, "IAM::Role").items()
    return name, role


def trust_of(template: Template) -> dict[str, Any]:
    (statement,) = role_of(template)[1]["AssumeRolePolicyDocument"]["Statement"]
    return dict(statement)


def allowed_by(template: Template) -> list[dict[str, Any]]:
    return list(statements_of(template, role_of(template)[0]))


def test_the_role_has_the_name_that_the_hub_assumes(spoke: Template, careful: Template) -> None:
    assert role_of(spoke)[1]["RoleName"] == "watchkeeper-spoke"
    assert role_of(careful)[1]["RoleName"] == "seen-by-security"


def test_the_role_trusts_the_functions_of_the_hub_and_nobody_else_there(spoke: Template, template: Template) -> None:
    trust = trust_of(spoke)
    assert joined(trust["Principal"]["AWS"]) == "arn:<AWS::Partition>:iam::<HubAccount>:root"
    assert trust["Condition"].keys() == {"ArnLike"}
    patterns = [
        joined(arn).partition(":role/watchkeeper-")[2] for arn in trust["Condition"]["ArnLike"]["aws:PrincipalArn"]
    ]
    trusted = {
        role
        for role in of_type(template, "IAM::Role")
        for start in patterns
        if role.startswith(start.removesuffix("*"))
    }
    assumers = {
        role
        for role, each in of_type(template, "IAM::Role").items()
        if each["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}
    }
    at_home = ("Notifications", "ComplianceRunTargets", "ComplianceRunReport")
    assert trusted == {role for role in assumers if not role.startswith(at_home)}
    assert len(patterns) == len(trusted)


def test_the_names_of_those_roles_are_not_cut_short_of_what_is_trusted(template: Template) -> None:
    generated = 64 - len("watchkeeper-") - len("-ABCDEFGHIJKL")
    for role in of_type(template, "IAM::Role"):
        if "RightsRole" in role:
            assert "RightsRole" in role[:generated]


def test_the_role_demands_the_external_id_and_the_organization_that_are_configured(careful: Template) -> None:
    equal = {"sts:ExternalId": "between-us", "aws:PrincipalOrgID": "o-exampleorgid"}
    assert trust_of(careful)["Condition"]["StringEquals"] == equal


def test_the_hubs_account_is_asked_for_unless_the_configuration_names_it(spoke: Template, careful: Template) -> None:
    assert "Default" not in spoke["Parameters"]["HubAccount"]
    assert careful["Parameters"]["HubAccount"]["Default"] == "111122223333"


def _key(statement: dict[str, Any]) -> str:
    return json.dumps({name: statement[name] for name in statement if name != "Sid"}, sort_keys=True)


def test_the_role_holds_the_functions_own_rights_each_once_and_under_the_same_conditions(
    spoke: Template, template: Template
) -> None:
    held = [_key(statement) for statement in allowed_by(spoke)]
    assert len(held) == len(set(held))
    poller = [role for role in of_type(template, "IAM::Role") if role.startswith("MrapOperationsPollerRights")]
    of_the_hub = {
        _key(statement)
        for statements in (
            *(rights_of(template, automation.name).values() for automation in AUTOMATIONS),
            *(statements_of(template, role) for role in poller),
        )
        for statement in statements
    }
    assert set(held) <= of_the_hub
    services = {json.loads(each)["Action"].partition(":")[0] for each in of_the_hub - set(held)}
    assert services == {"dynamodb", "lambda", "logs", "sqs", "sts", "xray"}


def test_a_role_for_plans_changes_nothing(careful: Template) -> None:
    changing = {permission.action for a in AUTOMATIONS for permission in a.permissions if permission.changes}
    actions = {statement["Action"] for statement in allowed_by(careful)}
    assert changing
    assert not changing & actions
    assert not [action for action in actions if action.startswith("cloudhsm:")]


def test_a_trust_policy_that_iam_would_refuse_stops_the_synthesis(
    assembly: Assembly, compile_settings: Compile
) -> None:
    scope = scope_of("self", "222222222222", external_id="x" * 1_224)
    with pytest.raises(Exception, match=r"2,048.*Shorten scope\.external_id"):
        assembly(compile_settings(scope=scope))


def test_it_is_estimated_from_above(careful: Template) -> None:
    whole = _filled(role_of(careful)[1]["AssumeRolePolicyDocument"])
    from infra.other_accounts.spoke import _TRUST_FRAME, _TRUST_ROLE  # noqa: PLC0415  # starts node

    (statement,) = whole["Statement"]
    roles = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    asked = sum(len(f'"{k}":"{v}",') for k, v in statement["Condition"]["StringEquals"].items())
    estimate = _TRUST_FRAME + len(roles) * (_TRUST_ROLE + len("watchkeeper")) + asked
    assert len(json.dumps(whole, separators=(",", ":"))) <= estimate


def _filled(value: Any) -> Any:
    if isinstance(value, dict) and "Fn::Join" in value:
        return joined(value).replace("<AWS::Partition>", "aws-us-gov").replace("<HubAccount>", "111122223333")
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items()}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def test_the_template_needs_neither_assets_nor_bootstrapping_and_breaks_no_rule(spoke: Template) -> None:
    assert spoke.keys() == {"Description", "Parameters", "Resources"}
    assert {each["Type"] for each in spoke["Resources"].values()} == {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
    assert lint_messages(spoke) == []
    assert "arn:aws:" not in json.dumps(spoke)
