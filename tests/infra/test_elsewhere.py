"""The templates for other accounts, deployed to an emulated one as they are."""

import json
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.ram import seeding
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.run.hub import session_policy
from tests.conftest import REGION, US, clients_of
from tests.infra.reading import Template, of_type

pytestmark = pytest.mark.xdist_group("infra")

SPOKE = "444455556666"
FRIEND = "210987654321"
BUS = f"arn:aws:events:{REGION}:{US}:event-bus/watchkeeper"
MRAP = {
    "source": "aws.s3",
    "detail-type": "AWS API Call via CloudTrail",
    "detail": {"eventSource": "s3.amazonaws.com", "eventName": "CreateMultiRegionAccessPoint"},
}
SHARE = {"source": "aws.ram", "detail-type": "Resource Sharing State Change", "detail": {"event": "Changed"}}


def deploy(template: Template, region: str, **parameters: str) -> dict[str, str]:
    """Deploy a template to the other account, and return its resources' types by their physical ids."""
    calls = clients_of(SPOKE).calls("cloudformation", region)
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    calls(
        "CreateStack",
        StackName="watchkeeper-elsewhere",
        TemplateBody=json.dumps(template),
        Parameters=given,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    resources = calls("DescribeStackResources", StackName="watchkeeper-elsewhere")["StackResources"]
    return {each["PhysicalResourceId"]: each["ResourceType"] for each in resources}


@pytest.fixture
def heard(aws: Emulator) -> str:
    """The URL of a queue in the hub's account that hears what comes to the hub's bus."""
    assert aws
    clients = clients_of()
    clients.calls("events", REGION)("CreateEventBus", Name="watchkeeper")
    url: str = clients.calls("sqs", REGION)("CreateQueue", QueueName="heard")["QueueUrl"]
    rule = {"Rule": "all", "EventBusName": "watchkeeper"}
    pattern = json.dumps({"account": [SPOKE]})
    clients.calls("events", REGION)("PutRule", Name="all", EventBusName="watchkeeper", EventPattern=pattern)
    target = {"Id": "heard", "Arn": f"arn:aws:sqs:{REGION}:{US}:heard"}
    clients.calls("events", REGION)("PutTargets", **rule, Targets=[target])
    return url


def told(url: str) -> list[tuple[str, str]]:
    messages = clients_of().calls("sqs", REGION)("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10)
    events = [json.loads(each["Body"]) for each in messages.get("Messages", [])]
    return sorted((event["source"], event["region"]) for event in events)


def test_a_forwarder_brings_the_hub_what_aws_emits_in_its_account_and_region(
    aws: Emulator, templates: dict[str, Template], heard: str
) -> None:
    for region in ("us-west-2", "eu-west-1"):
        deploy(templates["templates/watchkeeper-forwarder"], region, HubBusArn=BUS)
        for event in (MRAP, SHARE):
            aws.emit({**event, "account": SPOKE, "region": region})
    aws.settle()
    assert told(heard) == [("aws.ram", "eu-west-1"), ("aws.s3", "us-west-2")]
    assert aws.undelivered == []


def test_what_a_forwarder_cannot_send_waits_in_its_queue(aws: Emulator, templates: dict[str, Template]) -> None:
    made = deploy(templates["templates/watchkeeper-forwarder"], "eu-west-1", HubBusArn=BUS)
    aws.emit({**SHARE, "account": SPOKE, "region": "eu-west-1"})
    aws.settle()
    (url,) = (physical_id for physical_id, kind in made.items() if kind == "AWS::SQS::Queue")
    messages: list[Any] = clients_of(SPOKE).calls("sqs", "eu-west-1")("ReceiveMessage", QueueUrl=url)["Messages"]
    assert json.loads(messages[0]["Body"])["source"] == "aws.ram"


def become(template: Template, function: str) -> Clients:
    """Become a function of the hub, by its role's logical id in the hub's template; it may assume any role."""
    (logical_id,) = (name for name in of_type(template, "IAM::Role") if name.startswith(f"{function}RightsRole"))
    any_role = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"AWS": US}, "Action": "sts:AssumeRole"}
    iam, name = clients_of().calls("iam", REGION), f"watchkeeper-{logical_id}-ABCDEFGHIJKL"
    document = {"Version": "2012-10-17", "Statement": trust}
    arn = iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": any_role})
    iam("PutRolePolicy", RoleName=name, PolicyName="assume", PolicyDocument=policy)
    return clients_of().assume(arn, region=REGION, external_id="", policy=policy)


def into_the_spoke(clients: Clients, *actions: str) -> Clients:
    role = f"arn:aws:iam::{SPOKE}:role/watchkeeper-spoke"
    return clients.assume(role, region=REGION, external_id="", policy=session_policy(actions))


@pytest.fixture
def spoke(aws: Emulator, templates: dict[str, Template]) -> Template:
    """The hub's template; the spoke role stands in the other account, and roles do what their policies let them."""
    made = deploy(templates["templates/watchkeeper-spoke-role"], REGION, HubAccount=US)
    assert made["watchkeeper-spoke"] == "AWS::IAM::Role"
    aws.enforce_policies()
    return templates["watchkeeper"]


def test_a_function_of_the_hub_becomes_the_spoke_role_under_a_session_of_its_own_actions(spoke: Template) -> None:
    session = into_the_spoke(become(spoke, "RamInvitations"), "ram:GetResourceShareInvitations")
    assert session.calls("sts", REGION)("GetCallerIdentity")["Account"] == SPOKE
    assert session.calls("ram", REGION)("GetResourceShareInvitations")["resourceShareInvitations"] == []
    with pytest.raises(CallError, match="AccessDenied"):
        session.calls("ram", REGION)("GetResourceShares", resourceOwner="SELF")


def test_what_else_there_is_in_the_hubs_account_does_not(spoke: Template) -> None:
    with pytest.raises(CallError, match="AccessDenied"):
        into_the_spoke(become(spoke, "Notifications"), "ram:GetResourceShareInvitations")


def test_the_spoke_role_accepts_from_a_trusted_sender_and_refuses_a_stranger(spoke: Template) -> None:
    session = into_the_spoke(become(spoke, "RamInvitations"), "ram:AcceptResourceShareInvitation")
    place = {"receiver": SPOKE, "region": REGION, "share_name": "any"}
    friend, stranger = (seeding.invite(sender=sender, **place) for sender in (FRIEND, "999999999999"))
    accept = session.calls("ram", REGION)
    assert accept("AcceptResourceShareInvitation", resourceShareInvitationArn=friend)
    with pytest.raises(CallError, match="AccessDenied"):
        accept("AcceptResourceShareInvitation", resourceShareInvitationArn=stranger)
