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
    """A resource share, as its owner made it.

    Attributes:
        arn: of the share.
        name: the owner's free text.
        owner: account.
        region: where it lives.
        partition: of the Region.
        created_at: when it was made.
        updated_at: when name, openness or contents changed last.
        phase: its state, and the state to come.
        message: why it failed.
        open: whether principals outside the owner's organization are allowed.
        tags: seen by the owner only.
        permissions: ARNs of managed permissions.
        configuration: ``resourceShareConfiguration``, as given.
        feature_set: ``featureSet``; RAM lets nobody change a share that is not ``STANDARD``.
        principals, resources, sources: what is or was associated, under its entity.
        invitations: every one that was sent for it.
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
        """Return the state at *now*."""
        return self.phase.at(now)

    def is_leaving(self, now: datetime) -> bool:
        """Tell whether it is being deleted, or was."""
        return self.status(now) in {ShareStatus.DELETING, ShareStatus.DELETED}

    def contents(self, now: datetime) -> Iterator[ResourceAssociation]:
        """Go through the resources that it holds at *now*."""
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
        live = (held for held in self.principals if held.status(now) in REACHING)
        return next((held for held in live if self._covers(held.principal, account)), None)

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as ``GetResourceShares`` does, but for the tags."""
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
