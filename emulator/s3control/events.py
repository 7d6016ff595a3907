"""The EventBridge events about access points: CloudTrail's, which come from us-west-2 wherever the caller is."""

from collections.abc import Callable

from emulator.wire.cloudtrail import Event

subscribers: list[Callable[[Event], None]] = []
"""Each is called with every event, at once, in the account and Region that stand in it; none is told of an end."""

MUTATING = frozenset(
    {"CreateMultiRegionAccessPoint", "DeleteMultiRegionAccessPoint", "PutMultiRegionAccessPointPolicy"}
)
"""The operations whose calls CloudTrail hands to EventBridge; nobody has published a record: the form is ours."""


def publish(event: Event) -> None:
    """Hand an event to every subscriber."""
    for subscriber in tuple(subscribers):
        subscriber(event)
