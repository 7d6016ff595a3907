"""The EventBridge events about CloudHSM: those of CloudTrail, for CloudHSM itself emits none."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emulator.wire.cloudtrail import Event

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
