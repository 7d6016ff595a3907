"""The section `deployment`: what each option changes in the templates."""

import json
from typing import Any

import pytest

from emulator.iam.statements import identity_policy, trust_policy
from functions.catalog import FUNCTIONS
from tests.infra.conftest import Assembly, Compile, scope_of
from tests.infra.reading import (
    Template,
    function_of,
    joined,
    lint_messages,
    of_type,
    policies_of,
    rights_of,
    statements_of,
)
from tests.infra.test_least_rights import IN_A_VPC

pytestmark = pytest.mark.xdist_group("infra")


KEY = "arn:aws:kms:us-east-1:123456789012:key/0123abcd-01ab-23cd-45ef-0123456789ab"
BOUNDARY = "arn:aws:iam::123456789012:policy/teams/watch"
OPTIONS: dict[str, Any] = {
    "kms_key_arn": KEY,
    "vpc": {"subnet_ids": ["subnet-0123abcd"], "security_group_ids": ["sg-0123abcd"]},
    "permissions_boundary": BOUNDARY,
    "log_retention_days": 365,
    "reserved_concurrency": 10,
    "tags": {"cost-centre": "42", "team:name": "security"},
}


@pytest.fixture(scope="session")
def opted(assembly: Assembly, compile_settings: Compile) -> dict[str, Template]:
    """All templates of a configuration with every option."""
    webhook = {"name": "ops", "url_secret": "watchkeeper/ops", "form": "slack"}
    people = {"emails": ["on-call@example.com"], "webhooks": [webhook]}
    scope = scope_of("self", "444455556666")
    return assembly(compile_settings(scope=scope, notifications=people, deployment=OPTIONS))


@pytest.fixture(scope="session")
def hub(opted: dict[str, Template]) -> Template:
    return opted["watchkeeper"]


def test_every_policy_is_one_that_the_emulated_iam_judges(
    opted: dict[str, Template], templates: dict[str, Template]
) -> None:
    read = {"identity": identity_policy, "trust": trust_policy}
    found = [(kind, text) for made in (opted, templates) for each in made.values() for kind, text in policies_of(each)]
    assert {kind for kind, _ in found} == read.keys()
    for kind, text in found:
        assert read[kind](text)


def test_the_key_encrypts_all_that_the_hub_keeps(hub: Template) -> None:
    (table,) = of_type(hub, "DynamoDB::Table").values()
    assert table["SSESpecification"] == {"KMSMasterKeyId": KEY, "SSEEnabled": True, "SSEType": "KMS"}
    assert {each["KmsMasterKeyId"] for each in of_type(hub, "SQS::Queue").values()} == {KEY}
    assert {each["KmsMasterKeyId"] for each in of_type(hub, "SNS::Topic").values()} == {KEY}
    assert {each["KmsKeyId"] for each in of_type(hub, "Logs::LogGroup").values()} == {KEY}
    assert {each["KmsKeyArn"] for each in of_type(hub, "Lambda::Function").values()} == {KEY}


def test_every_function_may_use_the_key_and_none_other(hub: Template) -> None:
    for function in FUNCTIONS:
        uses = {action: right for action, right in rights_of(hub, function.name).items() if action.startswith("kms:")}
        assert {"kms:Decrypt", "kms:GenerateDataKey"} <= uses.keys()
        assert {right["Resource"] for right in uses.values()} == {KEY}


def test_every_schedule_may_encrypt_what_it_cannot_deliver(hub: Template) -> None:
    for schedule in of_type(hub, "Scheduler::Schedule").values():
        role = of_type(hub, "IAM::Role")[schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]]
        allowed = {each["Action"]: each["Resource"] for each in role["Policies"][0]["PolicyDocument"]["Statement"]}
        assert (allowed["kms:GenerateDataKey"], allowed["kms:Decrypt"]) == (KEY, KEY)


def test_no_flood_of_events_takes_more_than_is_reserved_and_the_compliance_run_has_the_rest(hub: Template) -> None:
    reserved = {
        each["Handler"]: each.get("ReservedConcurrentExecutions") for each in of_type(hub, "Lambda::Function").values()
    }
    by_events = {function.handler for function in FUNCTIONS} | {f.poller.handler for f in FUNCTIONS if f.poller}
    assert {handler for handler, number in reserved.items() if number == 10} == by_events
    assert [number for handler, number in reserved.items() if handler not in by_events] == [None] * 3


def test_no_session_in_another_account_gets_rights_to_the_key_or_the_network(hub: Template) -> None:
    for function in FUNCTIONS:
        variables = function_of(hub, function.name)[1]["Environment"]["Variables"]
        actions = variables.get("SESSION_ACTIONS", "") + variables.get("SESSION_CHANGES", "")
        assert "kms:" not in actions
        assert "ec2:" not in actions


def test_every_function_runs_in_the_vpc_and_may_reach_it(hub: Template) -> None:
    for function in of_type(hub, "Lambda::Function").values():
        assert function["VpcConfig"] == {"SubnetIds": ["subnet-0123abcd"], "SecurityGroupIds": ["sg-0123abcd"]}
        allowed = {each["Action"] for each in statements_of(hub, function["Role"]["Fn::GetAtt"][0])}
        assert allowed >= IN_A_VPC


def test_every_role_of_every_stack_is_bounded_by_that_policy_of_its_own_account(opted: dict[str, Template]) -> None:
    assert len(opted) == 5
    for template in opted.values():
        roles = of_type(template, "IAM::Role").values()
        assert roles
        assert {joined(role["PermissionsBoundary"]) for role in roles} == {
            "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/teams/watch"
        }


def test_a_boundary_of_aws_is_the_same_in_every_account(assembly: Assembly, compile_settings: Compile) -> None:
    made = assembly(compile_settings(deployment={"permissions_boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}))
    (boundary,) = {joined(role["PermissionsBoundary"]) for role in of_type(made["watchkeeper"], "IAM::Role").values()}
    assert boundary == "arn:<AWS::Partition>:iam::aws:policy/ReadOnlyAccess"


def test_every_log_is_kept_as_long_as_is_asked_for(hub: Template, template: Template) -> None:
    assert {log["RetentionInDays"] for log in of_type(hub, "Logs::LogGroup").values()} == {365}
    assert {log["RetentionInDays"] for log in of_type(template, "Logs::LogGroup").values()} == {90}


def _as_pairs(tags: Any) -> dict[str, str]:
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def test_everything_that_can_be_tagged_is_tagged(opted: dict[str, Template]) -> None:
    wanted = {"application": "watchkeeper", "cost-centre": "42", "team:name": "security"}
    for template in opted.values():
        tagged = [each["Properties"]["Tags"] for each in template["Resources"].values() if "Tags" in each["Properties"]]
        assert tagged
        assert all(_as_pairs(tags).items() >= wanted.items() for tags in tagged)
    kinds = {each["Type"] for each in opted["watchkeeper"]["Resources"].values() if "Tags" in each["Properties"]}
    assert {"AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::IAM::Role", "AWS::SQS::Queue"} <= kinds


def test_no_option_breaks_a_rule(opted: dict[str, Template]) -> None:
    for template in opted.values():
        assert lint_messages(template) == []


def test_what_is_not_asked_for_is_not_there(template: Template) -> None:
    text = json.dumps(template)
    assert "Watchkeeper" in text
    for word in ("kms:", "ReservedConcurrentExecutions", "VpcConfig", "ec2:", "PermissionsBoundary"):
        assert word not in text
