"""The statuses of shares, associations and invitations, and how a status changes by itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar


class ShareStatus(StrEnum):
    """RAM's ResourceShareStatus."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    DELETING = "DELETING"
    DELETED = "DELETED"


class AssociationStatus(StrEnum):
    """RAM's ResourceShareAssociationStatus."""

    ASSOCIATING = "ASSOCIATING"
    ASSOCIATED = "ASSOCIATED"
    FAILED = "FAILED"
    DISASSOCIATING = "DISASSOCIATING"
    DISASSOCIATED = "DISASSOCIATED"
    SUSPENDED = "SUSPENDED"
    SUSPENDING = "SUSPENDING"
    RESTORING = "RESTORING"


class InvitationStatus(StrEnum):
    """RAM's ResourceShareInvitationStatus."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class ResourceStatus(StrEnum):
    """RAM's ResourceStatus."""

    AVAILABLE = "AVAILABLE"
    ZONAL_RESOURCE_INACCESSIBLE = "ZONAL_RESOURCE_INACCESSIBLE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    UNAVAILABLE = "UNAVAILABLE"
    PENDING = "PENDING"


class AssociationType(StrEnum):
    """RAM's ResourceShareAssociationType."""

    PRINCIPAL = "PRINCIPAL"
    RESOURCE = "RESOURCE"
    SOURCE = "SOURCE"


Status = TypeVar("Status", ShareStatus, AssociationStatus)


@dataclass(frozen=True, slots=True)
class Phase(Generic[Status]):
    """A status, and the one that follows by itself.

    Attributes:
        status: the first.
        since_at: its start.
        then: the next status.
        then_at: the start of the next; None if there is none.
    """

    status: Status
    since_at: datetime
    then: Status | None = None
    then_at: datetime | None = None

    def at(self, now: datetime) -> Status:
        """Return the status at *now*."""
        return self.then if self.then and self._is_over(now) else self.status

    def changed_at(self, now: datetime) -> datetime:
        """Return the start of the status at *now*."""
        return self.then_at if self.then_at and self._is_over(now) else self.since_at

    def _is_over(self, now: datetime) -> bool:
        return self.then_at is not None and self.then_at <= now
