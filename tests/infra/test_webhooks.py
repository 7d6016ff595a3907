"""Webhooks in the hub's template: what is posted, where to, and by whose right."""

import json
from typing import Any

import pytest

from emulator.aws import Emulator
from functions.notifications.decision import NotificationKind
from functions.notifications.posts import post
from functions.shared.deployment.audience import subscribers
from functions.shared.deployment.webhooks import FORMS, MESSAGE_POSTED
from tests.conftest import NOW, clients_of
from tests.infra.conftest import Compile, Synthesize
from tests.infra.test_template import Template, arn_of, lint_messages, of_type, queue
from tests.notifications.conftest import record

pytestmark = pytest.mark.xdist_group("infra")

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:hooks/json-AbCdEf"
SECRETS = {"slack": "hooks/slack", "teams": "hooks/teams", "pagerduty": "hooks/pagerduty", "json": ARN}


EMAILS = [
    "all@example.com",
    {"address": "some@example.com", "minimum_severity": "HIGH", "accounts": ["111122223333"], "actions": True},
]


@pytest.fixture(scope="session")
def posting(synthesize: Synthesize, compile_settings: Compile) -> Template:
    """A hub with a webhook of each form, and addresses with and without filters."""
    webhooks = [{"name": f"ops-{form}", "url_secret": secret, "form": form} for form, secret in SECRETS.items()]
    return synthesize(compile_settings(notifications={"webhooks": webhooks, "emails": EMAILS}))


def webhook(template: Template, form: str) -> dict[str, Any]:
    """The parts of the webhook of one form: its rule, target, destination, connection and role."""
    rules = of_type(template, "Events::Rule")
    (rule,) = (each for name, each in rules.items() if name.startswith(f"Webhookops{form}"))
    (target,) = rule["Targets"]
    destination = of_type(template, "Events::ApiDestination")[target["Arn"]["Fn::GetAtt"][0]]
    connection = of_type(template, "Events::Connection")[destination["ConnectionArn"]["Fn::GetAtt"][0]]
    role = of_type(template, "IAM::Role")[target["RoleArn"]["Fn::GetAtt"][0]]
    return {"rule": rule, "target": target, "destination": destination, "connection": connection, "role": role}


def test_the_address_is_the_secrets_and_stands_nowhere_in_the_template(posting: Template) -> None:
    endpoints = {form: webhook(posting, form)["destination"]["InvocationEndpoint"] for form in FORMS}
    assert endpoints == {
        "slack": "{{resolve:secretsmanager:hooks/slack:SecretString}}",
        "teams": "{{resolve:secretsmanager:hooks/teams:SecretString}}",
        "pagerduty": "{{resolve:secretsmanager:hooks/pagerduty:SecretString:url}}",
        "json": f"{{{{resolve:secretsmanager:{ARN}:SecretString}}}}",
    }
    assert "https://" not in json.dumps([webhook(posting, form)["destination"] for form in FORMS])


@pytest.mark.parametrize("form", FORMS)
def test_a_webhook_is_posted_patiently_and_slowly(posting: Template, form: str) -> None:
    parts = webhook(posting, form)
    assert parts["destination"]["HttpMethod"] == "POST"
    assert 1 <= parts["destination"]["InvocationRateLimitPerSecond"] <= 5
    assert parts["target"]["DeadLetterConfig"] == {"Arn": arn_of(queue(posting, "Undelivered"))}
    assert parts["target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


@pytest.mark.parametrize("form", FORMS)
def test_a_webhook_takes_what_people_are_told_from_the_hubs_own_bus_and_account(posting: Template, form: str) -> None:
    (bus,) = of_type(posting, "Events::EventBus")
    rule = webhook(posting, form)["rule"]
    assert rule["EventBusName"] == {"Ref": bus}
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["watchkeeper"], [MESSAGE_POSTED])
    assert pattern["account"] == [{"Ref": "AWS::AccountId"}]
    assert pattern["detail"]["webhooks"] == [f"ops-{form}"]


@pytest.mark.parametrize("form", FORMS)
def test_its_role_may_call_this_destination_and_no_other(posting: Template, form: str) -> None:
    parts = webhook(posting, form)
    destination = parts["target"]["Arn"]["Fn::GetAtt"][0]
    (policy,) = parts["role"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:InvokeApiDestination"
    assert statement["Resource"] == [{"Fn::GetAtt": [destination, name]} for name in ("Arn", "ArnForPolicy")]
    (trust,) = parts["role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_each_form_has_its_transformer(posting: Template) -> None:
    transformers = {form: webhook(posting, form)["target"].get("InputTransformer") for form in FORMS}
    assert transformers == {form: FORMS[form].transformer() for form in FORMS}


def test_the_key_is_harmless_and_pagerdutys_is_a_secret(posting: Template) -> None:
    for form in FORMS:
        parameters = webhook(posting, form)["connection"]["AuthParameters"]
        assert parameters["ApiKeyAuthParameters"] == {"ApiKeyName": "X-Watchkeeper", "ApiKeyValue": "hub"}
        added = parameters.get("InvocationHttpParameters", {}).get("BodyParameters", [])
        secret = "{{resolve:secretsmanager:hooks/pagerduty:SecretString:routing_key}}"
        wanted = [{"Key": "routing_key", "Value": secret, "IsValueSecret": True}] if form == "pagerduty" else []
        assert added == wanted


def test_cfn_lint_finds_nothing_and_no_partition_is_written_out(posting: Template) -> None:
    assert lint_messages(posting) == []
    assert "arn:aws:" not in json.dumps(posting).replace(ARN, "")


def test_an_address_is_subscribed_with_the_filters_that_the_configuration_has(posting: Template) -> None:
    subscribed = of_type(posting, "SNS::Subscription").values()
    assert {each["Endpoint"]: each.get("FilterPolicy", {}) for each in subscribed} == {
        each.address: dict(each.filter_policy) for each in subscribers(EMAILS)
    }
    assert all(each["RedrivePolicy"] for each in subscribed)


def told_of_dead_webhooks(template: Template) -> list[dict[str, Any]]:
    rules = of_type(template, "Events::Rule").values()
    return [rule for rule in rules if rule["EventPattern"]["source"] == ["aws.events"]]


def test_that_a_webhook_of_the_hub_is_dead_is_taken_from_the_default_bus_of_the_hubs_account(posting: Template) -> None:
    (rule,) = told_of_dead_webhooks(posting)
    assert "EventBusName" not in rule
    assert rule["EventPattern"]["account"] == [{"Ref": "AWS::AccountId"}]
    of_webhooks = [*of_type(posting, "Events::ApiDestination"), *of_type(posting, "Events::Connection")]
    named = [each["Fn::GetAtt"] for each in rule["EventPattern"]["resources"]]
    assert sorted(named) == sorted([name, "Arn"] for name in of_webhooks)
    assert rule["Targets"][0]["Arn"]["Fn::GetAtt"][0].startswith("NotificationsFunction")


def test_without_webhooks_there_is_nothing_of_them(template: Template) -> None:
    assert told_of_dead_webhooks(template) == []
    for kind in ("Events::Connection", "Events::ApiDestination"):
        assert not of_type(template, kind)


def test_security_hub_is_a_right_only_where_it_is_asked_for(posting: Template, template: Template) -> None:
    assert "securityhub" not in json.dumps(posting)
    (statement,) = (
        statement
        for policy in of_type(template, "IAM::ManagedPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "securityhub:BatchImportFindings"
    )
    parts = statement["Resource"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else part["Ref"] for part in parts)
    own = "arn:AWS::Partition:securityhub:us-east-1:AWS::AccountId:product/AWS::AccountId/default"
    assert text == own


DEPLOYED = ("AWS::Events::EventBus", "AWS::SQS::Queue", "AWS::Events::ApiDestination", "AWS::Events::Connection")


def test_the_stack_that_is_deployed_posts_to_each(posting: Template) -> None:
    parts = {
        name: {"Type": each["Type"], "Properties": each["Properties"]}
        for name, each in posting["Resources"].items()
        if each["Type"] in DEPLOYED or (name.startswith("Webhook") and each["Type"] != "AWS::CDK::Metadata")
    }
    urls = {form: f"https://{form}.example.com/hook" for form in FORMS}
    with Emulator() as aws:
        calls = clients_of("111122223333").calls
        for form, url in urls.items():
            text = json.dumps({"url": url, "routing_key": "r0"}) if form == "pagerduty" else url
            name = "hooks/json" if form == "json" else SECRETS[form]
            calls("secretsmanager", "us-east-1")("CreateSecret", Name=name, SecretString=text)
        arn = calls("secretsmanager", "us-east-1")("DescribeSecret", SecretId="hooks/json")["ARN"]
        body = json.dumps({"Resources": parts}).replace(ARN, arn)
        stacks = calls("cloudformation", "us-east-1")
        stacks("CreateStack", StackName="hub", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        (stack,) = stacks("DescribeStacks", StackName="hub")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        detail = post(record(), NotificationKind.ALERT, (), [f"ops-{form}" for form in FORMS], now=NOW)
        entry = {"Source": "watchkeeper", "DetailType": MESSAGE_POSTED, "Detail": json.dumps(detail)}
        calls("events", "us-east-1")("PutEvents", Entries=[{**entry, "EventBusName": "watchkeeper"}])
        aws.settle()
        assert {request.url for request in aws.outbox} == set(urls.values())
        assert [request.json()["routing_key"] for request in aws.outbox.to(urls["pagerduty"])] == ["r0"]
        assert [request.json()["text"] for request in aws.outbox.to(urls["slack"])] == [detail["slack"]["text"]]
        assert aws.undelivered == []
