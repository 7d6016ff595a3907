"""The EventBridge events that RAM emits, for whoever delivers them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emulator.ram.entities.arns import new_id
from emulator.ram.entities.shares import ResourceShare
from emulator.wire.cloudtrail import Event

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
