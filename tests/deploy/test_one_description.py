"""The hub that the CDK deploys and the one that calls create on the laptop are the same, but for what is named here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.loading import load
from cli.hubs.emulated_hub import HubNames, emulated_hub
from emulator.aws import Emulator
from tests.conftest import clients_of
from tests.deploy.conftest import CHAT, ELSEWHERE, HUB, REGION, Deployed
from tests.deploy.inventory import NOT_COMPARED, Inventory, Reader, differences

LEFT_OUT = {
    "AWS::CloudWatch::Alarm": "watches metrics; functions that run in the process write none",
    "AWS::CloudWatch::Dashboard": "shows metrics; functions that run in the process write none",
    "AWS::Lambda::LayerVersion": "holds code; the code runs in the process",
    "AWS::Lambda::Version": "holds code; that of the poller stands behind its alias",
    "AWS::Logs::LogGroup": "functions that run in the process write no log",
    "AWS::S3::BucketPolicy": "demands TLS, which the loopback does not have",
    "AWS::SNS::TopicPolicy": "demands TLS, and lets services in whom the emulated AWS does not stop",
    "AWS::SQS::QueuePolicy": "demands TLS, and lets services in whom the emulated AWS does not stop",
}
"""Types of resources that the laptop's hub does not have, and why; no configuration that is compared has a key of its
own, a VPC, a permissions boundary, tags or other accounts: the laptop's hub has none of the first four."""

COMPARED = {
    "AWS::Events::EventBusPolicy",
    "AWS::DynamoDB::Table",
    "AWS::Events::ApiDestination",
    "AWS::Events::Connection",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
}


@pytest.fixture
def laptop(deployed_once: Deployed, tmp_path: Path) -> Iterator[HubNames]:
    """A hub of the same configuration, created by calls in an emulated AWS of its own."""
    config = tmp_path / "watchkeeper.yaml"
    config.write_text(json.dumps(deployed_once["config"]), encoding="utf-8")
    with Emulator() as aws:
        clients_of(HUB).calls("secretsmanager", REGION)("CreateSecret", Name="hooks/chat", SecretString=CHAT)
        with emulated_hub(aws, load(config), HUB, complete=True) as names:
            yield names


def inventory(hub: HubNames) -> Inventory:
    read: Inventory = json.loads(json.dumps(Reader(hub).inventory(ELSEWHERE)))
    return read


def test_the_hub_on_the_laptop_is_the_deployed_one(deployed_once: Deployed, laptop: HubNames) -> None:
    assert differences(deployed_once["inventory"], inventory(laptop)) == []


def test_every_type_of_resource_is_compared_or_left_out_for_a_reason(deployed_once: Deployed) -> None:
    assert set(deployed_once["types"]) == COMPARED | LEFT_OUT.keys()
    assert all(deployed_once["inventory"].values())
    assert len(deployed_once["inventory"]["function"]) == 11
    assert all(NOT_COMPARED.values())


PLANTED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "an environment variable": (
        "lambda",
        "UpdateFunctionConfiguration",
        {"FunctionName": "notifications", "Environment": {"Variables": {"LEDGER_TABLE": "watchkeeper-ledger"}}},
    ),
    "a right": ("iam", "DeleteRolePolicy", {"RoleName": "watchkeeper-notifications", "PolicyName": "rights"}),
    "a retry policy": ("lambda", "DeleteFunctionEventInvokeConfig", {"FunctionName": "ram_invitations"}),
    "a schedule": ("scheduler", "DeleteSchedule", {"Name": "compliance_run-daily"}),
    "a rule": ("events", "DisableRule", {"Name": "notifications-forwarder-alarmed", "EventBusName": "watchkeeper"}),
    "an account on the bus": (
        "events",
        "RemovePermission",
        {"StatementId": "OwnAccount", "EventBusName": "watchkeeper"},
    ),
    "versions of reports": (
        "s3",
        "PutBucketVersioning",
        {"Bucket": f"watchkeeper-results-{HUB}", "VersioningConfiguration": {"Status": "Suspended"}},
    ),
    "a queue": ("sqs", "DeleteQueue", {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{HUB}/watchkeeper-failed"}),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_difference_is_found(deployed_once: Deployed, laptop: HubNames, what: str) -> None:
    service, operation, parameters = PLANTED[what]
    clients_of(HUB).calls(service, REGION)(operation, **parameters)
    assert differences(deployed_once["inventory"], inventory(laptop))
