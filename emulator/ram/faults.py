"""What goes wrong with shares by itself in the real RAM, and here when a story or a test says so."""

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
    """Give a shared resource a status; ``AVAILABLE`` gives it back to the course of things.

    Args:
        share_arn: of a share of any account.
        resource_arn: of a resource in it.
        status: RAM's, such as ``UNAVAILABLE`` or ``ZONAL_RESOURCE_INACCESSIBLE``.
        message: what AWS says of it.

    Raises:
        MalformedArnException: the ARN is no share's.
        UnknownResourceException: there is no such share or resource.
        ValueError: there is no such status.
    """
    held = _held(_share(share_arn), resource_arn)
    if not isinstance(held, ResourceAssociation):
        raise ServiceError("UnknownResourceException", f"{resource_arn} is no resource of {share_arn}.")
    condition = ResourceStatus(status)
    held.condition = None if condition is ResourceStatus.AVAILABLE else condition
    held.condition_message = message


def set_share_status(share_arn: str, status: str, message: str = "") -> None:
    """Give a share a status, such as ``FAILED`` or ``PENDING``, from now on.

    Raises:
        MalformedArnException: the ARN is no share's.
        UnknownResourceException: there is no such share.
        ValueError: there is no such status.
    """
    share = _share(share_arn)
    share.phase, share.message = Phase(ShareStatus(status), datetime.now(UTC)), message


def fail_association(share_arn: str, entity: str, message: str = "") -> None:
    """Let the association of a resource or principal fail, which is all that RAM itself emits an event for.

    Source: https://docs.aws.amazon.com/ram/latest/userguide/using-eventbridge.html

    Raises:
        MalformedArnException: the ARN is no share's.
        UnknownResourceException: there is no such share, or nothing of that name in it.
    """
    share, now = _share(share_arn), datetime.now(UTC)
    held = _held(share, entity)
    held.phase, held.message = Phase(AssociationStatus.FAILED, now), message
    detail = {"event": "Resource Share Association", "status": "failed"}
    publish(event_at(Location(share.owner, share.region), "aws.ram", "Resource Sharing State Change", detail))


def leave_waiting(share_arn: str, principal: str) -> None:
    """Let a principal that was invited stay ASSOCIATING also when its invitation has gone stale.

    Raises:
        MalformedArnException: the ARN is no share's.
        UnknownResourceException: there is no such share, or no such principal in it.
    """
    held = _held(_share(share_arn), principal)
    held.phase = Phase(AssociationStatus.ASSOCIATING, held.phase.since_at)


def _share(arn: str) -> ResourceShare:
    share = find_share(arns.check_share_arn(arn))
    if share is None:
        raise unknown_share(arn)
    return share


def _held(share: ResourceShare, entity: str) -> Association:
    held = share.resources.get(entity) or share.principals.get(entity)
    if held is None:
        raise ServiceError("UnknownResourceException", f"{entity} is not associated with {share.arn}.")
    return held
