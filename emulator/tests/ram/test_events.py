"""What RAM tells EventBridge, and what it keeps silent about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.ram import faults
from emulator.ram.models import ram_backends
from emulator.wire.events import Event

from ..conftest import Client
from .conftest import RECEIVER, REGION, SENDER, invite

Printed = Callable[[str], Any]


def test_a_failed_association_is_the_one_event_of_rams_own(
    client: Client, emitted: list[Event], printed: Printed
) -> None:
    pattern = printed("aws-docs/ram.event-pattern.association-failed.json")
    assert client
    invite()
    (share,) = ram_backends[SENDER][REGION].shares
    faults.fail_association(share.arn, RECEIVER)
    (event,) = emitted
    assert (event["account"], event["region"]) == (SENDER, REGION)
    assert event["source"] in pattern["source"]
    assert event["detail-type"] in pattern["detail-type"]
    assert event["detail"] == {name: values[0] for name, values in pattern["detail"].items()}


def test_nobody_is_told_of_invitations_that_come_or_expire(aws: Emulator, emitted: list[Event], client: Client) -> None:
    invite()
    aws.advance(timedelta(days=1))
    client(RECEIVER).get_resource_share_invitations()
    assert emitted == []


def test_an_answer_is_recorded_where_it_was_given(client: Client, emitted: list[Event], aws: Emulator) -> None:
    arn = invite()
    client(RECEIVER).accept_resource_share_invitation(resourceShareInvitationArn=arn, clientToken="once")
    (event,) = emitted
    detail = event["detail"]
    assert (event["source"], event["detail-type"]) == ("aws.ram", "AWS API Call via CloudTrail")
    assert (event["account"], event["region"], event["time"]) == (RECEIVER, REGION, f"{aws.clock.now():%FT%TZ}")
    assert (detail["eventSource"], detail["eventName"]) == ("ram.amazonaws.com", "AcceptResourceShareInvitation")
    assert detail["requestParameters"] == {"resourceShareInvitationArn": arn, "clientToken": "once"}
    assert detail["responseElements"]["resourceShareInvitation"]["status"] == "ACCEPTED"
    assert "errorCode" not in detail


def test_a_call_that_failed_is_recorded_with_its_error(client: Client, emitted: list[Event]) -> None:
    with pytest.raises(ClientError):
        client(RECEIVER).reject_resource_share_invitation(resourceShareInvitationArn="x")
    detail = emitted[0]["detail"]
    assert (detail["errorCode"], detail["responseElements"]) == ("MalformedArnException", None)
    assert detail["errorMessage"]


def test_reading_is_not_recorded(client: Client, emitted: list[Event]) -> None:
    client(RECEIVER).get_resource_share_invitations()
    client(RECEIVER).list_resources(resourceOwner="SELF")
    assert emitted == []


def test_a_record_has_what_aws_printed_of_one(client: Client, emitted: list[Event], printed: Printed) -> None:
    sample = printed("aws-docs/ram.cloudtrail-CreateResourceShare.json")
    client(SENDER).create_resource_share(name="foo")
    detail = emitted[0]["detail"]
    assert set(detail) >= set(sample)
    assert set(detail["userIdentity"]) >= set(sample["userIdentity"]) - {"userName"}
    assert detail["requestParameters"] == sample["requestParameters"]
    assert set(detail["responseElements"]["resourceShare"]) >= set(sample["responseElements"]["resourceShare"])
    same = ("eventSource", "eventName", "readOnly", "eventType")
    assert {name: detail[name] for name in same} == {name: sample[name] for name in same}
