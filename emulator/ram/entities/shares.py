"""Resource shares and the invitations to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulator.ram.entities import organization
from emulator.ram.entities.associations import REACHING, Association, PrincipalAssociation, ResourceAssociation
from emulator.ram.entities.principals import Principal, PrincipalKind
from emulator.ram.entities.register import Register
from emulator.ram.entities.statuses import InvitationStatus, Phase, ShareStatus


@dataclass(slots=True, eq=False)
class ResourceShare:
    """A resource share.

    Attributes:
        arn: of the share.
        name: the owner's free text.
        owner: account.
        region: of the share.
        partition: of the Region.
        created_at: time of its creation.
        updated_at: time of the last change of its name, its openness or its contents.
        phase: its status, and the next one.
        message: why it failed.
        open: whether principals outside the owner's organization are allowed.
        tags: only the owner sees them.
        permissions: ARNs of managed permissions.
        configuration: ``resourceShareConfiguration``.
        feature_set: ``featureSet``; a share that is not ``STANDARD`` cannot be changed.
        principals, resources, sources: current and former associations, by entity.
        invitations: to the share.
    """

    arn: str
    name: str
    owner: str
    region: str
    partition: str
    created_at: datetime
    updated_at: datetime
    phase: Phase[ShareStatus]
    message: str = ""
    open: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    permissions: list[str] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    feature_set: str = "STANDARD"
    principals: Register[PrincipalAssociation] = field(default_factory=Register)
    resources: Register[ResourceAssociation] = field(default_factory=Register)
    sources: Register[Association] = field(default_factory=Register)
    invitations: list["Invitation"] = field(default_factory=list)

    def status(self, now: datetime) -> ShareStatus:
        """Return the status at *now*."""
        return self.phase.at(now)

    def is_leaving(self, now: datetime) -> bool:
        """Tell whether it is being deleted or was deleted."""
        return self.status(now) in {ShareStatus.DELETING, ShareStatus.DELETED}

    def contents(self, now: datetime) -> Iterator[ResourceAssociation]:
        """Iterate over the resources that it holds at *now*."""
        return (resource for resource in self.resources if not resource.has_ended(now))

    def types(self, now: datetime) -> set[str]:
        """Return the types of what it holds at *now*."""
        return {resource.resource_type for resource in self.contents(now)}

    def reaching(self, account: str, now: datetime) -> PrincipalAssociation | None:
        """Return the association by which *account*, not the owner, sees the share at *now*."""
        if account == self.owner:
            return None
        direct = self.principals.get(account)
        if direct and direct.status(now) in REACHING:
            return direct
        live = (association for association in self.principals if association.status(now) in REACHING)
        return next((association for association in live if self._covers(association.principal, account)), None)

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as ``GetResourceShares`` does, without the tags."""
        message = {"statusMessage": self.message} if self.message else {}
        configuration = {"resourceShareConfiguration": self.configuration} if self.configuration else {}
        return {
            "resourceShareArn": self.arn,
            "name": self.name,
            "owningAccountId": self.owner,
            "allowExternalPrincipals": self.open,
            "status": self.status(now),
            "creationTime": self.created_at,
            "lastUpdatedTime": max(self.updated_at, self.phase.changed_at(now)),
            "featureSet": self.feature_set,
            **message,
            **configuration,
        }

    def _covers(self, principal: Principal, account: str) -> bool:
        if principal.kind in {PrincipalKind.ORGANIZATION, PrincipalKind.UNIT}:
            ours = organization.of(self.owner, self.partition)
            return ours is not None and ours.covers(principal, account)
        return principal.account == account


@dataclass(slots=True, eq=False)
class Invitation:
    """One invitation.

    Attributes:
        arn: opaque; AWS printed one with a Region that does not exist.
        share: to which the receiver is invited.
        association: of the principal with the share.
        receiver: account.
        receiver_arn: the invited IAM role or user; empty if the account was invited.
        sent_at: time of the invitation.
        expires_at: time of its expiry; None if it never expires.
        answer: ACCEPTED, REJECTED or, until it is answered, PENDING.
        answered_at: time of the answer.
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
        """Return the status at *now*."""
        if self.answer is InvitationStatus.PENDING and self.expires_at is not None and self.expires_at <= now:
            return InvitationStatus.EXPIRED
        return self.answer

    def is_pending(self, now: datetime) -> bool:
        """Tell whether it still waits for an answer."""
        return self.status(now) is InvitationStatus.PENDING

    def is_purged(self, now: datetime, after: timedelta) -> bool:
        """Tell whether it ended so long ago that AWS no longer lists it, even if it was accepted."""
        ended_at = self.answered_at or self.expires_at
        return ended_at is not None and ended_at + after <= now

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API."""
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
