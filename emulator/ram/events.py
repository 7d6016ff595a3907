"""The EventBridge events that RAM emits, for whoever delivers them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emulator.ram.arns import new_id
from emulator.ram.shares import ResourceShare

Event = dict[str, Any]
Subscriber = Callable[[Event], None]

subscribers: list[Subscriber] = []
"""Each is called with every event, at once, in the account and Region that stand in it; none is told of expiry.

Source: https://docs.aws.amazon.com/ram/latest/userguide/using-eventbridge.html
"""

MUTATING = frozenset(
    {
        "AcceptResourceShareInvitation",
        "AssociateResourceShare",
        "CreateResourceShare",
        "DeleteResourceShare",
        "DisassociateResourceShare",
        "EnableSharingWithAwsOrganization",
        "RejectResourceShareInvitation",
        "TagResource",
        "UntagResource",
        "UpdateResourceShare",
    }
)
"""The operations whose calls CloudTrail hands to EventBridge."""


def publish(event: Event) -> None:
    """Hand an event to every subscriber."""
    for subscriber in tuple(subscribers):
        subscriber(event)


def association_failed(share: ResourceShare, now: datetime) -> Event:
    """Return the one event of RAM's own that AWS documents, with the only detail that it documents."""
    detail = {"event": "Resource Share Association", "status": "failed"}
    return _event("Resource Sharing State Change", share.owner, share.region, now, detail)


def api_call(
    call: str,
    caller: dict[str, str],
    parameters: dict[str, Any],
    outcome: dict[str, Any],
    now: datetime,
) -> Event:
    """Return what CloudTrail hands to EventBridge for a call.

    Args:
        call: the operation.
        caller: ``account``, ``region``, ``partition``, ``access_key``, ``address`` and ``agent`` of who made it.
        parameters: of the request.
        outcome: ``responseElements``; of a call that failed, ``errorCode`` and ``errorMessage``.
        now: when.
    """
    account = caller["account"]
    root = f"arn:{caller['partition']}:iam::{account}:root"
    detail = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "Root",
            "principalId": account,
            "arn": root,
            "accountId": account,
            "accessKeyId": caller["access_key"],
        },
        "eventTime": _text(now),
        "eventSource": "ram.amazonaws.com",
        "eventName": call,
        "awsRegion": caller["region"],
        "sourceIPAddress": caller["address"],
        "userAgent": caller["agent"],
        "requestParameters": parameters or None,
        "responseElements": None,
        **outcome,
        "requestID": str(new_id()),
        "eventID": str(new_id()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    return _event("AWS API Call via CloudTrail", account, caller["region"], now, detail)


def _event(detail_type: str, account: str, region: str, now: datetime, detail: dict[str, Any]) -> Event:
    return {
        "version": "0",
        "id": str(new_id()),
        "detail-type": detail_type,
        "source": "aws.ram",
        "account": account,
        "time": _text(now),
        "region": region,
        "resources": [],
        "detail": detail,
    }


def _text(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
