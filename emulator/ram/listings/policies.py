"""The resource policies with which AWS lets principals use a shared resource."""

import json
from collections.abc import Iterator
from datetime import datetime

from emulator.ram.entities import arns
from emulator.ram.entities.associations import REACHING, PrincipalAssociation, ResourceAssociation
from emulator.ram.entities.principals import PrincipalKind
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.models import RamBackend
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request
from emulator.wire.pages import Pager


def get_policies(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """Return a policy for each resource and share of the caller; its actions are not those of the permission."""
    wanted = [_shared(backend, arn, now) for arn in request["resourceArns"]]
    policies = [
        json.dumps({"Version": "2008-10-17", "Statement": statements}, separators=(",", ":"))
        for found in wanted
        for share, resource in found
        if (statements := list(_statements(share, resource.entity, request.get("principal"), now)))
    ]
    found, token = pager.page(policies)
    return {"policies": found, **token}


def _shared(backend: RamBackend, arn: str, now: datetime) -> list[tuple[ResourceShare, ResourceAssociation]]:
    arns.parts(arn)
    association = ((share, share.resources.get(arn)) for _, share in backend.owned(now))
    found = [(share, resource) for share, resource in association if resource and not resource.has_ended(now)]
    if not found:
        raise ServiceError("ResourceArnNotFoundException", f"The resource {arn} could not be found.")
    return found


def _statements(share: ResourceShare, arn: str, only: str | None, now: datetime) -> Iterator[Answer]:
    service = arns.parts(arn)["service"]
    actions = [f"{service}:Describe*", f"{service}:Get*", f"{service}:List*"]
    for association in share.principals:
        if association.status(now) in REACHING and only in {None, association.entity}:
            yield {"Effect": "Allow", **_who(share, association), "Action": actions, "Resource": arn}


def _who(share: ResourceShare, association: PrincipalAssociation) -> Answer:
    principal = association.principal
    match principal.kind:
        case PrincipalKind.SERVICE:
            return {"Principal": {"Service": principal.entity}}
        case PrincipalKind.ACCOUNT:
            return {"Principal": {"AWS": [f"arn:{share.partition}:iam::{principal.account}:root"]}}
        case PrincipalKind.IAM:
            return {"Principal": {"AWS": [principal.entity]}}
        case PrincipalKind.ORGANIZATION:
            condition = {"StringEquals": {"aws:PrincipalOrgID": principal.identifier}}
        case PrincipalKind.UNIT:
            condition = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"*/{principal.identifier}/*"}}
    return {"Principal": "*", "Condition": condition}
