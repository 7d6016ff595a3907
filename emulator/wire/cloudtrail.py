"""The event that CloudTrail sends to EventBridge for a call that changes something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.responses import BaseResponse

from emulator.wire.events import Event, event_at
from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds


@dataclass(frozen=True, slots=True)
class CallOrigin:
    """Who made a call, and where.

    Attributes:
        account: 12 digits.
        region: of the call.
        partition: of the Region.
        access_key: the caller's.
        address: ``sourceIPAddress``.
        agent: ``userAgent``.
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


def origin_of(response: BaseResponse) -> CallOrigin:
    """Return who makes the call that *response* answers."""
    address, agent = response.normalized_request.remote_addr or "127.0.0.1", response.headers.get("User-Agent", "")
    where = response.current_account, response.region, response.partition
    return CallOrigin(*where, response.access_key, address, agent)


def api_call(
    service: str, operation: str, origin: CallOrigin, parameters: Mapping[str, Any], outcome: Mapping[str, Any]
) -> Event:
    """Return the event of a call that was made now.

    Args:
        service: CloudTrail's name of it, such as ``ssm-incidents``.
        operation: of the API.
        origin: who made the call.
        parameters: of the request, as CloudTrail writes them.
        outcome: ``responseElements``; of a call that failed, ``errorCode`` and ``errorMessage``.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root",
            "principalId": origin.account,
            "arn": origin.arn,
            "accountId": origin.account,
            "accessKeyId": origin.access_key,
        },
        "eventTime": iso_seconds(datetime.now(UTC)),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": origin.region,
        "sourceIPAddress": origin.address,
        "userAgent": origin.agent,
        "requestParameters": dict(parameters) or None,
        "responseElements": None,
        **outcome,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": origin.account,
        "eventCategory": "Management",
    }
    location = Location(origin.account, origin.region)
    return event_at(location, f"aws.{service}", "AWS API Call via CloudTrail", detail)
