"""How resources and principals are associated with a share: directly or by invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emulator.ram.entities import arns, principals, resource_types
from emulator.ram.entities.associations import Association, PrincipalAssociation, ResourceAssociation
from emulator.ram.entities.principals import Principal, PrincipalKind
from emulator.ram.entities.resource_types import ResourceType
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, AssociationType, Phase
from emulator.ram.models import RamBackend
from emulator.ram.operations.invitations import invite
from emulator.wire.errors import ServiceError

ResourceAndType = tuple[str, ResourceType]

_GLOBAL_HOME = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}
_OUTSIDER = (
    "Principal {} is not in your AWS organization. You do not have permission to add external AWS accounts to a "
    "resource share."
)
_ORGANIZATION_ONLY = (
    "The resource you are attempting to share can only be shared within your AWS Organization. This error may also "
    "occur if you have not enabled sharing with your AWS organization, or that onboarding process is still in progress."
)


@dataclass(frozen=True, slots=True)
class Admission:
    """How a principal is associated with a share.

    Attributes:
        principal: to associate.
        external: whether it is outside the owner's organization.
        by_invitation: whether it must accept an invitation first.
    """

    principal: Principal
    external: bool
    by_invitation: bool


def judge_resource(backend: RamBackend, arn: str) -> ResourceAndType:
    """Check a resource of the caller; return its ARN and its type.

    Raises:
        MalformedArnException: it is not an ARN, or its type cannot be shared.
        OperationNotPermittedException: another account owns it.
        InvalidParameterException: it is in another Region.
    """
    found, known = arns.parts(arn), resource_types.of_arn(arn)
    if known is None:
        raise ServiceError("MalformedArnException", "You cannot share the selected resource type.")
    if found["account"] != backend.account_id:
        raise ServiceError("OperationNotPermittedException", f"You do not own the resource {arn}.")
    is_global = known.scope == "GLOBAL"
    home = _GLOBAL_HOME.get(backend.partition) if is_global else found["region"]
    if home != backend.region_name or found["partition"] != backend.partition:
        raise ServiceError("InvalidParameterException", f"The resource {arn} can be shared in {home} only.")
    return arn, known


def judge_principal(backend: RamBackend, share: ResourceShare, entity: str) -> Admission:
    """Check a principal; return how it is associated.

    Raises:
        InvalidParameterException: it is not a principal, or the share does not allow outsiders.
        UnknownResourceException: it is not the owner's organization or one of its units.
        OperationNotPermittedException: sharing with the organization is not enabled.
    """
    principal, ours = principals.read(entity, backend.partition), backend.own_organization()
    inside = ours is not None and ours.has(principal)
    free = ours is not None and ours.shares_freely
    if principal.kind is PrincipalKind.SERVICE or principal.account == backend.account_id:
        return Admission(principal, external=False, by_invitation=False)
    if principal.kind in {PrincipalKind.ORGANIZATION, PrincipalKind.UNIT}:
        return _judge_organization(principal, inside=inside, free=free)
    if not inside and not share.open:
        raise ServiceError("InvalidParameterException", _OUTSIDER.format(entity))
    if not free and not share.open:
        raise ServiceError("OperationNotPermittedException", _ORGANIZATION_ONLY)
    return Admission(principal, external=not inside, by_invitation=not (inside and free))


def check_quota(backend: RamBackend, share: ResourceShare, admissions: Sequence[Admission], now: datetime) -> None:
    """Check the quota of pending invitations.

    Raises:
        ResourceShareLimitExceededException: the sender would have too many pending invitations.
    """
    backend.sent = [invitation for invitation in backend.sent if invitation.is_pending(now)]
    to_send = [each for each in admissions if each.by_invitation and not _present(share, each.principal.entity, now)]
    limit = backend.settings.pending_limit
    if to_send and len(backend.sent) + len(to_send) > limit:
        raise ServiceError(
            "ResourceShareLimitExceededException", f"You can have up to {limit} pending invitations in a Region."
        )


def add_resource(backend: RamBackend, share: ResourceShare, found: ResourceAndType, now: datetime) -> Association:
    """Associate a resource; an existing association stays."""
    arn, known = found
    present = share.resources.get(arn)
    if present and not present.has_ended(now):
        return present
    phase = _associating(now, now + backend.settings.delays.resource)
    added = ResourceAssociation(arn, AssociationType.RESOURCE, now, phase, resource_type=known.name)
    share.resources.add(arn, added)
    return added


def add_source(backend: RamBackend, share: ResourceShare, entity: str, now: datetime) -> Association:
    """Associate a source constraint for service principals."""
    phase = _associating(now, now + backend.settings.delays.resource)
    added = Association(entity, AssociationType.SOURCE, now, phase)
    share.sources.add(entity, added)
    return added


def add_principal(backend: RamBackend, share: ResourceShare, admission: Admission, now: datetime) -> Association:
    """Associate a principal, by invitation if needed; an existing association stays."""
    principal = admission.principal
    present = _present(share, principal.entity, now)
    if present:
        return present
    phase = _associating(now, now + backend.settings.delays.principal)
    added = PrincipalAssociation(
        *(principal.entity, AssociationType.PRINCIPAL, now, phase, admission.external),
        principal=principal,
        invited=admission.by_invitation,
    )
    share.principals.add(principal.entity, added)
    if admission.by_invitation:
        backend.sent.append(invite(backend, share, added, now))
    elif principal.account:
        backend.of_account(principal.account).incoming.add(share.arn, share)
    elif (ours := backend.own_organization()) and principal.kind is not PrincipalKind.SERVICE:
        backend.of_account(ours.management_account).for_organization.add(share.arn, share)
    return added


def _judge_organization(principal: Principal, *, inside: bool, free: bool) -> Admission:
    if not inside:
        named = (
            f"OrganizationalUnit {principal.identifier} in unknown organization"
            if principal.kind is PrincipalKind.UNIT
            else f"Organization {principal.identifier}"
        )
        raise ServiceError("UnknownResourceException", f"{named} could not be found.")
    if not free:
        raise ServiceError("OperationNotPermittedException", _ORGANIZATION_ONLY)
    return Admission(principal, external=False, by_invitation=False)


def _present(share: ResourceShare, entity: str, now: datetime) -> PrincipalAssociation | None:
    association = share.principals.get(entity)
    return association if association and not association.has_ended(now) else None


def _associating(now: datetime, then: datetime) -> Phase[AssociationStatus]:
    return Phase(AssociationStatus.ASSOCIATING, now, AssociationStatus.ASSOCIATED, then)
