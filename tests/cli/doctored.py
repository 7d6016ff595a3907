"""A hub in the emulated AWS for the doctor, made by CloudFormation, with a little of all that diagnostics read."""

import json
from pathlib import Path
from typing import Any

from cli.command.options import Options
from cli.configuration.loading import load
from cli.diagnostics.context import DiagnosticContext
from functions.catalog import FUNCTIONS
from functions.shared.settings import Settings
from tests.conftest import NOW, REGION, US, clients_of, settings

ELSEWHERE = "us-west-2"
LEDGER = "watchkeeper-table"
ADDRESS = "on-call@example.com"
_TRUST = {"Version": "2012-10-17", "Statement": []}


def context(compiled: Settings | None = None, **options: Any) -> DiagnosticContext:
    """Return the hub's account as the doctor has it after it has found out who calls."""
    chosen = compiled or settings()
    return DiagnosticContext(chosen, Options(**options), clients_of(), US, f"arn:aws:iam::{US}:user/someone", NOW)


def config(folder: Path, **sections: Any) -> Path:
    """Write a configuration of the hub's own account and Region, and return its path."""
    path = folder / "watchkeeper.yaml"
    scope = {"accounts": ["self"], "regions": [REGION]}
    path.write_text(json.dumps({"version": 1, "scope": scope, **sections}), encoding="utf-8")
    return path


def deploy(path: Path) -> None:
    """Let the stacks of a configuration stand, as far as the doctor looks at them, and a trail."""
    compiled = load(path)
    _create("watchkeeper", REGION, f"Watchkeeper's hub, configuration {compiled.config_hash}", _hub(compiled))
    _create(f"watchkeeper-forwarder-{ELSEWHERE}", ELSEWHERE, "Watchkeeper", {"Late": {"Type": "AWS::SQS::Queue"}})
    calls = clients_of().calls("cloudtrail", ELSEWHERE)
    clients_of().calls("s3", REGION)("CreateBucket", Bucket="trails")
    calls("CreateTrail", Name="all", S3BucketName="trails", IsMultiRegionTrail=True)
    changes = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    calls("PutEventSelectors", TrailName="all", EventSelectors=[changes])  # moto's trails begin without any
    calls("StartLogging", Name="all")


def _create(name: str, region: str, description: str, resources: dict[str, Any]) -> None:
    outputs = {"TopicArn": {"Value": {"Ref": "Topic"}}} if "Topic" in resources else {}
    template = {"Description": description, "Resources": resources, "Outputs": outputs}
    body = json.dumps(template if outputs else {k: v for k, v in template.items() if k != "Outputs"})
    clients_of().calls("cloudformation", region)(
        "CreateStack", StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"]
    )


def _hub(compiled: Settings) -> dict[str, Any]:
    rule = {"EventPattern": {"source": ["aws.ram"]}}
    subscription = {"TopicArn": {"Ref": "Topic"}, "Protocol": "email"}
    return {
        "Table": _resource("DynamoDB::Table", **_TABLE),
        "Name": _resource("SSM::Parameter", Name="/watchkeeper/ledger-table", Type="String", Value={"Ref": "Table"}),
        "Undelivered": _resource("SQS::Queue"),
        "Failed": _resource("SQS::Queue"),
        "Topic": _resource("SNS::Topic"),
        "Bus": _resource("Events::EventBus", Name="watchkeeper"),
        "Here": _resource("Events::Rule", **rule),
        "Forwarded": _resource("Events::Rule", EventBusName={"Ref": "Bus"}, **rule),
        "Hourly": _resource("Scheduler::Schedule", **_SCHEDULE),
        **{f"{_word(each.name)}RightsRole1": _resource("IAM::Role", **_ROLE) for each in FUNCTIONS},
        "MrapOperationsPollerRightsRole1": _resource("IAM::Role", **_ROLE),
        **{
            f"Subscription{number}": _resource("SNS::Subscription", Endpoint=email, **subscription)
            for number, email in enumerate(compiled.section("notifications")["emails"])
        },
    }


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def _word(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


_ROLE = {"AssumeRolePolicyDocument": _TRUST}
_SCHEDULE = {
    "ScheduleExpression": "rate(60 minutes)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": f"arn:aws:sqs:{REGION}:{US}:any", "RoleArn": f"arn:aws:iam::{US}:role/any"},
}
_TABLE = {
    "TableName": LEDGER,
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
}
