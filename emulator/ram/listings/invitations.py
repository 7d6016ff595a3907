"""The invitations of a receiver, and the contents of their shares."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from emulator.ram.entities import arns
from emulator.ram.entities.associations import ResourceAssociation
from emulator.ram.entities.shares import Invitation
from emulator.ram.entities.statuses import InvitationStatus
from emulator.ram.listings.selection import in_scope, one_by_one
from emulator.ram.models import RamBackend, closed, find_share, unknown_share
from emulator.wire.messages import Answer, Request
from emulator.wire.pages import Pager


def get_invitations(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List the invitations that the caller received in this Region, with any status."""
    chosen = _chosen(backend, request, now)
    if chosen is not None:
        invitations, token = pager.page(chosen)
    else:
        invitations, token = pager.cut(lambda after: one_by_one(partial(_received, backend, now), after))
    return {"resourceShareInvitations": [invitation.describe(now) for invitation in invitations], **token}


def list_pending(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List the contents of the share; RAM has no error for an accepted invitation."""
    invitation = backend.invitation(request["resourceShareInvitationArn"], now)
    status = invitation.status(now)
    if status in {InvitationStatus.REJECTED, InvitationStatus.EXPIRED}:
        raise closed(invitation, status)
    share = invitation.share

    def through(after: int) -> Iterator[tuple[int, ResourceAssociation]]:
        for position, resource in share.resources.after(after):
            if not resource.has_ended(now) and in_scope(resource.scope, request):
                yield position, resource

    resources, token = pager.cut(lambda after: one_by_one(through, after))
    return {"resources": [resource.resource(share.arn, now) for resource in resources], **token}


def _received(backend: RamBackend, now: datetime, after: int) -> Iterator[tuple[int, Invitation]]:
    for position, invitation in backend.received.after(after):
        if invitation.is_purged(now, backend.settings.delays.purge):
            backend.received.remove(invitation.arn)
        else:
            yield position, invitation


def _chosen(backend: RamBackend, request: Request, now: datetime) -> list[Invitation] | None:
    wanted, shares = request.get("resourceShareInvitationArns"), request.get("resourceShareArns")
    if wanted:
        found = (backend.invitation(arn, now) for arn in wanted)
        return [each for each in found if not shares or each.share.arn in shares]
    if shares:
        return [each for arn in shares for each in _to(backend, arn, now)]
    return None


def _to(backend: RamBackend, share_arn: str, now: datetime) -> Iterator[Invitation]:
    share = find_share(arns.check_share_arn(share_arn))
    if share is None or share.region != backend.region_name:
        raise unknown_share(share_arn)
    return (each for each in share.invitations if backend.find_invitation(each.arn, now) is each)
