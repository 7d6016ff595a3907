"""What the stacks' policies let services and other accounts do: each fails closed, and none admits a forged event."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.iam.conditions import conditions_of
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.deployment.resources import HubDescription
from tests.conftest import settings
from tests.infra.reading import Template, of_type

pytestmark = pytest.mark.xdist_group("infra")

GOLDEN = sorted(Path(__file__).with_name("golden").glob("*.json"))
KEY_PAGE = Path(__file__).parents[2] / "docs" / "key-policy.md"
HUB = "123456789012"

WITHOUT_SOURCE = {
    "lambda.amazonaws.com": "of a function's own role: AWS promises no such key when Lambda assumes it, a role that "
    "Lambda cannot assume stops all, and only who may pass the role (iam:PassRole) can give it to a function",
}
"""Services whose statements say nothing of the source, and why."""


def templates() -> Iterator[tuple[str, Template]]:
    for path in GOLDEN:
        yield path.name, json.loads(path.read_text(encoding="utf-8"))


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every statement of every policy, wherever it stands."""
    match value:
        case {"Effect": "Allow" | "Deny"}:
            yield value
        case dict():
            for each in value.values():
                yield from statements(each)
        case list():
            for each in value:
                yield from statements(each)


def of_all_templates() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, template in templates():
        yield from ((name, statement) for statement in statements(template["Resources"]))


def keys_of(statement: dict[str, Any]) -> set[str]:
    return {key for keys in statement.get("Condition", {}).values() for key in keys}


def services_of(statement: dict[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return services if isinstance(services, list) else [services]


def test_no_statement_allows_what_a_missing_key_says_nothing_of() -> None:
    found = list(of_all_templates())
    assert len(found) > 50
    for name, statement in found:
        if statement["Effect"] == "Allow":
            assert not [each for each in statement.get("Condition", {}) if each.endswith("IfExists")], (name, statement)


def test_each_service_that_is_let_in_must_act_for_this_account() -> None:
    admitted = [(name, each) for name, each in of_all_templates() if services_of(each) and each["Effect"] == "Allow"]
    assert admitted
    for name, statement in admitted:
        if not set(services_of(statement)) <= WITHOUT_SOURCE.keys():
            assert keys_of(statement) & {"aws:SourceAccount", "aws:SourceArn"}, (name, statement)


def test_each_rule_that_may_invoke_a_function_is_named() -> None:
    for _, template in templates():
        for permission in of_type(template, "Lambda::Permission").values():
            assert permission["SourceArn"]["Fn::GetAtt"][0] in of_type(template, "Events::Rule")


def test_whoever_wants_our_own_events_takes_them_of_the_hubs_account_alone() -> None:
    for _, template in templates():
        for name, rule in of_type(template, "Events::Rule").items():
            if "watchkeeper" in rule["EventPattern"]["source"]:
                assert rule["EventPattern"]["account"] == [{"Ref": "AWS::AccountId"}], name


def test_the_key_that_a_person_gives_lets_in_services_for_this_hub_alone() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", KEY_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    policy = json.loads(text)
    admitted = [each for each in policy if services_of(each)]
    assert {service for each in admitted for service in services_of(each)} >= {"cloudwatch.amazonaws.com"}
    for statement in admitted:
        assert not [each for each in statement["Condition"] if each.endswith("IfExists")]
        keys = keys_of(statement)
        by_context = {"kms:EncryptionContext:aws:sqs:arn", "kms:EncryptionContext:aws:logs:arn"}
        assert keys == {"aws:SourceAccount"} or keys <= by_context, statement
        assert "111122223333" in json.dumps(statement["Condition"])


# The bus: what a member account can put on it

MEMBER_PUTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "an event of RAM, by a rule": (("aws.ram",), ("true",)),
    "an alarm of its forwarder, by a rule": (("aws.cloudwatch",), ("true",)),
    "our own event, by a rule": (("watchkeeper",), ("true",)),
    "our own event, by a call": (("watchkeeper",), ("false",)),
    "our own event beside one of RAM": (("aws.ram", "watchkeeper"), ("true",)),
    "an event of RAM, by a call": (("aws.ram",), ("false",)),
    "an event of RAM, and nothing says how": (("aws.ram",), ()),
    "an event without a source": ((), ("true",)),
    "an event of a partner": (("aws.partner/example.com/any",), ("true",)),
    "the word that a webhook is dead": (("aws.events",), ("true",)),
    "the word that a poller is dead": (("aws.lambda",), ("true",)),
    "an event of a service that nothing watches": (("aws.ec2",), ("true",)),
}
ADMITTED = {"an event of RAM, by a rule", "an alarm of its forwarder, by a rule"}


def hub(**scope: Any) -> HubDescription:
    scope = {"regions": ["us-east-1"], **scope}
    document = settings(deployment={"organization_id": "o-exampleorgid"}).document
    changed = {**document, "scope": {**{k: v for k, v in document["scope"].items() if k != "accounts"}, **scope}}
    return HubDescription.of(type(settings())(changed), FUNCTIONS, COMPLIANCE_RUN)


SCOPES = {"listed": {"accounts": ["self", "210987654321"]}, "an organization": {"organization": True}}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("what", MEMBER_PUTS)
def test_a_member_puts_events_of_aws_on_the_bus_by_its_rules_and_nothing_else(what: str, scope: str) -> None:
    sources, by_rule = MEMBER_PUTS[what]
    statement = hub(**SCOPES[scope]).bus_statements()["AccountsInScope"]
    keys = {
        "events:source": sources,
        "events:eventbusinvocation": by_rule,
        "aws:principalorgid": ("o-exampleorgid",),
    }
    assert all(condition.holds(keys) for condition in conditions_of(statement["Condition"])) is (what in ADMITTED)


def test_nobody_of_another_organization_puts_anything_on_the_bus() -> None:
    statement = hub(organization=True).bus_statements()["AccountsInScope"]
    keys = {"events:source": ("aws.ram",), "events:eventbusinvocation": ("true",), "aws:principalorgid": ("o-other",)}
    assert not all(condition.holds(keys) for condition in conditions_of(statement["Condition"]))


def test_the_bus_names_the_hubs_own_account_whatever_the_scope_is() -> None:
    for scope in SCOPES.values():
        own = hub(**scope).bus_statements()["OwnAccount"]
        assert own["Principal"] == {"AWS": "arn:{partition}:iam::{account}:root"}
    assert hub(accounts=["self"]).bus_statements().keys() == {"OwnAccount"}


# The order: a rule is taken only if the bus that it sends to is there


def test_forwarders_come_after_the_bus_and_its_policy_and_go_before_them(assembly: Any, compile_settings: Any) -> None:
    order: list[list[str]] = []

    def read(hub_stack: Any) -> None:
        app = hub_stack.node.root
        found = [each for each in app.node.children if each.node.id.startswith("watchkeeper-forwarder")]
        order.extend([[stack.node.id for stack in each.dependencies] for each in found])

    assembly(compile_settings(), change=read)
    assert order == [["watchkeeper"], ["watchkeeper"]]


def test_stack_sets_come_after_the_bus_and_its_policy(synthesize: Any, compile_settings: Any) -> None:
    units = {"organizational_units": ["ou-ab12-cd34ef56"], "call_as": "SELF"}
    scope = {**compile_settings().scope, "accounts": ["self", "222222222222"]}
    template = synthesize(compile_settings(scope=scope, deployment={"stack_set": units}))
    policies = of_type(template, "Events::EventBusPolicy").keys()
    sets = [each for each in template["Resources"].values() if each["Type"] == "AWS::CloudFormation::StackSet"]
    assert len(sets) == len(policies) == 2
    assert all(policies <= set(each["DependsOn"]) for each in sets)
