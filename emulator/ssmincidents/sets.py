"""A replication set with its Regions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulator.ssmincidents.regions import ReplicaRegion
from emulator.ssmincidents.statuses import MOST_REGIONS, REGIONS, RegionStatus, SetStatus
from emulator.wire.errors import ServiceError

CREATING_TAKES = timedelta(minutes=10)
DELETING_TAKES = timedelta(minutes=10)

_MOVING = frozenset({RegionStatus.CREATING, RegionStatus.DELETING})


def invalid(message: str) -> ServiceError:
    """Return the error for an invalid parameter."""
    return ServiceError("ValidationException", message)


@dataclass(slots=True)
class ReplicationSet:
    """A replication set of an account.

    Attributes:
        arn: without a Region.
        created_by: ARN of the caller.
        created_at: time of its creation.
        modified_by: ARN of the caller that changed it last.
        modified_at: time of the last change.
        protected: whether deletion protection is on.
        forced: a status that was set; None if the status follows from its Regions.
        deleted_at: when its deletion began.
    """

    arn: str
    created_by: str
    created_at: datetime
    modified_by: str
    modified_at: datetime
    protected: bool = False
    forced: SetStatus | None = None
    deleted_at: datetime | None = None
    _regions: dict[str, ReplicaRegion] = field(default_factory=dict)

    def add(self, name: str, key: str, now: datetime, *, ready: bool = False) -> None:
        """Add a Region, which becomes ACTIVE after a while, or at once if *ready*.

        Raises:
            ValidationException: Incident Manager is not there, the set has the Region already, or the set is full.
        """
        if name not in REGIONS:
            raise invalid(f"{name} is not a Region of Incident Manager.")
        if name in self.regions(now):
            raise invalid(f"{name} is in the replication set already.")
        if len(self.regions(now)) >= MOST_REGIONS:
            raise invalid(f"A replication set has at most {MOST_REGIONS} Regions.")
        settles_at = now if ready else now + CREATING_TAKES
        self._regions[name] = ReplicaRegion(name, now, key, RegionStatus.CREATING, now, settles_at)

    def remove(self, name: str, now: datetime) -> None:
        """Start to delete a Region; with the last Region the set is deleted.

        Raises:
            ValidationException: the set has no such Region, or its last one is protected.
        """
        if name not in self.regions(now):
            raise invalid(f"{name} is not in the replication set.")
        if len(self.regions(now)) == 1:
            self.delete(now)
        else:
            self._regions[name].delete(now, DELETING_TAKES)

    def delete(self, now: datetime) -> None:
        """Start to delete the set and all its Regions.

        Raises:
            ValidationException: deletion protection is on.
        """
        if self.protected:
            raise invalid("Deletion protection is on.")
        self.deleted_at = now
        for region in self._regions.values():
            region.become(RegionStatus.DELETING, now, now + DELETING_TAKES)

    def check_idle(self, now: datetime) -> None:
        """Refuse a change while another one is in progress.

        Raises:
            ConflictException: a Region is being created or deleted.
        """
        if any(region.status_at(now) in _MOVING for region in self.regions(now).values()):
            raise ServiceError("ConflictException", "The replication set is being changed.")

    def regions(self, now: datetime) -> dict[str, ReplicaRegion]:
        """Return its Regions at *now*."""
        return {name: region for name, region in self._regions.items() if not region.is_gone(now)}

    def region(self, name: str) -> ReplicaRegion:
        """Return one of its Regions."""
        return self._regions[name]

    def is_gone(self, now: datetime) -> bool:
        """Tell whether all its Regions are deleted at *now*."""
        return not self.regions(now)

    def status(self, now: datetime) -> SetStatus:
        """Return its status at *now*; a FAILED Region does not make the set fail."""
        if self.forced:
            return self.forced
        if self.deleted_at:
            return SetStatus.DELETING
        return next(self._moving(now), SetStatus.ACTIVE)

    def _moving(self, now: datetime) -> Iterator[SetStatus]:
        for region in self.regions(now).values():
            if region.status_at(now) in _MOVING:
                yield SetStatus.CREATING if self._is_new(region) else SetStatus.UPDATING

    def _is_new(self, region: ReplicaRegion) -> bool:
        return region.status is RegionStatus.CREATING and region.added_at == self.created_at

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API."""
        return {
            "arn": self.arn,
            "createdBy": self.created_by,
            "createdTime": self.created_at,
            "deletionProtected": self.protected,
            "lastModifiedBy": self.modified_by,
            "lastModifiedTime": self.modified_at,
            "regionMap": {name: region.describe(now) for name, region in self.regions(now).items()},
            "status": self.status(now),
        }
