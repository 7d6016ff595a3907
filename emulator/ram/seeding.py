"""Test data for RAM: invitations, floods of them, and AWS's samples."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

from botocore.utils import parse_to_aware_datetime

from emulator.ram.entities import arns, principals
from emulator.ram.entities import resource_types as known_types
from emulator.ram.entities.associations import PrincipalAssociation, ResourceAssociation
from emulator.ram.entities.shares import Invitation, ResourceShare
from emulator.ram.entities.statuses import (
    AssociationStatus,
    AssociationType,
    InvitationStatus,
    Phase,
    ResourceStatus,
    ShareStatus,
)
from emulator.ram.models import RamBackend, ram_backends
from emulator.ram.operations import invitations

_PRINCIPAL_STATUS = {
    InvitationStatus.PENDING: AssociationStatus.ASSOCIATING,
    InvitationStatus.ACCEPTED: AssociationStatus.ASSOCIATED,
    InvitationStatus.REJECTED: AssociationStatus.DISASSOCIATED,
    InvitationStatus.EXPIRED: AssociationStatus.DISASSOCIATED,
}


def invite(  # each is a member of an invitation
    *,
    sender: str,
    receiver: str,
    region: str,
    share_name: str,
    resource_types: Sequence[str] = (),
    at: datetime | None = None,
) -> str:
    """Create a share with one resource of each type and an invitation to it; return the invitation's ARN.

    Quotas and organizations are ignored, and no event is emitted.

    Args:
        sender: account; owns the share.
        receiver: account, or ARN of an IAM role or user.
        region: of the share.
        share_name: any text.
        resource_types: any text of the form ``service:Type``, also types that RAM does not know.
        at: time of the invitation; now if absent.
    """
    backend, sent_at = ram_backends[sender][region], at or datetime.now(UTC)
    share = start_share(backend, share_name, resource_types, sent_at)
    return invitations.invite(backend, share, _join(share, receiver, sent_at), sent_at).arn


def flood(  # each is a member of an invitation
    receiver: str,
    region: str,
    count: int,
    senders: Sequence[str],
    *,
    share_name: str = "free-bandwidth",
    resource_types: Sequence[str] = ("ec2:TransitGateway",),
    at: datetime | None = None,
) -> None:
    """Send *count* invitations to one account, from the senders in turn; each sender has one share.

    It is fast and needs little memory.
    """
    sent_at = at or datetime.now(UTC)
    ways = []
    for sender in senders[:count]:
        backend = ram_backends[sender][region]
        share = start_share(backend, share_name, resource_types, sent_at)
        ways.append((backend, share, _join(share, receiver, sent_at)))
    for backend, share, association in islice(cycle(ways), count):
        invitations.invite(backend, share, association, sent_at)


def load(
    invitation: Mapping[str, Any],
    *,
    region: str = "",
    resources: Iterable[Mapping[str, Any]] = (),
    ageless: bool = False,
) -> str:
    """Add an invitation as AWS printed it, and return its ARN.

    Args:
        invitation: in the form of the API, times as epoch seconds or ISO text.
        region: of the backend; the Region of the share's ARN if absent.
        resources: of the share, in the form of ``ListPendingInvitationResources``.
        ageless: whether it does not expire by itself: AWS's samples are years old.
    """
    share_arn, sender = invitation["resourceShareArn"], invitation["senderAccountId"]
    sent_at = _moment(invitation["invitationTimestamp"])
    backend = ram_backends[sender][region or share_arn.split(":")[3]]
    share = backend.shares.get(share_arn) or _empty(backend, invitation["resourceShareName"], sent_at, share_arn)
    for resource in resources:
        _put(share, resource)
    status = InvitationStatus(invitation["status"])
    ended_at = datetime.now(UTC) if ageless else sent_at
    receiver = invitation.get("receiverArn") or invitation["receiverAccountId"]
    association = _join(share, receiver, sent_at)
    loaded = invitations.invite(backend, share, association, sent_at, invitation["resourceShareInvitationArn"])
    _take_as_printed(loaded, status, ended_at, ageless=ageless)
    if status is InvitationStatus.ACCEPTED:
        backend.of_account(loaded.receiver).incoming.add(share.arn, share)
    return loaded.arn


def _take_as_printed(loaded: Invitation, status: InvitationStatus, ended_at: datetime, *, ageless: bool) -> None:
    if status is InvitationStatus.PENDING and not ageless:
        return
    loaded.association.phase = Phase(_PRINCIPAL_STATUS[status], loaded.sent_at)
    if status is InvitationStatus.PENDING:
        loaded.expires_at = None
    elif status is InvitationStatus.EXPIRED:
        loaded.expires_at = ended_at if ageless else loaded.expires_at
    else:
        loaded.answer, loaded.answered_at = status, ended_at


def start_share(backend: RamBackend, name: str, types: Sequence[str], at: datetime) -> ResourceShare:
    """Create a share with one resource of each type and no principal."""
    arn = arns.new_arn(backend.partition, backend.region_name, backend.account_id, "resource-share")
    share = _empty(backend, name, at, arn)
    for type_name in types:
        put_resource(share, type_name, at)
    return share


def put_resource(share: ResourceShare, type_name: str, at: datetime) -> str:
    """Add a new resource to a share, and return the resource's ARN."""
    arn = _resource_arn(share, type_name)
    _put(share, {"arn": arn, "type": type_name, "creationTime": at})
    return arn


def _empty(backend: RamBackend, name: str, at: datetime, arn: str) -> ResourceShare:
    place = backend.account_id, backend.region_name, backend.partition
    share = ResourceShare(arn, name, *place, at, at, Phase(ShareStatus.ACTIVE, at))
    backend.shares.add(arn, share)
    return share


def _put(share: ResourceShare, resource: Mapping[str, Any]) -> None:
    created_at = _moment(resource["creationTime"])
    phase = Phase(AssociationStatus.ASSOCIATED, _moment(resource.get("lastUpdatedTime", created_at)))
    status = ResourceStatus(resource.get("status", "AVAILABLE"))
    association = ResourceAssociation(resource["arn"], AssociationType.RESOURCE, created_at, phase)
    association.resource_type = resource["type"]
    association.condition = None if status is ResourceStatus.AVAILABLE else status
    share.resources.add(association.entity, association)


def _join(share: ResourceShare, receiver: str, at: datetime) -> PrincipalAssociation:
    principal = principals.read(receiver, share.partition)
    phase = Phase(AssociationStatus.ASSOCIATING, at)
    association = PrincipalAssociation(
        *(receiver, AssociationType.PRINCIPAL, at, phase, True),
        principal=principal,
        invited=True,
    )
    share.principals.add(receiver, association)
    return association


def _resource_arn(share: ResourceShare, type_name: str) -> str:
    known = known_types.named(type_name)
    service, _, thing = type_name.partition(":")
    path = f"{known.service}:{{}}:{{}}:{known.prefix}" if known else f"{service.lower()}:{{}}:{{}}:{thing.lower()}/"
    region = "" if known_types.scope_of(type_name) == "GLOBAL" else share.region
    return f"arn:{share.partition}:{path.format(region, share.owner)}{arns.new_id().hex[:17]}"


def _moment(value: float | str | datetime) -> datetime:
    read: datetime = parse_to_aware_datetime(value)  # type: ignore[arg-type] # its stub has only str
    return read.astimezone(UTC)
