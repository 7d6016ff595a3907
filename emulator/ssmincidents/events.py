"""The EventBridge events about replication sets: CloudTrail's alone, for Incident Manager says nothing of a Region."""

from collections.abc import Callable

from emulator.wire.cloudtrail import Event

subscribers: list[Callable[[Event], None]] = []
"""Each is called with every event, at once, in the account and Region that stand in it."""

MUTATING = frozenset(
    {"CreateReplicationSet", "DeleteReplicationSet", "UpdateDeletionProtection", "UpdateReplicationSet"}
)
"""The operations whose calls CloudTrail hands to EventBridge."""


def publish(event: Event) -> None:
    """Hand an event to every subscriber."""
    for subscriber in tuple(subscribers):
        subscriber(event)
