"""Invitations as their receivers deal with them: list, look inside, accept, reject."""

from collections.abc import Iterator
from datetime import datetime

from emulator.ram import arns, exceptions
from emulator.ram.associations import REACHING, ResourceAssociation
from emulator.ram.invitations import Invitation
from emulator.ram.listing import Answer, Request, in_scope, numbered, one_by_one
from emulator.ram.models import RamBackend, find_share, unknown_share
from emulator.ram.pages import Pager
from emulator.ram.statuses import AssociationStatus, InvitationStatus, Phase

_CLOSED: dict[InvitationStatus, type[exceptions.RamError]] = {
    InvitationStatus.ACCEPTED: exceptions.ResourceShareInvitationAlreadyAcceptedError,
    InvitationStatus.REJECTED: exceptions.ResourceShareInvitationAlreadyRejectedError,
    InvitationStatus.EXPIRED: exceptions.ResourceShareInvitationExpiredError,
}


def get_invitations(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List the invitations that the caller received in this Region, whatever became of them."""
    chosen = _chosen(backend, request, now)

    def through(place: int) -> Iterator[tuple[int, Invitation]]:
        return numbered(chosen)(place) if chosen is not None else _received(backend, now, place)

    invitations, token = pager.cut(lambda place: one_by_one(through, place))
    return {"resourceShareInvitations": [invitation.describe(now) for invitation in invitations], **token}


def list_pending(backend: RamBackend, request: Request, now: datetime, pager: Pager) -> Answer:
    """List what is in the share now; RAM models no error for an invitation that was accepted meanwhile."""
    invitation = _find(backend, request["resourceShareInvitationArn"], now)
    status = invitation.status(now)
    if status in {InvitationStatus.REJECTED, InvitationStatus.EXPIRED}:
        raise _closed(invitation, status)
    share = invitation.share

    def through(place: int) -> Iterator[tuple[int, ResourceAssociation]]:
        held = ((here, item) for here, item in share.resources.after(place) if not item.has_ended(now))
        return ((here, item) for here, item in held if in_scope(item.scope, request))

    resources, token = pager.cut(lambda place: one_by_one(through, place))
    return {"resources": [resource.resource(share, now) for resource in resources], **token}


def accept(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Accept at once; the share and its contents appear later."""
    invitation = _answer(backend, request, now, InvitationStatus.ACCEPTED)
    association = invitation.association
    if association.status(now) not in REACHING:
        appears_at = now + backend.behaviour.delays.acceptance
        began_at = association.phase.since_at
        associated = AssociationStatus.ASSOCIATED
        association.phase = Phase(AssociationStatus.ASSOCIATING, began_at, associated, appears_at)
    backend.incoming.add(invitation.share.arn, invitation.share)
    return {"resourceShareInvitation": invitation.describe(now)}


def reject(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Reject: the principal leaves the share."""
    invitation = _answer(backend, request, now, InvitationStatus.REJECTED)
    if invitation.association.waits:
        invitation.association.phase = Phase(AssociationStatus.DISASSOCIATED, now)
    return {"resourceShareInvitation": invitation.describe(now)}


def _answer(backend: RamBackend, request: Request, now: datetime, answer: InvitationStatus) -> Invitation:
    arn = request["resourceShareInvitationArn"]
    if backend.find_invitation(arn, now) is None and _sender(arn) == backend.account_id:
        raise exceptions.OperationNotPermittedError("An invitation is answered by its receiver, not by its sender.")
    invitation = _find(backend, arn, now)
    if not invitation.is_pending(now):
        raise _closed(invitation, invitation.status(now))
    invitation.answer, invitation.answered_at = answer, now
    return invitation


def _find(backend: RamBackend, arn: str, now: datetime) -> Invitation:
    invitation = backend.find_invitation(arns.check_invitation_arn(arn), now)
    if invitation is None:
        message = f"The resource share invitation {arn} could not be found."
        raise exceptions.ResourceShareInvitationArnNotFoundError(message)
    return invitation


def _closed(invitation: Invitation, status: InvitationStatus) -> exceptions.RamError:
    return _CLOSED[status](f"The resource share invitation {invitation.arn} is {status}.")


def _sender(arn: str) -> str:
    return arns.check_invitation_arn(arn).split(":")[4]


def _received(backend: RamBackend, now: datetime, place: int) -> Iterator[tuple[int, Invitation]]:
    for here, invitation in backend.received.after(place):
        if invitation.is_purged(now, backend.behaviour.delays.purge):
            backend.received.remove(invitation.arn)
        else:
            yield here, invitation


def _chosen(backend: RamBackend, request: Request, now: datetime) -> list[Invitation] | None:
    wanted, shares = request.get("resourceShareInvitationArns"), request.get("resourceShareArns")
    if wanted:
        found = (_find(backend, arn, now) for arn in wanted)
        return [each for each in found if not shares or each.share.arn in shares]
    if shares:
        return [each for arn in shares for each in _to(backend, arn, now)]
    return None


def _to(backend: RamBackend, share_arn: str, now: datetime) -> Iterator[Invitation]:
    share = find_share(arns.check_share_arn(share_arn))
    if share is None or share.region != backend.region_name:
        raise unknown_share(share_arn)
    return (each for each in share.invitations if backend.find_invitation(each.arn, now) is each)
