"""The associations of a share: resources, principals, and sources of service principals."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulator.ram.entities import resource_types
from emulator.ram.entities.principals import Principal
from emulator.ram.entities.statuses import AssociationStatus, AssociationType, Phase, ResourceStatus

ENDED = frozenset({AssociationStatus.DISASSOCIATED, AssociationStatus.FAILED})
REACHING = frozenset({AssociationStatus.ASSOCIATED, AssociationStatus.DISASSOCIATING})
"""The statuses in which a principal can use the share."""


@dataclass(slots=True, eq=False)
class Association:
    """The association of a resource, a principal or a source with a share.

    Attributes:
        entity: its ARN, account number or service name.
        type: which of the three.
        created_at: when it was associated.
        phase: its status, and the next one.
        external: whether it is a principal outside the owner's organization.
        message: why it failed.
    """

    entity: str
    type: AssociationType
    created_at: datetime
    phase: Phase[AssociationStatus]
    external: bool = False
    message: str = ""

    def status(self, now: datetime) -> AssociationStatus:
        """Return the status at *now*."""
        return self.phase.at(now)

    def has_ended(self, now: datetime) -> bool:
        """Tell whether it was removed or failed."""
        return self.status(now) in ENDED

    def brief(self, share_arn: str, now: datetime) -> dict[str, Any]:
        """Return it as AssociateResourceShare does: without the share's name and times."""
        return {
            "resourceShareArn": share_arn,
            "associatedEntity": self.entity,
            "associationType": self.type,
            "status": self.status(now),
            "external": self.external,
        }

    def describe(self, share_arn: str, share_name: str, now: datetime) -> dict[str, Any]:
        """Return it as ``GetResourceShareAssociations`` does."""
        message = {"statusMessage": self.message} if self.message else {}
        times = {"creationTime": self.created_at, "lastUpdatedTime": self.phase.changed_at(now)}
        return self.brief(share_arn, now) | {"resourceShareName": share_name} | times | message


@dataclass(slots=True, eq=False)
class ResourceAssociation(Association):
    """A resource of a share.

    Attributes:
        resource_type: RAM's name of its type, such as ``ec2:TransitGateway``.
        condition: a status that was set; None if the status follows from the association.
        condition_message: its statusMessage.
    """

    resource_type: str = ""
    condition: ResourceStatus | None = None
    condition_message: str = ""

    @property
    def scope(self) -> str:
        """``GLOBAL`` or ``REGIONAL``."""
        return resource_types.scope_of(self.resource_type)

    def resource(self, share_arn: str, now: datetime) -> dict[str, Any]:
        """Return it as ``ListResources`` does."""
        ready = self.status(now) is not AssociationStatus.ASSOCIATING
        status = self.condition or (ResourceStatus.AVAILABLE if ready else ResourceStatus.PENDING)
        message = {"statusMessage": self.condition_message} if self.condition_message else {}
        return {
            "arn": self.entity,
            "type": self.resource_type,
            "resourceShareArn": share_arn,
            "status": status,
            "creationTime": self.created_at,
            "lastUpdatedTime": self.phase.changed_at(now),
            "resourceRegionScope": self.scope,
        } | message


@dataclass(slots=True, eq=False)
class PrincipalAssociation(Association):
    """A principal of a share.

    Attributes:
        principal: the parsed entity.
        invited: whether it was invited, so that it may leave by itself.
    """

    principal: Principal = field(kw_only=True)
    invited: bool = False

    @property
    def waits(self) -> bool:
        """Whether it waits for an invitation to be accepted, and ends when the invitation expires."""
        return self.phase.then is AssociationStatus.DISASSOCIATED and self.phase.status is AssociationStatus.ASSOCIATING
