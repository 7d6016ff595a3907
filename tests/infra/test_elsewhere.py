"""The forwarder's template, deployed to another account as it is."""

import json
from typing import Any

import pytest

from emulator.aws import Emulator
from tests.conftest import REGION, US, clients_of
from tests.infra.deploying import SPOKE, deploy
from tests.infra.reading import Template

pytestmark = pytest.mark.xdist_group("infra")

BUS = f"arn:aws:events:{REGION}:{US}:event-bus/watchkeeper"
MRAP = {
    "source": "aws.s3",
    "detail-type": "AWS API Call via CloudTrail",
    "detail": {"eventSource": "s3.amazonaws.com", "eventName": "CreateMultiRegionAccessPoint"},
}
SHARE = {"source": "aws.ram", "detail-type": "Resource Sharing State Change", "detail": {"event": "Changed"}}


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
