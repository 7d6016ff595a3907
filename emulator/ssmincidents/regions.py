"""One Region of a replication set, with its current and its next status."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.ssmincidents.statuses import RegionStatus

YOUNG = timedelta(hours=24)
"""The age before which a Region cannot be deleted: the attempt leaves it FAILED."""

_TOO_YOUNG = "A Region can't be deleted within 24 hours of its creation."


@dataclass(slots=True)
class ReplicaRegion:
    """A Region of a set.

    Attributes:
        name: of the Region.
        added_at: when it was added.
        key: ``sseKmsKeyId``; empty for AWS's own key.
        status: the last one set.
        since_at: when it was set.
        settles_at: when it becomes ACTIVE or is deleted; None if it stays.
        message: of the status.
    """

    name: str
    added_at: datetime
    key: str
    status: RegionStatus
    since_at: datetime
    settles_at: datetime | None
    message: str = ""

    def status_at(self, now: datetime) -> RegionStatus:
        """Return its status at *now*."""
        is_settled = self.settles_at is not None and self.settles_at <= now
        return RegionStatus.ACTIVE if self.status is RegionStatus.CREATING and is_settled else self.status

    def is_gone(self, now: datetime) -> bool:
        """Tell whether its deletion has ended at *now*."""
        return self.status is RegionStatus.DELETING and self.settles_at is not None and self.settles_at <= now

    def become(
        self, status: RegionStatus, now: datetime, settles_at: datetime | None = None, message: str = ""
    ) -> None:
        """Set its status."""
        self.status, self.since_at, self.settles_at, self.message = status, now, settles_at, message

    def delete(self, now: datetime, takes: timedelta) -> None:
        """Start its deletion, or fail if it is too young."""
        if now - self.added_at < YOUNG:
            self.become(RegionStatus.FAILED, now, message=_TOO_YOUNG)
        else:
            self.become(RegionStatus.DELETING, now, now + takes)

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API."""
        status = self.status_at(now)
        changed_at = self.settles_at if status is not self.status else self.since_at
        members: dict[str, Any] = {"status": status, "statusUpdateDateTime": changed_at}
        return (
            members
            | ({"sseKmsKeyId": self.key} if self.key else {})
            | ({"statusMessage": self.message} if self.message else {})
        )
