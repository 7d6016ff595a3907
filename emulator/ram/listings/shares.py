"""Listings of shares, associations, principals, resources and types."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from emulator.ram.entities import arns
from emulator.ram.entities.associations import Association, PrincipalAssociation, ResourceAssociation
from emulator.ram.entities.register import Register
from emulator.ram.entities.resource_types import TYPES
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.entities.tags import described_tags, fits
from emulator.ram.listings.selection import (
    in_scope,
    one_by_one,
    one_in_another,
    refuse,
    refuse_together,
    shares_asked_for,
    wanted_type,
)
from emulator.ram.models import RamBackend
from emulator.wire.messages import Answer, Request
from emulator.wire.pages import Pager, Position

_ASSOCIATIONS: dict[str, Callable[[ResourceShare], Register[Any]]] = {
    "PRINCIPAL": lambda share: share.principals,
    "RESOURCE": lambda share: share.resources,
    "SOURCE": lambda share: share.sources,
}


def get_shares(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List the caller's own shares, or those of others that it can use."""
    own = request["resourceOwner"] == "SELF"
    if not own:
        refuse(request, "tagFilters", "tag filters when the resource owner is OTHER-ACCOUNTS")
    shares = shares_asked_for(backend, request, now)

    def walk(after: Position) -> Iterator[tuple[Position, ResourceShare]]:
        return ((position, share) for position, share in one_by_one(shares, after) if _fits(share, request, now))

    found, token = pager.cut(walk)
    shares_shown = [share.describe(now) | (described_tags(share.tags) if own else {}) for share in found]
    return {"resourceShares": shares_shown, **token}


def get_associations(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List current and former associations of the caller's shares."""
    kind, wanted = request["associationType"], request.get("associationStatus")
    refuse_together(request, "resourceShareArns", "associationStatus")
    if kind != "RESOURCE":
        refuse(request, "resourceArn", f"a resource ARN when the association type is {kind}")
    if kind != "PRINCIPAL":
        refuse(request, "principal", f"a principal when the association type is {kind}")
    entity = request.get("resourceArn") or request.get("principal")
    shares = shares_asked_for(backend, request, now)

    def within(share: ResourceShare, after: int) -> Iterator[tuple[int, Association]]:
        for position, association in _associations(_ASSOCIATIONS[kind](share), entity, after):
            if not wanted or association.status(now) == wanted:
                yield position, association

    found, token = pager.cut(lambda after: one_in_another(shares, within, after))
    return {
        "resourceShareAssociations": [association.describe(share.arn, share.name, now) for share, association in found],
        **token,
    }


def list_principals(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List with whom the caller shares, or who shares with it."""
    own, type_name = request["resourceOwner"] == "SELF", wanted_type(request)
    shares = shares_asked_for(backend, request, now)

    def within(share: ResourceShare, after: int) -> Iterator[tuple[int, PrincipalAssociation]]:
        if not _contains(share, request.get("resourceArn"), type_name, now):
            return
        associations = share.principals.after(after) if own else _mine(backend, share, now, after)
        for position, principal in associations:
            if not principal.has_ended(now) and _id(share, principal, own=own) in request.get("principals", _ANYBODY):
                yield position, principal

    found, token = pager.cut(lambda after: one_in_another(shares, within, after))
    return {"principals": [_principal(share, association, now, own=own) for share, association in found], **token}


def list_resources(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List what the caller shares, or what is shared with it."""
    own, type_name, wanted = request["resourceOwner"] == "SELF", wanted_type(request), request.get("resourceArns")
    shares = shares_asked_for(backend, request, now)

    def within(share: ResourceShare, after: int) -> Iterator[tuple[int, ResourceAssociation]]:
        if not _is_with(share, request.get("principal"), now, own=own):
            return
        for position, resource in share.resources.after(after):
            fitting = not type_name or resource.resource_type == type_name
            if fitting and (not wanted or resource.entity in wanted) and not resource.has_ended(now):
                yield position, resource

    def walk(after: Position) -> Iterator[tuple[Position, tuple[ResourceShare, ResourceAssociation]]]:
        every = one_in_another(shares, within, after)
        return ((position, found) for position, found in every if in_scope(found[1].scope, request))

    found, token = pager.cut(walk)
    return {"resources": [resource.resource(share.arn, now) for share, resource in found], **token}


def list_types(_: RamBackend, request: Request, __: datetime, pager: Pager) -> Answer:
    """List the types that can be shared."""
    types = [known for known in TYPES if in_scope(known.scope, request)]
    found, token = pager.page(types)
    return {"resourceTypes": [known.describe() for known in found], **token}


class _Anybody:
    """Contains every principal."""

    def __contains__(self, _: object) -> bool:
        return True


_ANYBODY = _Anybody()


def _associations(register: Register[Any], entity: str | None, after: int) -> Iterator[tuple[int, Any]]:
    if entity is None:
        return register.after(after)
    return ((position, association) for position, association in register.only(entity) if position > after)


def _mine(
    backend: RamBackend,
    share: ResourceShare,
    now: datetime,
    after: int,
) -> Iterator[tuple[int, PrincipalAssociation]]:
    association = share.reaching(backend.account_id, now)
    if association and after < 0:
        yield 0, association


def _id(share: ResourceShare, association: PrincipalAssociation, *, own: bool) -> str:
    return association.entity if own else share.owner


def _principal(share: ResourceShare, association: PrincipalAssociation, now: datetime, *, own: bool) -> Answer:
    return {
        "id": _id(share, association, own=own),
        "resourceShareArn": share.arn,
        "creationTime": association.created_at,
        "lastUpdatedTime": association.phase.changed_at(now),
        "external": association.external,
    }


def _contains(share: ResourceShare, arn: str | None, type_name: str, now: datetime) -> bool:
    if arn is not None:
        arns.parts(arn)
        resource = share.resources.get(arn)
        if resource is None or resource.has_ended(now):
            return False
    return not type_name or type_name in share.types(now)


def _is_with(share: ResourceShare, principal: str | None, now: datetime, *, own: bool) -> bool:
    if principal is None:
        return True
    association = share.principals.get(principal)
    return association is not None and not association.has_ended(now) if own else share.owner == principal


def _fits(share: ResourceShare, request: Request, now: datetime) -> bool:
    return (
        request.get("resourceShareStatus", share.status(now)) == share.status(now)
        and request.get("name", share.name) == share.name
        and request.get("permissionArn", "") in ("", *share.permissions)
        and fits(share.tags, request.get("tagFilters", ()))
    )
