"""What is deployed does what the code does: on a schedule, on an event, when it fails, when it changes, when it goes."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.faults import Fault
from emulator.ram import seeding
from tests.deploy.conftest import FRIEND, HUB, REGION, STRANGER, Deployment

HOUR = timedelta(hours=1)
ACCEPT = "ram:AcceptResourceShareInvitation"

pytestmark = pytest.mark.xdist_group("deploy")


def share(deployed: Deployment, owner: str, name: str = "transit") -> str:
    """Share a transit gateway with the hub's account, by calls of its owner."""
    arn = f"arn:aws:ec2:{REGION}:{owner}:transit-gateway/tgw-0123456789abcdef0"
    made = deployed.call(
        "ram",
        "CreateResourceShare",
        account=owner,
        name=name,
        resourceArns=[arn],
        principals=[HUB],
        allowExternalPrincipals=True,
    )
    return str(made["resourceShare"]["resourceShareArn"])


def statuses(deployed: Deployment) -> dict[str, str]:
    found = deployed.call("ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    return {each["senderAccountId"]: each["status"] for each in found}


def listen(deployed: Deployment) -> str:
    """Return a queue that hears what the hub's bus tells."""
    url = deployed.call("sqs", "CreateQueue", QueueName="told")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HUB}:told"
    pattern = json.dumps({"source": ["watchkeeper"]})
    deployed.call("events", "PutRule", Name="told", EventBusName="watchkeeper", EventPattern=pattern)
    targets = [{"Id": "told", "Arn": arn}]
    deployed.call("events", "PutTargets", Rule="told", EventBusName="watchkeeper", Targets=targets)
    return str(url)


def heard(deployed: Deployment, url: str) -> list[dict[str, Any]]:
    received = deployed.call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(each["Body"]) for each in received]


def test_the_deployed_zip_accepts_on_an_event_and_on_its_schedule_and_tells_of_a_stranger(deployed: Deployment) -> None:
    url = listen(deployed)
    share(deployed, FRIEND)
    deployed.aws.settle()
    assert statuses(deployed) == {FRIEND: "ACCEPTED"}, "on an event"
    seeding.invite(HUB, FRIEND, REGION, name="late")
    seeding.invite(HUB, STRANGER, REGION, name="odd")
    deployed.aws.advance(HOUR + timedelta(minutes=10))
    found = deployed.call("ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    assert sorted((each["senderAccountId"], each["status"]) for each in found) == [
        (FRIEND, "ACCEPTED"),
        (FRIEND, "ACCEPTED"),
        (STRANGER, "PENDING"),
    ], "on the schedule"
    assert f"[MEDIUM] invitation-untrusted in {HUB} {REGION}" in deployed.subjects()
    kinds = {event["detail-type"] for event in heard(deployed, url)}
    assert {"Finding Opened", "Action Taken"} <= kinds
    assert deployed.aws.undelivered == []
    assert all(not run.outcome.failed for run in deployed.aws.functions.runs)


def test_a_handler_that_fails_ends_in_the_dead_letter_queue_that_an_alarm_watches(deployed: Deployment) -> None:
    deployed.aws.faults.add(Fault("dynamodb:*", "denied"))
    share(deployed, FRIEND)
    deployed.aws.advance(timedelta(minutes=10))
    (url,) = deployed.physical("AWS::SQS::Queue", "DeadLettersFailed")
    wanted = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages", "QueueArn"]}
    attributes = deployed.call("sqs", "GetQueueAttributes", **wanted)["Attributes"]
    assert int(attributes["ApproximateNumberOfMessages"]) >= 1
    name = attributes["QueueArn"].rpartition(":")[2]
    alarms = deployed.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]
    watching = [each for each in alarms if {"Name": "QueueName", "Value": name} in each["Dimensions"]]
    assert "ApproximateNumberOfMessagesVisible" in {each["MetricName"] for each in watching}
    assert {action for each in watching for action in each["AlarmActions"]} == {deployed.hub.topic_arn}


def test_an_update_of_the_trust_list_changes_code_and_role_together(deployed: Deployment) -> None:
    seeding.invite(HUB, STRANGER, REGION, name="odd")
    before = function(deployed), policies(deployed)
    trust = [{"name": "both", "accounts": [FRIEND, STRANGER]}]
    deployed.synthesize(ram_invitations={"mode": "apply", "trust": trust})
    assert "ram:ShareOwnerAccountId" in deployed.cdk.diff()
    deployed.cdk.deploy()
    after = function(deployed), policies(deployed)
    assert (STRANGER in before[1], STRANGER in after[1]) == (False, True)
    assert before[0]["CodeSha256"] != after[0]["CodeSha256"]
    assert before[0]["FunctionName"] == after[0]["FunctionName"]
    deployed.aws.advance(HOUR)
    assert statuses(deployed) == {STRANGER: "ACCEPTED"}


def function(deployed: Deployment) -> dict[str, Any]:
    (name,) = deployed.physical("AWS::Lambda::Function", "RamInvitations")
    return dict(deployed.call("lambda", "GetFunctionConfiguration", FunctionName=name))


def policies(deployed: Deployment) -> str:
    """Return all that the function's role allows, as text."""
    texts = []
    for arn in deployed.physical("AWS::IAM::ManagedPolicy", "RamInvitations"):
        version = deployed.call("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = deployed.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"][
            "Document"
        ]
        texts.append(json.dumps(document))
    return "\n".join(texts)


def test_the_same_deployed_twice_changes_nothing(deployed: Deployment) -> None:
    before = function(deployed)["CodeSha256"]
    deployed.aws.calls.clear()
    deployed.cdk.deploy()
    made = {call.name for call in deployed.aws.calls.mutating() if call.service not in ("s3", "cloudformation")}
    assert made == set()
    assert function(deployed)["CodeSha256"] == before


def test_a_deployment_that_fails_brings_back_what_was(deployed: Deployment) -> None:
    before = function(deployed)["CodeSha256"], policies(deployed)
    trust = [{"name": "both", "accounts": [FRIEND, STRANGER]}]
    deployed.synthesize(ram_invitations={"mode": "apply", "trust": trust})
    deployed.aws.faults.add(Fault("lambda:UpdateFunctionCode", "denied"))
    with pytest.raises(Exception, match="UPDATE_ROLLBACK_COMPLETE|failed"):
        deployed.cdk.deploy()
    assert (function(deployed)["CodeSha256"], policies(deployed)) == before


def left(deployed: Deployment) -> dict[str, int]:
    """Count what is there beside the CDK's own."""
    own = [role for role in deployed.call("iam", "ListRoles")["Roles"] if not role["RoleName"].startswith("cdk-")]
    return {
        "functions": len(deployed.call("lambda", "ListFunctions")["Functions"]),
        "tables": len(deployed.call("dynamodb", "ListTables")["TableNames"]),
        "queues": len(deployed.call("sqs", "ListQueues").get("QueueUrls", [])),
        "topics": len(deployed.call("sns", "ListTopics")["Topics"]),
        "rules": len(deployed.call("events", "ListRules")["Rules"]),
        "buses": len(deployed.call("events", "ListEventBuses")["EventBuses"]) - 1,
        "schedules": len(deployed.call("scheduler", "ListSchedules")["Schedules"]),
        "alarms": len(deployed.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]),
        "log groups": len(deployed.call("logs", "DescribeLogGroups")["logGroups"]),
        "roles": len(own),
        "policies": len(deployed.call("iam", "ListPolicies", Scope="Local")["Policies"]),
        "mappings": len(deployed.call("lambda", "ListEventSourceMappings")["EventSourceMappings"]),
    }


def test_what_is_destroyed_leaves_nothing_behind(deployed: Deployment) -> None:
    assert min(left(deployed).values()) > 0
    deployed.cdk.destroy()
    assert {name for name, count in left(deployed).items() if count} == set()


def test_the_ledger_stays_unless_the_configuration_says_otherwise(deployment: Deployment) -> None:
    deployment.synthesize(removal="retain")
    deployment.cdk.deploy()
    table = deployment.hub.table
    deployment.aws.advance(HOUR)
    deployment.cdk.destroy()
    assert deployment.call("dynamodb", "ListTables")["TableNames"] == [table]
    assert deployment.call("dynamodb", "Scan", TableName=table)["Count"] > 0


def test_the_zip_that_runs_is_the_one_that_was_synthesized_byte_for_byte(deployed: Deployment) -> None:
    assets = {path.name: path.read_bytes() for path in Path(deployed.cdk.assembly).glob("asset.*.zip")}
    bucket = f"cdk-hnb659fds-assets-{HUB}-{REGION}"
    keys = [each["Key"] for each in deployed.call("s3", "ListObjectsV2", Bucket=bucket)["Contents"]]
    uploaded = {f"asset.{key}": deployed.call("s3", "GetObject", Bucket=bucket, Key=key)["Body"].read() for key in keys}
    assert assets
    assert {name: uploaded[name] for name in assets} == assets
