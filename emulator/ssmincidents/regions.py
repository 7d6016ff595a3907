"""One Region of a replication set: what it is at a moment, and what it will be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.ssmincidents.statuses import RegionStatus

YOUNG = timedelta(hours=24)
"""A Region cannot be deleted before it is that old: the attempt leaves it FAILED."""

_TOO_YOUNG = "A Region can't be deleted within 24 hours of its creation."


@dataclass(slots=True)
class ReplicaRegion:
    """A Region of a set.

    Attributes:
        name: of the Region.
        added_at: when it was added.
        key: ``sseKmsKeyId``; empty where AWS's own key is used.
        status: the last one that was set.
        since_at: when it was set.
        settles_at: when it becomes ACTIVE, or is gone; None if it never will by itself.
        message: AWS's, of a status.
    """

    name: str
    added_at: datetime
    key: str
    status: RegionStatus
    since_at: datetime
    settles_at: datetime | None
    message: str = ""

    def status_at(self, now: datetime) -> RegionStatus:
        """Return what it is by then."""
        is_settled = self.settles_at is not None and self.settles_at <= now
        return RegionStatus.ACTIVE if self.status is RegionStatus.CREATING and is_settled else self.status

    def is_gone(self, now: datetime) -> bool:
        """Say whether its deletion has ended by then."""
        return self.status is RegionStatus.DELETING and self.settles_at is not None and self.settles_at <= now

    def become(
        self, status: RegionStatus, now: datetime, settles_at: datetime | None = None, message: str = ""
    ) -> None:
        """Take another status from now on."""
        self.status, self.since_at, self.settles_at, self.message = status, now, settles_at, message

    def delete(self, now: datetime, takes: timedelta) -> None:
        """Begin to leave the set, or fail if it is too young for that."""
        if now - self.added_at < YOUNG:
            self.become(RegionStatus.FAILED, now, message=_TOO_YOUNG)
        else:
            self.become(RegionStatus.DELETING, now, now + takes)

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the words of the API."""
        status = self.status_at(now)
        changed_at = self.settles_at if status is not self.status else self.since_at
        told: dict[str, Any] = {"status": status, "statusUpdateDateTime": changed_at}
        return (
            told
            | ({"sseKmsKeyId": self.key} if self.key else {})
            | ({"statusMessage": self.message} if self.message else {})
        )
