"""Faults of shares that happen by themselves in AWS, and here when a test orders them."""

from datetime import UTC, datetime

from emulator.ram.entities import arns
from emulator.ram.entities.associations import Association, ResourceAssociation
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, Phase, ResourceStatus, ShareStatus
from emulator.ram.models import find_share, unknown_share
from emulator.wire.errors import ServiceError
from emulator.wire.events import event_at, publish
from emulator.wire.identity import Location


def set_resource_status(share_arn: str, resource_arn: str, status: str, message: str = "") -> None:
    """Set the status of a shared resource; ``AVAILABLE`` removes the setting.

    Args:
        share_arn: of a share of any account.
        resource_arn: of a resource in it.
        status: RAM's, such as ``UNAVAILABLE`` or ``ZONAL_RESOURCE_INACCESSIBLE``.
        message: its statusMessage.

    Raises:
        MalformedArnException: the ARN is not that of a share.
        UnknownResourceException: the share or the resource does not exist.
        ValueError: unknown status.
    """
    association = _association(_share(share_arn), resource_arn)
    if not isinstance(association, ResourceAssociation):
        raise ServiceError("UnknownResourceException", f"{resource_arn} is not a resource of {share_arn}.")
    condition = ResourceStatus(status)
    association.condition = None if condition is ResourceStatus.AVAILABLE else condition
    association.condition_message = message


def set_share_status(share_arn: str, status: str, message: str = "") -> None:
    """Set the status of a share, such as ``FAILED`` or ``PENDING``.

    Raises:
        MalformedArnException: the ARN is not that of a share.
        UnknownResourceException: the share does not exist.
        ValueError: unknown status.
    """
    share = _share(share_arn)
    share.phase, share.message = Phase(ShareStatus(status), datetime.now(UTC)), message


def fail_association(share_arn: str, entity: str, message: str = "") -> None:
    """Let the association of a resource or principal fail, and emit RAM's event about it.

    Source: https://docs.aws.amazon.com/ram/latest/userguide/using-eventbridge.html

    Raises:
        MalformedArnException: the ARN is not that of a share.
        UnknownResourceException: the share does not exist, or has no such association.
    """
    share, now = _share(share_arn), datetime.now(UTC)
    association = _association(share, entity)
    association.phase, association.message = Phase(AssociationStatus.FAILED, now), message
    detail = {"event": "Resource Share Association", "status": "failed"}
    publish(event_at(Location(share.owner, share.region), "aws.ram", "Resource Sharing State Change", detail))


def leave_waiting(share_arn: str, principal: str) -> None:
    """Let an invited principal stay ASSOCIATING after its invitation has expired.

    Raises:
        MalformedArnException: the ARN is not that of a share.
        UnknownResourceException: the share does not exist, or has no such principal.
    """
    association = _association(_share(share_arn), principal)
    association.phase = Phase(AssociationStatus.ASSOCIATING, association.phase.since_at)


def _share(arn: str) -> ResourceShare:
    share = find_share(arns.check_share_arn(arn))
    if share is None:
        raise unknown_share(arn)
    return share


def _association(share: ResourceShare, entity: str) -> Association:
    association = share.resources.get(entity) or share.principals.get(entity)
    if association is None:
        raise ServiceError("UnknownResourceException", f"{entity} is not associated with {share.arn}.")
    return association
