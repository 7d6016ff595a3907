"""What a receiver does with an invitation: accept or reject it."""

from datetime import datetime

from emulator.ram.entities import arns
from emulator.ram.entities.associations import REACHING
from emulator.ram.entities.shares import Invitation
from emulator.ram.entities.statuses import AssociationStatus, InvitationStatus, Phase
from emulator.ram.models import RamBackend, closed
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request


def accept(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Accept at once; the share and its contents appear later."""
    invitation = _answer(backend, request, now, InvitationStatus.ACCEPTED)
    association = invitation.association
    if association.status(now) not in REACHING:
        appears_at = now + backend.settings.delays.acceptance
        began_at = association.phase.since_at
        associated = AssociationStatus.ASSOCIATED
        association.phase = Phase(AssociationStatus.ASSOCIATING, began_at, associated, appears_at)
    backend.incoming.add(invitation.share.arn, invitation.share)
    return {"resourceShareInvitation": invitation.describe(now)}


def reject(backend: RamBackend, request: Request, now: datetime) -> Answer:
    """Reject; the principal leaves the share."""
    invitation = _answer(backend, request, now, InvitationStatus.REJECTED)
    if invitation.association.waits:
        invitation.association.phase = Phase(AssociationStatus.DISASSOCIATED, now)
    return {"resourceShareInvitation": invitation.describe(now)}


def _answer(backend: RamBackend, request: Request, now: datetime, answer: InvitationStatus) -> Invitation:
    arn = request["resourceShareInvitationArn"]
    if backend.find_invitation(arn, now) is None and _sender(arn) == backend.account_id:
        raise ServiceError(
            "OperationNotPermittedException", "An invitation is answered by its receiver, not by its sender."
        )
    invitation = backend.invitation(arn, now)
    if not invitation.is_pending(now):
        raise closed(invitation, invitation.status(now))
    invitation.answer, invitation.answered_at = answer, now
    return invitation


def _sender(arn: str) -> str:
    return arns.check_invitation_arn(arn).split(":")[4]
