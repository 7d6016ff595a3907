"""Invitations to resource shares: each one's state is told by its own times and the present."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.ram.associations import PrincipalAssociation
from emulator.ram.shares import ResourceShare
from emulator.ram.statuses import InvitationStatus


@dataclass(slots=True, eq=False)
class Invitation:
    """One invitation.

    Attributes:
        arn: of the invitation, opaque: AWS itself printed one with a Region that does not exist.
        share: what the receiver is invited to.
        association: the principal's place in the share.
        receiver: account.
        receiver_arn: the IAM role or user that was invited; empty where the account itself was.
        sent_at: when.
        expires_at: when it goes stale; absent for one that never does.
        answer: ACCEPTED, REJECTED or, until it is answered, PENDING.
        answered_at: when it was.
    """

    arn: str
    share: ResourceShare
    association: PrincipalAssociation
    receiver: str
    receiver_arn: str
    sent_at: datetime
    expires_at: datetime | None
    answer: InvitationStatus = InvitationStatus.PENDING
    answered_at: datetime | None = None

    def status(self, now: datetime) -> InvitationStatus:
        """Return the state at *now*."""
        if self.answer is InvitationStatus.PENDING and self.expires_at is not None and self.expires_at <= now:
            return InvitationStatus.EXPIRED
        return self.answer

    def is_pending(self, now: datetime) -> bool:
        """Tell whether it still waits for an answer."""
        return self.status(now) is InvitationStatus.PENDING

    def is_purged(self, now: datetime, after: timedelta) -> bool:
        """Tell whether it ended so long ago that AWS lists it no more; accepted ones go, too."""
        ended_at = self.answered_at or self.expires_at
        return ended_at is not None and ended_at + after <= now

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as every call does that answers with an invitation."""
        receiver = {"receiverArn": self.receiver_arn} if self.receiver_arn else {}
        return {
            "resourceShareInvitationArn": self.arn,
            "resourceShareName": self.share.name,
            "resourceShareArn": self.share.arn,
            "senderAccountId": self.share.owner,
            "receiverAccountId": self.receiver,
            "invitationTimestamp": self.sent_at,
            "status": self.status(now),
        } | receiver
