"""The events that services emit for EventBridge, and who receives them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random

from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds

Event = dict[str, Any]
EventSubscriber = Callable[[Event], object]

subscribers: list[EventSubscriber] = []
"""Each is called at once with every event; the account and the Region stand in the event."""


def publish(event: Event) -> None:
    """Call every subscriber with *event*."""
    for subscriber in tuple(subscribers):
        subscriber(event)


def event_at(
    location: Location, source: str, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = ()
) -> Event:
    """Return an event of AWS's own that happens now.

    Args:
        location: the account and the Region.
        source: such as ``aws.ram``.
        detail_type: such as ``Resource Sharing State Change``.
        detail: what happened.
        resources: ARNs.
    """
    where = {"account": location.account, "region": location.region}
    return complete({"source": source, "detail-type": detail_type, "detail": detail, "resources": resources, **where})


def complete(event: Mapping[str, Any]) -> Event:
    """Return *event* with every member that EventBridge gives it."""
    return {
        "version": event.get("version", "0"),
        "id": event.get("id") or str(mock_random.uuid4()),
        "detail-type": event["detail-type"],
        "source": event["source"],
        "account": event["account"],
        "time": iso_seconds(event.get("time") or datetime.now(UTC)),
        "region": event["region"],
        "resources": list(event.get("resources", [])),
        "detail": event.get("detail", {}),
    }
