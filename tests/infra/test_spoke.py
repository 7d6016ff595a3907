"""The template of the spoke roles: whom they trust, and what they allow in an account that is not the hub's."""

import json
from typing import Any

import pytest

from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.deployment.resources import HubDescription
from functions.shared.settings import Settings
from infra.logical_ids import logical
from tests.infra.conftest import Assembly, Compile, scope_of
from tests.infra.reading import Template, joined, lint_messages, of_type, rights_of, statements_of

pytestmark = pytest.mark.xdist_group("infra")


NAME = "templates/watchkeeper-spoke-role"


@pytest.fixture(scope="session")
def spoke(templates: dict[str, Template]) -> Template:
    """The template of the configuration in which every automation does all that it can."""
    return templates[NAME]


@pytest.fixture(scope="session")
def careful_settings(compile_settings: Compile) -> Settings:
    """A configuration that changes nothing, and that asks a lot of who assumes the role."""
    return compile_settings(
        hub={"account": "111122223333", "region": "us-east-1"},
        scope=scope_of("self", "222222222222", spoke_role="seen-by-security", external_id="between-us"),
        ram_invitations={"mode": "plan"},
        cloudhsm_backups={"mode": "off"},
        deployment={"organization_id": "o-exampleorgid"},
    )


@pytest.fixture(scope="session")
def careful(assembly: Assembly, careful_settings: Settings) -> Template:
    """The template of that configuration."""
    return assembly(careful_settings)[NAME]


READS, CHANGES = "watchkeeper-spoke", "watchkeeper-spoke-apply"


def roles_of(template: Template) -> dict[str, tuple[str, dict[str, Any]]]:
    """The logical id and the properties of each role, by its name."""
    return {role["RoleName"]: (logical_id, role) for logical_id, role in of_type(template, "IAM::Role").items()}


def trust_of(template: Template, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who may assume a role, and which names a session may have."""
    assume, naming = roles_of(template)[name][1]["AssumeRolePolicyDocument"]["Statement"]
    assert (assume["Action"], naming["Action"]) == ("sts:AssumeRole", "sts:SetSourceIdentity")
    assert assume["Principal"] == naming["Principal"]
    return assume, naming


def allowed_by(template: Template, name: str) -> list[dict[str, Any]]:
    return list(statements_of(template, roles_of(template)[name][0]))


def trusted_by(template: Template, name: str, hub: Template) -> set[str]:
    """The hub's roles that a spoke role trusts, each by a pattern of its own."""
    (assume, _) = trust_of(template, name)
    assert joined(assume["Principal"]["AWS"]) == "arn:<AWS::Partition>:iam::<HubAccount>:root"
    arns = assume["Condition"]["ArnLike"]["aws:PrincipalArn"]
    starts = [joined(arn).partition(":role/watchkeeper-")[2].removesuffix("*") for arn in arns]
    trusted = {role for role in of_type(hub, "IAM::Role") for start in starts if role.startswith(start)}
    assert len(starts) == len(trusted)
    return trusted


def test_the_roles_have_the_names_that_the_hub_assumes(spoke: Template, careful: Template) -> None:
    assert roles_of(spoke).keys() == {READS, CHANGES}
    assert roles_of(careful).keys() == {"seen-by-security"}


def test_the_role_that_reads_trusts_the_functions_of_the_hub_and_nobody_else_there(
    spoke: Template, template: Template
) -> None:
    assumers = {
        role
        for role, each in of_type(template, "IAM::Role").items()
        if each["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}
    }
    at_home = ("Notifications", "ComplianceRunTargets", "ComplianceRunReport")
    assert trusted_by(spoke, READS, template) == {role for role in assumers if not role.startswith(at_home)}


def test_the_role_that_changes_trusts_those_alone_that_change_something(
    spoke: Template, template: Template, assembly: Assembly, compile_settings: Compile
) -> None:
    def names(trusted: set[str]) -> set[str]:
        return {role.partition("RightsRole")[0] for role in trusted}

    changing = {"RamInvitations", "ResourceShares", "CloudhsmBackups", "ComplianceRunSweep"}
    assert names(trusted_by(spoke, CHANGES, template)) == changing
    trust = [{"name": "hub", "accounts": ["111122223333"]}]
    one = compile_settings(
        scope=scope_of("self", "222222222222"),
        ram_invitations={"mode": "apply", "trust": trust},
    )
    assert names(trusted_by(assembly(one)[NAME], CHANGES, template)) == {"RamInvitations", "ComplianceRunSweep"}


@pytest.mark.parametrize("name", [READS, CHANGES])
def test_a_session_has_the_name_of_a_function_that_the_role_trusts(spoke: Template, name: str) -> None:
    assume, naming = trust_of(spoke, name)
    names = assume["Condition"]["StringEquals"]["sts:SourceIdentity"]
    assert naming["Condition"] == {"StringEquals": {"sts:SourceIdentity": names}}
    arns = map(joined, assume["Condition"]["ArnLike"]["aws:PrincipalArn"])
    roles = {arn.partition(":role/watchkeeper-")[2].partition("RightsRole")[0] for arn in arns}
    of_functions = {logical(part.replace("-", "_")) for part in names}
    assert {role.removesuffix("Poller") for role in roles} == of_functions


def test_each_function_has_a_name_that_the_roles_know(spoke: Template, template: Template) -> None:
    names = trust_of(spoke, READS)[0]["Condition"]["StringEquals"]["sts:SourceIdentity"]
    variables = [each["Environment"]["Variables"] for each in of_type(template, "Lambda::Function").values()]
    assert {each["SOURCE_IDENTITY"] for each in variables if "SOURCE_IDENTITY" in each} == set(names)


def test_the_names_of_those_roles_are_not_cut_short_of_what_is_trusted(template: Template) -> None:
    generated = 64 - len("watchkeeper-") - len("-ABCDEFGHIJKL")
    for role in of_type(template, "IAM::Role"):
        if "RightsRole" in role:
            assert "RightsRole" in role[:generated]


def test_the_role_demands_the_external_id_and_the_organization_that_are_configured(careful: Template) -> None:
    equal = dict(trust_of(careful, "seen-by-security")[0]["Condition"]["StringEquals"])
    assert equal.pop("sts:SourceIdentity")
    assert equal == {"sts:ExternalId": "between-us", "aws:PrincipalOrgID": "o-exampleorgid"}


def test_the_hubs_account_is_asked_for_unless_the_configuration_names_it(spoke: Template, careful: Template) -> None:
    assert "Default" not in spoke["Parameters"]["HubAccount"]
    assert careful["Parameters"]["HubAccount"]["Default"] == "111122223333"


def _key(statement: dict[str, Any]) -> str:
    return json.dumps({name: statement[name] for name in statement if name != "Sid"}, sort_keys=True)


def test_the_roles_hold_the_functions_own_rights_each_once_and_under_the_same_conditions(
    spoke: Template, template: Template
) -> None:
    held = [_key(statement) for name in (READS, CHANGES) for statement in allowed_by(spoke, name)]
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


def test_one_role_reads_and_the_other_one_changes(spoke: Template, careful: Template) -> None:
    changing = {permission.action for a in AUTOMATIONS for permission in a.permissions if permission.changes}
    assert changing
    assert {statement["Action"] for statement in allowed_by(spoke, CHANGES)} == changing
    for template, name in ((spoke, READS), (careful, "seen-by-security")):
        assert not changing & {statement["Action"] for statement in allowed_by(template, name)}
    assert "cloudhsm:" not in json.dumps(allowed_by(careful, "seen-by-security"))


def test_a_trust_policy_that_iam_would_refuse_stops_the_synthesis(
    assembly: Assembly, compile_settings: Compile
) -> None:
    scope = scope_of("self", "222222222222", external_id="x" * 1_224)
    with pytest.raises(Exception, match=r"2,048.*Shorten scope\.external_id"):
        assembly(compile_settings(scope=scope))


def test_its_length_is_that_of_the_longest_partition(careful: Template, careful_settings: Settings) -> None:
    whole = _filled(roles_of(careful)["seen-by-security"][1]["AssumeRolePolicyDocument"])
    hub = HubDescription.of(careful_settings, FUNCTIONS, COMPLIANCE_RUN)
    from infra.other_accounts.spoke_trust import functions_of, trust_length  # noqa: PLC0415  # starts node

    functions = functions_of(hub.sweeping, with_pollers=True)
    assert len(json.dumps(whole, separators=(",", ":"))) == trust_length(hub, functions)


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
