"""Stack sets, where they are asked for: they bring both templates to exactly the accounts in scope."""

import json
from typing import Any

import pytest

from tests.infra.conftest import Assembly, Compile, scope_of
from tests.infra.reading import Template, of_type

pytestmark = pytest.mark.xdist_group("infra")


UNITS = {"organizational_units": ["ou-ab12-cd34ef56"], "call_as": "DELEGATED_ADMIN"}


@pytest.fixture(scope="session")
def templates_of_sets(assembly: Assembly, compile_settings: Compile) -> dict[str, Template]:
    scope = scope_of("self", "222222222222", "444444444444")
    return assembly(compile_settings(scope=scope, deployment={"stack_set": UNITS}))


@pytest.fixture(scope="session")
def sets(templates_of_sets: dict[str, Template]) -> dict[str, dict[str, Any]]:
    """The stack sets' properties, by the parameter that each gives its stacks."""
    found = of_type(templates_of_sets["watchkeeper"], "CloudFormation::StackSet").values()
    return {each["Parameters"][0]["ParameterKey"]: each for each in found}


def test_none_is_made_unless_it_is_asked_for(template: Template) -> None:
    assert not of_type(template, "CloudFormation::StackSet")


def test_they_deploy_the_very_templates_that_are_written_beside_the_app(
    templates_of_sets: dict[str, Template], sets: dict[str, dict[str, Any]]
) -> None:
    for parameter, name in (("HubAccount", "spoke-role"), ("HubBusArn", "forwarder")):
        assert json.loads(sets[parameter]["TemplateBody"]) == templates_of_sets[f"templates/watchkeeper-{name}"]


def test_they_reach_the_accounts_in_scope_and_none_else_of_the_units(sets: dict[str, dict[str, Any]]) -> None:
    for each in sets.values():
        (group,) = each["StackInstancesGroup"]
        assert group["DeploymentTargets"] == {
            "AccountFilterType": "INTERSECTION",
            "Accounts": ["222222222222", "444444444444"],
            "OrganizationalUnitIds": ["ou-ab12-cd34ef56"],
        }


def test_the_role_comes_once_to_an_account_and_the_forwarder_to_each_region(sets: dict[str, dict[str, Any]]) -> None:
    regions = {parameter: each["StackInstancesGroup"][0]["Regions"] for parameter, each in sets.items()}
    assert regions == {"HubAccount": ["us-east-1"], "HubBusArn": ["eu-west-1", "us-east-1", "us-west-2"]}


def test_organizations_manages_them_and_new_accounts_get_them(sets: dict[str, dict[str, Any]]) -> None:
    for each in sets.values():
        assert (each["PermissionModel"], each["CallAs"]) == ("SERVICE_MANAGED", "DELEGATED_ADMIN")
        assert each["AutoDeployment"]["Enabled"] is True
        assert each["OperationPreferences"]["FailureTolerancePercentage"] < 100


def test_a_template_that_is_too_long_for_them_stops_the_synthesis(
    assembly: Assembly, compile_settings: Compile
) -> None:
    trust = [{"name": "many", "accounts": [f"{number:012}" for number in range(1, 3_301)]}]
    ram = {"mode": "apply", "trust": trust}
    changes = {"scope": scope_of("self", "222222222222"), "ram_invitations": ram, "deployment": {"stack_set": UNITS}}
    with pytest.raises(Exception, match=r"watchkeeper-spoke-role: .*51,200 inline.*deployment.stack_set"):
        assembly(compile_settings(**changes))
