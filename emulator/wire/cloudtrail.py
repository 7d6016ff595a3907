"""What CloudTrail hands to EventBridge for a call that changes something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who made a call, and where.

    Attributes:
        account: 12 digits.
        region: of the call.
        partition: of the Region.
        access_key: the caller's.
        address: where the call came from.
        agent: the client's name for itself.
    """

    account: str
    region: str
    partition: str
    access_key: str
    address: str
    agent: str

    @property
    def arn(self) -> str:
        """The caller as IAM names it: the emulator knows accounts, not users."""
        return f"arn:{self.partition}:iam::{self.account}:root"


def api_call(
    service: str, call: str, caller: Caller, parameters: Mapping[str, Any], outcome: Mapping[str, Any]
) -> Event:
    """Return the event of a call that was made now.

    Args:
        service: CloudTrail's name of it, such as ``ssm-incidents``.
        call: the operation.
        caller: who made it.
        parameters: of the request, as CloudTrail writes them.
        outcome: ``responseElements``; of a call that failed, ``errorCode`` and ``errorMessage``.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root",
            "principalId": caller.account,
            "arn": caller.arn,
            "accountId": caller.account,
            "accessKeyId": caller.access_key,
        },
        "eventTime": at,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": call,
        "awsRegion": caller.region,
        "sourceIPAddress": caller.address,
        "userAgent": caller.agent,
        "requestParameters": dict(parameters) or None,
        "responseElements": None,
        **outcome,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
    }
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{service}",
        "account": caller.account,
        "time": at,
        "region": caller.region,
        "resources": [],
        "detail": detail,
    }
