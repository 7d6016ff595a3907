"""Invitations: sent, timed and withdrawn."""

from datetime import datetime

from emulator.ram.entities import arns, resource_types
from emulator.ram.entities.associations import PrincipalAssociation
from emulator.ram.entities.principals import PrincipalKind
from emulator.ram.entities.shares import Invitation, ResourceShare
from emulator.ram.entities.statuses import AssociationStatus, Phase
from emulator.ram.models import RamBackend


def invite(
    backend: RamBackend,
    share: ResourceShare,
    association: PrincipalAssociation,
    sent_at: datetime,
    arn: str = "",
) -> Invitation:
    """Send an invitation, with this ARN if given; the contents of the share determine its expiry."""
    expires_at = sent_at + resource_types.clock(share.types(sent_at))
    arn = arn or arns.new_arn(backend.partition, backend.region_name, share.owner, "resource-share-invitation")
    by_arn = association.entity if association.principal.kind is PrincipalKind.IAM else ""
    invitation = Invitation(arn, share, association, association.principal.account, by_arn, sent_at, expires_at)
    association.phase = _waiting(sent_at, expires_at)
    share.invitations.append(invitation)
    backend.of_account(invitation.receiver).received.add(arn, invitation)
    return invitation


def withdraw(backend: RamBackend, share: ResourceShare, association: PrincipalAssociation, now: datetime) -> None:
    """Withdraw the pending invitations of a principal; answered ones stay listed."""
    waiting = [each for each in share.invitations if each.association is association and each.is_pending(now)]
    for invitation in waiting:
        backend.of_account(invitation.receiver).received.remove(invitation.arn)
    taken = {each.arn for each in waiting}
    share.invitations = [each for each in share.invitations if each.arn not in taken]


def reschedule(share: ResourceShare, now: datetime) -> None:
    """Set the expiry of pending invitations by the current contents of the share."""
    time = resource_types.clock(share.types(now))
    for invitation in share.invitations:
        if invitation.expires_at is not None and invitation.is_pending(now):
            invitation.expires_at = invitation.sent_at + time
            if invitation.association.waits:
                invitation.association.phase = _waiting(invitation.sent_at, invitation.expires_at)


def _waiting(now: datetime, until: datetime) -> Phase[AssociationStatus]:
    return Phase(AssociationStatus.ASSOCIATING, now, AssociationStatus.DISASSOCIATED, until)
