"""The EventBridge events about CloudHSM: those of CloudTrail, for CloudHSM itself emits none."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Event = dict[str, Any]
Subscriber = Callable[[Event], None]

subscribers: list[Subscriber] = []
"""Each is called with every event, at once, in the account and Region that stand in it; none is told of a purge."""

MUTATING = frozenset(
    {
        "CopyBackupToRegion",
        "CreateCluster",
        "DeleteBackup",
        "DeleteCluster",
        "ModifyBackupAttributes",
        "ModifyCluster",
        "PutResourcePolicy",
        "RestoreBackup",
        "TagResource",
        "UntagResource",
    }
)
"""The operations whose calls CloudTrail hands to EventBridge."""

KNOWN = MUTATING | {"DescribeBackups", "DescribeClusters", "GetResourcePolicy", "ListTags"}
"""The operations that this backend answers itself."""


def publish(event: Event) -> None:
    """Hand an event to every subscriber."""
    for subscriber in tuple(subscribers):
        subscriber(event)


def api_call(
    call: str,
    caller: dict[str, str],
    parameters: dict[str, Any],
    outcome: dict[str, Any],
    now: datetime,
) -> Event:
    """Return what CloudTrail hands to EventBridge for a call: keys begin with a small letter, times are text.

    Args:
        call: the operation.
        caller: ``account``, ``region``, ``partition``, ``access_key``, ``address`` and ``agent`` of who made it.
        parameters: of the request.
        outcome: ``responseElements``; of a call that failed, ``errorCode`` and ``errorMessage``.
        now: when.
    """
    account = caller["account"]
    detail = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "Root",
            "principalId": account,
            "arn": f"arn:{caller['partition']}:iam::{account}:root",
            "accountId": account,
            "accessKeyId": caller["access_key"],
        },
        "eventTime": _text(now),
        "eventSource": "cloudhsm.amazonaws.com",
        "eventName": call,
        "awsRegion": caller["region"],
        "sourceIPAddress": caller["address"],
        "userAgent": caller["agent"],
        "requestParameters": as_recorded(parameters) or None,
        "responseElements": None,
        **outcome,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.cloudhsm",
        "account": account,
        "time": _text(now),
        "region": caller["region"],
        "resources": [],
        "detail": detail,
    }


def as_recorded(value: Any) -> Any:
    """Return a request or an answer as CloudTrail writes it: without what is secret."""
    match value:
        case dict():
            shown = {name: inner for name, inner in value.items() if name not in ("PreCoPassword", "Certificates")}
            return {name[:1].lower() + name[1:]: _timed(name, as_recorded(inner)) for name, inner in shown.items()}
        case list() | tuple():
            return [as_recorded(item) for item in value]
        case _:
            return value


def _timed(name: str, value: Any) -> Any:
    is_time = name.endswith("Timestamp") and isinstance(value, int | float)
    return datetime.fromtimestamp(value, UTC).strftime("%b %d, %Y %I:%M:%S %p") if is_time else value


def _text(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
