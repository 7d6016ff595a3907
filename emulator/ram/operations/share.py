"""Operations on shares: create, update, associate, disassociate, delete."""

from datetime import datetime

from emulator.ram.entities import arns
from emulator.ram.entities.associations import Association, PrincipalAssociation
from emulator.ram.entities.resource_types import can_be_left
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, Phase, ShareStatus
from emulator.ram.entities.tags import described_tags, tags_of
from emulator.ram.models import RamBackend
from emulator.ram.operations import admission, invitations
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request

_RESOURCES_PER_CALL = 100
_NOT_MANAGEMENT = (
    "Unable to enable sharing with AWS Organizations. Received AccessDeniedException from AWSOrganizations with the "
    "following error message: You don't have permissions to access this resource."
)


def create(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Create a share with all its associations, or not at all."""
    if not request["name"]:
        raise ServiceError("InvalidParameterException", "name must not be empty.")
    share = ResourceShare(
        arn=arns.new_arn(backend.partition, backend.region_name, backend.account_id, "resource-share"),
        name=request["name"],
        owner=backend.account_id,
        region=backend.region_name,
        partition=backend.partition,
        created_at=now,
        updated_at=now,
        phase=Phase(ShareStatus.ACTIVE, now),
        open=request.get("allowExternalPrincipals", True),
        tags=tags_of(request.get("tags", ()), {}),
        permissions=[_permission(arn) for arn in request.get("permissionArns", ())],
        configuration=dict(request.get("resourceShareConfiguration", {})),
    )
    _fill(backend, share, request, now)
    backend.shares.add(share.arn, share)
    return {"resourceShare": _as_answered(share, now)}


def update(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Rename a share, or change whether it allows outsiders."""
    share = backend.permitted(request["resourceShareArn"], now)
    if share.is_leaving(now):  # the model has no other error for this operation
        raise ServiceError(
            "OperationNotPermittedException", f"ResourceShare {share.arn} is in the state {share.status(now)}."
        )
    share.name = request.get("name") or share.name
    share.open = request.get("allowExternalPrincipals", share.open)
    share.updated_at = now
    return {"resourceShare": _as_answered(share, now)}


def delete(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Delete a share with its associations and pending invitations."""
    share = backend.to_change(request["resourceShareArn"], now)
    gone_at = now + backend.settings.delays.removal
    share.phase = Phase(ShareStatus.DELETING, now, ShareStatus.DELETED, gone_at)
    for association in (*share.principals, *share.resources, *share.sources):
        if not association.has_ended(now):
            _end(backend, share, association, now)
    return {"returnValue": True}


def associate(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Add resources and principals to a share."""
    share = backend.to_change(request["resourceShareArn"], now)
    added = _fill(backend, share, _named_something(request), now)
    share.updated_at = now
    return {"resourceShareAssociations": [association.brief(share.arn, now) for association in added]}


def disassociate(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Remove resources and principals from a share; a receiver may remove only itself."""
    arn = arns.check_share_arn(request["resourceShareArn"])
    share = backend.find_visible(arn, now)
    if share:
        removed: list[Association] = [_leaving(backend, share, request, now)]
    else:
        share = backend.to_change(arn, now)
        removed = _association(share, _named_something(request), now)
    for association in removed:
        _end(backend, share, association, now)
    invitations.reschedule(share, now)
    share.updated_at = now
    return {"resourceShareAssociations": [association.brief(share.arn, now) for association in removed]}


def enable_for_organization(backend: RamBackend, _: Request, __: datetime) -> Answer:
    """Enable sharing within the organization, from its management account."""
    ours = backend.own_organization()
    if ours is None or ours.management_account != backend.account_id:
        raise ServiceError("OperationNotPermittedException", _NOT_MANAGEMENT)
    ours.share_freely()
    return {"returnValue": True}


def _fill(backend: RamBackend, share: ResourceShare, request: Request, now: datetime) -> list[Association]:
    wanted = request.get("resourceArns", ())
    if len(wanted) > _RESOURCES_PER_CALL:
        raise ServiceError(
            "ResourceShareLimitExceededException", f"You can associate up to {_RESOURCES_PER_CALL} resources per call."
        )
    resources = [admission.judge_resource(backend, arn) for arn in wanted]
    principals = [admission.judge_principal(backend, share, entity) for entity in request.get("principals", ())]
    admission.check_quota(backend, share, principals, now)
    added: list[Association] = [admission.add_resource(backend, share, found, now) for found in resources]
    added += [admission.add_source(backend, share, entity, now) for entity in request.get("sources", ())]
    added += [admission.add_principal(backend, share, each, now) for each in principals]
    invitations.reschedule(share, now)
    return added


def _end(backend: RamBackend, share: ResourceShare, association: Association, now: datetime) -> None:
    if isinstance(association, PrincipalAssociation):
        invitations.withdraw(backend, share, association, now)
    gone_at = now + backend.settings.delays.removal
    association.phase = Phase(AssociationStatus.DISASSOCIATING, now, AssociationStatus.DISASSOCIATED, gone_at)


def _leaving(backend: RamBackend, share: ResourceShare, request: Request, now: datetime) -> PrincipalAssociation:
    association = share.reaching(backend.account_id, now)
    named = request.get("principals") or []
    others = request.get("resourceArns") or request.get("sources")
    if association is None or others or named not in ([backend.account_id], [association.entity]):
        raise ServiceError(
            "OperationNotPermittedException", "You can remove only yourself from a resource share of another account."
        )
    if not association.invited:
        raise ServiceError(
            "OperationNotPermittedException", "You cannot leave a resource share of your own organization."
        )
    if not can_be_left(share.types(now)):
        raise ServiceError(
            "OperationNotPermittedException", "The resource share holds a resource type that does not support leaving."
        )
    return association


def _association(share: ResourceShare, request: Request, now: datetime) -> list[Association]:
    asked = (
        (share.resources, request.get("resourceArns", ())),
        (share.principals, request.get("principals", ())),
        (share.sources, request.get("sources", ())),
    )
    found = [(entity, register.get(entity)) for register, entities in asked for entity in entities]
    for entity, association in found:
        if association is None or association.has_ended(now):
            raise ServiceError("UnknownResourceException", f"{entity} is not associated with {share.arn}.")
    return [association for _, association in found if association is not None]


def _named_something(request: Request) -> Request:
    if not any(request.get(name) for name in ("resourceArns", "principals", "sources")):
        raise ServiceError("InvalidParameterException", "Specify at least one of resourceArns, principals and sources.")
    return request


def _permission(arn: str) -> str:
    found = arns.parts(arn.replace(":ram::aws:", ":ram::000000000000:"))
    if found["service"] != "ram" or not found["resource"].startswith("permission/"):
        raise ServiceError("UnknownResourceException", f"The permission {arn} could not be found.")
    return arn


def _as_answered(share: ResourceShare, now: datetime) -> Answer:
    shown = share.describe(now)
    del shown["featureSet"]
    return shown | described_tags(share.tags)
