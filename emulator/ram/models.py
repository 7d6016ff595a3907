"""The RAM of one account in one Region."""

from collections.abc import Iterator
from datetime import datetime

from moto.core.base_backend import BackendDict, BaseBackend

from emulator.ram.entities import arns, organization
from emulator.ram.entities.register import Register
from emulator.ram.entities.shares import Invitation, ResourceShare
from emulator.ram.entities.statuses import InvitationStatus
from emulator.ram.idempotency import ClientTokens
from emulator.ram.settings import RamSettings
from emulator.wire.errors import ServiceError

_ORGANIZATION_POSITIONS = 1 << 40
_CLOSED = {
    InvitationStatus.ACCEPTED: "ResourceShareInvitationAlreadyAcceptedException",
    InvitationStatus.REJECTED: "ResourceShareInvitationAlreadyRejectedException",
    InvitationStatus.EXPIRED: "ResourceShareInvitationExpiredException",
}


class RamBackend(BaseBackend):
    """The RAM of one account in one Region.

    Attributes:
        settings: of pages and delays.
        shares: those that the account owns, by ARN.
        incoming: shares of others that it accepted or got without an invitation, by ARN.
        received: invitations to the account or its roles and users, by ARN.
        sent: pending invitations, for the quota, and perhaps some that have ended.
        for_organization: in a management account: shares with the organization or its units, by ARN.
        client_tokens: used ones.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin empty."""
        super().__init__(region_name, account_id)
        self.settings = RamSettings()
        self.shares: Register[ResourceShare] = Register()
        self.incoming: Register[ResourceShare] = Register()
        self.received: Register[Invitation] = Register()
        self.sent: list[Invitation] = []
        self.for_organization: Register[ResourceShare] = Register()
        self.client_tokens = ClientTokens()

    def of_account(self, account: str) -> "RamBackend":
        """Return the backend of another account in this Region."""
        return ram_backends[account][self.region_name]

    def own_organization(self) -> organization.Organization | None:
        """Return the organization that the account is in."""
        return organization.of(self.account_id, self.partition)

    def owned(self, now: datetime, after: int = -1) -> Iterator[tuple[int, ResourceShare]]:
        """Iterate over the account's own shares, deleted ones as long as AWS shows them."""
        for position, share in self.shares.after(after):
            if self._is_forgotten(share, now):
                self.shares.remove(share.arn)
            else:
                yield position, share

    def visible(self, now: datetime, after: int = -1) -> Iterator[tuple[int, ResourceShare]]:
        """Iterate over the shares of others that the account can use."""
        for position, share in self.incoming.after(after):
            if share.reaching(self.account_id, now):
                yield position, share
        ours = self.own_organization()
        if ours is None:
            return
        shared = self.of_account(ours.management_account).for_organization
        for position, share in shared.after(max(after - _ORGANIZATION_POSITIONS, -1)):
            if share.reaching(self.account_id, now) and self.incoming.get(share.arn) is None:
                yield _ORGANIZATION_POSITIONS + position, share

    def find_owned(self, arn: str, now: datetime) -> ResourceShare | None:
        """Return the account's own share of this ARN."""
        share = self.shares.get(arn)
        return None if share is None or self._is_forgotten(share, now) else share

    def find_visible(self, arn: str, now: datetime) -> ResourceShare | None:
        """Return the share of another account of this ARN, if this account can use it."""
        share = find_share(arn)
        return share if share and share.region == self.region_name and share.reaching(self.account_id, now) else None

    def find_invitation(self, arn: str, now: datetime) -> Invitation | None:
        """Return the account's invitation of this ARN, unless it was purged."""
        invitation = self.received.get(arn)
        return invitation if invitation and not invitation.is_purged(now, self.settings.delays.purge) else None

    def invitation(self, arn: str, now: datetime) -> Invitation:
        """Return the account's invitation of this ARN.

        Raises:
            MalformedArnException: the ARN is not an invitation's.
            ResourceShareInvitationArnNotFoundException: the account has no such invitation.
        """
        found = self.find_invitation(arns.check_invitation_arn(arn), now)
        if found is None:
            message = f"The resource share invitation {arn} could not be found."
            raise ServiceError("ResourceShareInvitationArnNotFoundException", message)
        return found

    def own(self, arn: str, now: datetime) -> ResourceShare:
        """Return the account's own share of this ARN.

        Raises:
            MalformedArnException: the ARN is not that of a share.
            UnknownResourceException: the share does not exist, or another account owns it.
        """
        share = self.find_owned(arns.check_share_arn(arn), now)
        if share is None:
            raise unknown_share(arn)
        return share

    def permitted(self, arn: str, now: datetime) -> ResourceShare:
        """Return the account's own share of this ARN; refuse another account's share with its own error.

        Raises:
            MalformedArnException: the ARN is not that of a share.
            OperationNotPermittedException: another account owns the share.
            UnknownResourceException: the share does not exist, or the account does not see it.
        """
        if self.find_visible(arns.check_share_arn(arn), now):
            raise ServiceError("OperationNotPermittedException", f"You do not own the resource share {arn}.")
        return self.own(arn, now)

    def to_change(self, arn: str, now: datetime) -> ResourceShare:
        """Return the account's own share of this ARN, if it can still be changed.

        Raises:
            InvalidStateTransitionException: the share is being deleted; else as :meth:`permitted`.
            OperationNotPermittedException: the share was created from a policy and not promoted.
        """
        share = self.permitted(arn, now)
        if share.feature_set != "STANDARD":
            raise ServiceError(
                "OperationNotPermittedException", f"ResourceShare {arn} is {share.feature_set}: promote it first."
            )
        if share.is_leaving(now):
            raise ServiceError(
                "InvalidStateTransitionException", f"ResourceShare {arn} is in the state {share.status(now)}."
            )
        return share

    def _is_forgotten(self, share: ResourceShare, now: datetime) -> bool:
        return share.is_leaving(now) and share.phase.since_at + self.settings.delays.forgetting <= now


ram_backends: BackendDict[RamBackend] = BackendDict(RamBackend, "ram")


def find_share(arn: str) -> ResourceShare | None:
    """Return the share of this ARN, of any account."""
    _, _, _, region, owner, *_ = arn.split(":", 5)
    backend = ram_backends[owner].get(region) if owner in ram_backends else None
    return backend.shares.get(arn) if backend else None


def unknown_share(arn: str) -> ServiceError:
    """Return the error for a share that does not exist."""
    return ServiceError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def closed(invitation: Invitation, status: InvitationStatus) -> ServiceError:
    """Return the error for an invitation that was answered or has expired."""
    return ServiceError(_CLOSED[status], f"The resource share invitation {invitation.arn} is {status}.")
