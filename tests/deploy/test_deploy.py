"""What is deployed does what the code does, fails where people see it, changes as a whole, and goes without a trace."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends

from cli.exit_status import ExitStatus
from cli.hubs.cdk import CdkError
from cli.hubs.deployed_hub import destroy
from cli.main import main
from emulator.awslambda.configuration import layers_of
from emulator.faults import Fault
from emulator.ram import seeding
from functions.shared.deployment.resources import FORWARDER_ALARMS
from functions.shared.ledger.records import moment, timestamp
from tests.deploy.conftest import CHAT, ELSEWHERE, FRIEND, HUB, REGION, STRANGER, Deployment
from tests.deploy.inventory import policy_document

HOUR = timedelta(hours=1)
OTHERWISE = {
    "ram_invitations": {"mode": "apply", "trust": [{"name": "both", "accounts": [FRIEND, STRANGER]}]},
    "notifications": {"emails": ["on-call@example.com"]},
    "removal": "retain",
}
SWEEP = {"source": "watchkeeper", "detail-type": "Sweep"}
LISTS = {
    "functions": ("lambda", "ListFunctions", "Functions"),
    "tables": ("dynamodb", "ListTables", "TableNames"),
    "queues": ("sqs", "ListQueues", "QueueUrls"),
    "topics": ("sns", "ListTopics", "Topics"),
    "rules": ("events", "ListRules", "Rules"),
    "buses": ("events", "ListEventBuses", "EventBuses"),
    "schedules": ("scheduler", "ListSchedules", "Schedules"),
    "alarms": ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
    "dashboards": ("cloudwatch", "ListDashboards", "DashboardEntries"),
    "log groups": ("logs", "DescribeLogGroups", "logGroups"),
    "forwarding rules": ("events", "ListRules", ELSEWHERE, "Rules"),
    "queues of forwarders": ("sqs", "ListQueues", ELSEWHERE, "QueueUrls"),
    "destinations": ("events", "ListApiDestinations", "ApiDestinations"),
    "connections": ("events", "ListConnections", "Connections"),
    "mappings": ("lambda", "ListEventSourceMappings", "EventSourceMappings"),
}


def statuses(deployed: Deployment) -> dict[str, str]:
    found = deployed.call("ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    return {each["resourceShareName"]: each["status"] for each in found}


def listen(deployed: Deployment) -> str:
    """Return a queue that hears what the hub's bus tells."""
    arn = f"arn:aws:sqs:{REGION}:{HUB}:told"
    sender = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**sender, "Resource": arn}]})
    url = deployed.call("sqs", "CreateQueue", QueueName="told", Attributes={"Policy": policy})["QueueUrl"]
    pattern = json.dumps({"source": ["watchkeeper"]})
    deployed.call("events", "PutRule", Name="told", EventBusName="watchkeeper", EventPattern=pattern)
    targets = [{"Id": "told", "Arn": arn}]
    deployed.call("events", "PutTargets", Rule="told", EventBusName="watchkeeper", Targets=targets)
    return str(url)


def heard(deployed: Deployment, url: str) -> list[dict[str, Any]]:
    received = deployed.call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(each["Body"]) for each in received]


def invite(sender: str, name: str) -> str:
    """Invite the hub's account, and return the invitation's ARN; RAM tells nobody of it."""
    return seeding.invite(
        sender=sender, receiver=HUB, region=REGION, share_name=name, resource_types=["ec2:TransitGateway"]
    )


def invite_and_tell(deployed: Deployment, sender: str, name: str) -> None:
    """Let an invitation come, and tell the hub of it."""
    event = {"source": "aws.ram", "detail-type": "Resource Sharing State Change", "account": HUB, "region": REGION}
    detail = {"event": "Resource Share Invitation"}
    deployed.aws.emit({**event, "resources": [invite(sender, name)], "detail": detail})
    deployed.aws.settle()


def test_a_deployed_hub_is_well_watches_and_leaves_nothing_behind(deployed: Deployment) -> None:
    _is_well(deployed)
    url = listen(deployed)
    invite_and_tell(deployed, FRIEND, "on-an-event")
    assert statuses(deployed) == {"on-an-event": "ACCEPTED"}
    invite(FRIEND, "on-the-schedule")
    invite(STRANGER, "odd")
    deployed.aws.advance(HOUR + timedelta(minutes=10))
    assert statuses(deployed) == {"on-an-event": "ACCEPTED", "on-the-schedule": "ACCEPTED", "odd": "PENDING"}
    untrusted = f"MEDIUM {HUB}: Account {STRANGER} invites {HUB} to the share 'odd', an"
    assert any(subject.startswith(untrusted) for subject in deployed.subjects())
    assert {"Finding Opened", "Action Taken"} <= {each["detail-type"] for each in heard(deployed, url)}
    assert [run.outcome.payload for run in deployed.aws.functions.runs if run.outcome.failed] == []
    assert deployed.aws.undelivered == []
    _tell_everybody(deployed)
    _fail(deployed)
    _tell_of_forwarders(deployed)
    _report(deployed)
    assert min(left(deployed).values()) > 0
    deployed.call("sqs", "DeleteQueue", QueueUrl=url)
    deployed.call("events", "RemoveTargets", Rule="told", EventBusName="watchkeeper", Ids=["told"])
    deployed.call("events", "DeleteRule", Name="told", EventBusName="watchkeeper")
    destroy(deployed.cdk)
    assert {name for name, count in left(deployed).items() if count} == set()


def _is_well(deployed: Deployment) -> None:
    """Let the doctor look at what was deployed, where the account has a trail."""
    deployed.call("s3", "CreateBucket", Bucket="trails")
    deployed.call("cloudtrail", "CreateTrail", ELSEWHERE, Name="all", S3BucketName="trails")
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    deployed.call("cloudtrail", "PutEventSelectors", ELSEWHERE, TrailName="all", EventSelectors=selectors)
    deployed.call("cloudtrail", "StartLogging", ELSEWHERE, Name="all")
    assert _ill(deployed) == (ExitStatus.COMPLIES, [])


def _ill(deployed: Deployment) -> tuple[int, list[tuple[str, str]]]:
    """Return how the doctor ends, and what it does not call well."""
    config, result = deployed.folder / "examined.json", deployed.folder / "result.json"
    config.write_text(json.dumps(deployed.config), encoding="utf-8")
    ended = main(["doctor", "--config", str(config), "--format", "json", "--output", str(result)])
    rows = json.loads(result.read_text(encoding="utf-8"))["examinations"]
    return ended, [(row["name"], row["reason"]) for row in rows if row["state"] != "OK"]


def _report(deployed: Deployment) -> None:
    """Let the compliance run go over the hub's own account, by its zips and under its roles; the report lies there."""
    (machine,) = deployed.physical("AWS::StepFunctions::StateMachine", "ComplianceRun")
    started = deployed.call("stepfunctions", "StartExecution", stateMachineArn=machine, name="now", input="{}")
    deployed.aws.advance(timedelta(minutes=2))
    execution = deployed.call("stepfunctions", "DescribeExecution", executionArn=started["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    (bucket,) = deployed.physical("AWS::S3::Bucket", "ComplianceRun")
    keys = [each["Key"] for each in deployed.call("s3", "ListObjectsV2", Bucket=bucket)["Contents"]]
    assert [key for key in keys if key.endswith("/now/report.html")]


def _tell_everybody(deployed: Deployment) -> None:
    """Let a storm come, and a day after the alerts pass: mail, chat and Security Hub have heard of all four."""
    for name in ("one", "two", "three"):
        invite(STRANGER, name)
    deployed.aws.advance(HOUR)
    _write_the_alerts_a_day_back(deployed)
    deployed.aws.advance(timedelta(minutes=5))
    told = [subject for subject in deployed.subjects() if not re.search("^Watchkeeper |did: ", subject)]
    assert told[0].startswith(f"MEDIUM {HUB}: Account {STRANGER} invites {HUB} to the share 'odd'")
    assert told[1:] == ["3 findings at once: 3 MEDIUM", "4 findings at once: 4 MEDIUM"]
    first, storm, reminders = (json.dumps(request.json()) for request in deployed.aws.outbox.to(CHAT))
    assert f"No rule trusts account {STRANGER}, which invites this account to the share 'odd'" in first
    assert [storm.count(f"the share '{name}'") for name in ("odd", "one", "two", "three")] == [0, 1, 1, 1]
    assert reminders.count("still open: Account") == 4
    imported = deployed.call("securityhub", "GetFindings")["Findings"]
    shares = {each["Resources"][0]["Details"]["Other"]["resourceShareName"] for each in imported}
    assert shares == {"odd", "one", "two", "three"}


def _write_the_alerts_a_day_back(deployed: Deployment) -> None:
    """Change the ledger to what it would be if the alerts had been sent 24 hours earlier."""
    for item in deployed.ledger():
        names = [name for name in ("alerted_at", "posted_at", "due_at") if name in item]
        times = {f":{name}": {"S": timestamp(moment(item[name]) - 24 * HOUR)} for name in names}
        if item["sk"].startswith("open#") and "alerted_at" in names:
            deployed.call(
                "dynamodb",
                "UpdateItem",
                TableName=deployed.hub.table,
                Key={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}},
                UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in names),
                ExpressionAttributeValues=times,
            )


def _fail(deployed: Deployment) -> None:
    """Let the ledger be away: the event ends in a dead-letter queue whose depth an alarm watches."""
    deployed.aws.faults.add(Fault("dynamodb:*", "denied"))
    (name,) = deployed.physical("AWS::Lambda::Function", "RamInvitations")
    deployed.call("lambda", "Invoke", FunctionName=name, InvocationType="Event", Payload=json.dumps(SWEEP).encode())
    deployed.aws.advance(timedelta(minutes=4))
    deployed.aws.faults.clear()
    (url,) = deployed.physical("AWS::SQS::Queue", "DeadLettersFailed")
    wanted = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages", "QueueArn"]}
    attributes = deployed.call("sqs", "GetQueueAttributes", **wanted)["Attributes"]
    assert int(attributes["ApproximateNumberOfMessages"]) >= 1
    queue = {"Name": "QueueName", "Value": attributes["QueueArn"].rpartition(":")[2]}
    alarms = deployed.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]
    watching = [each for each in alarms if queue in each.get("Dimensions", ())]
    assert "ApproximateNumberOfMessagesVisible" in {each["MetricName"] for each in watching}
    assert {action for each in watching for action in each["AlarmActions"]} == {deployed.hub.topic_arn}
    _go_off(deployed, watching[0]["AlarmName"], REGION)
    assert deployed.subjects()[-1].startswith(f'ALARM: "{watching[0]["AlarmName"]}"'[:90])


def _tell_of_forwarders(deployed: Deployment) -> None:
    """Let an alarm of the forwarder go off, which cannot publish in the hub's Region."""
    for _ in range(3):
        _go_off(deployed, FORWARDER_ALARMS[0], ELSEWHERE)
        _go_off(deployed, FORWARDER_ALARMS[0], ELSEWHERE, state="OK")
    told = [each.for_protocol("email") for each in deployed.aws.inbox.of(deployed.hub.topic_arn)]
    of_forwarders = [text for text in told if "forwarder" in text]
    assert len(of_forwarders) == 1
    assert f"in account {HUB} and Region {ELSEWHERE}" in of_forwarders[0]


def _go_off(deployed: Deployment, alarm: str, region: str, state: str = "ALARM") -> None:
    change = {"AlarmName": alarm, "StateValue": state, "StateReason": "a drill"}
    deployed.call("cloudwatch", "SetAlarmState", region, **change)
    deployed.aws.settle()


def test_the_ledger_stays_unless_the_configuration_says_otherwise(deployment: Deployment) -> None:
    deployment.synthesize(**OTHERWISE)
    deployment.cdk.deploy()
    table = deployment.hub.table
    deployment.aws.advance(HOUR)
    deployment.cdk.destroy()
    assert deployment.call("dynamodb", "ListTables")["TableNames"] == [table]
    assert deployment.call("dynamodb", "Scan", TableName=table)["Count"] > 0


def test_a_deployment_changes_as_a_whole_or_not_at_all(deployed: Deployment) -> None:
    _has_the_very_zips(deployed)
    _changes_nothing(deployed)
    invite(STRANGER, "odd")
    before = function(deployed), policies(deployed)
    deployed.synthesize(**OTHERWISE)
    deployed.aws.faults.add(Fault("lambda:UpdateFunctionCode", "denied", times=1))
    with pytest.raises(CdkError, match="UpdateFunctionCode"):
        deployed.cdk.deploy()
    assert (function(deployed), policies(deployed)) == before
    deployed.aws.faults.clear()
    assert STRANGER in deployed.cdk.diff()
    deployed.cdk.deploy()
    after = function(deployed), policies(deployed)
    assert (STRANGER in before[1], STRANGER in after[1]) == (False, True)
    assert before[0]["CodeSha256"] != after[0]["CodeSha256"]
    assert before[0]["FunctionName"] == after[0]["FunctionName"]
    deployed.aws.advance(HOUR)
    assert statuses(deployed) == {"odd": "ACCEPTED"}
    _says_when_nobody_listens(deployed)


def _says_when_nobody_listens(deployed: Deployment) -> None:
    """Take away the one address that listens, now that the webhook is gone, and let the doctor look."""
    topic = deployed.hub.topic_arn
    (subscribed,) = deployed.call("sns", "ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"]
    assert (subscribed["Protocol"], subscribed["Endpoint"]) == ("email", "on-call@example.com")
    deployed.call("sns", "Unsubscribe", SubscriptionArn=subscribed["SubscriptionArn"])
    ended, missing = _ill(deployed)
    assert ended == ExitStatus.DOES_NOT_COMPLY
    told = [reason for name, reason in missing if name == "subscribers"]
    assert told == ["notifications.emails names it, but the topic has no such subscription", "nobody is subscribed"]


def _changes_nothing(deployed: Deployment) -> None:
    deployed.aws.calls.clear()
    deployed.cdk.deploy()
    made = {call.name for call in deployed.aws.calls.mutating() if call.service not in ("s3", "cloudformation")}
    assert made == set()


def _has_the_very_zips(deployed: Deployment) -> None:
    assets = {path.name: path.read_bytes() for path in deployed.cdk.assembly.glob("asset.*.zip")}
    bucket = f"cdk-hnb659fds-assets-{HUB}-{REGION}"
    keys = [each["Key"] for each in deployed.call("s3", "ListObjectsV2", Bucket=bucket)["Contents"]]
    uploaded = {f"asset.{key}": deployed.call("s3", "GetObject", Bucket=bucket, Key=key)["Body"].read() for key in keys}
    assert {name: uploaded[name] for name in assets} == assets
    functions = [lambda_backends[HUB][REGION].get_function(name) for name in deployed.physical("AWS::Lambda::Function")]
    run = {holder.code_bytes for each in functions for holder in (each, *layers_of(each))}
    assert run == set(assets.values())


def function(deployed: Deployment) -> dict[str, Any]:
    (name,) = deployed.physical("AWS::Lambda::Function", "RamInvitations")
    told = deployed.call("lambda", "GetFunctionConfiguration", FunctionName=name)
    return {member: told[member] for member in ("FunctionName", "CodeSha256", "Role", "Environment", "Layers")}


def policies(deployed: Deployment) -> str:
    """Return all that the function's role allows, as text."""
    arns = deployed.physical("AWS::IAM::ManagedPolicy", "RamInvitations")
    return "\n".join(json.dumps(policy_document(deployed.call, arn)) for arn in arns)


def left(deployed: Deployment) -> dict[str, int]:
    """Count what is there beside the CDK's own."""
    own = [role for role in deployed.call("iam", "ListRoles")["Roles"] if not role["RoleName"].startswith("cdk-")]
    counts = {what: len(deployed.call(*of).get(member, ())) for what, (*of, member) in LISTS.items()}
    policies = deployed.call("iam", "ListPolicies", Scope="Local")["Policies"]
    return counts | {"buses": counts["buses"] - 1, "roles": len(own), "policies": len(policies)}
