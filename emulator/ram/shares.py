"""Resource shares: what their owners made them, and whom they reach."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emulator.ram import organization
from emulator.ram.associations import REACHING, Association, PrincipalAssociation, ResourceAssociation
from emulator.ram.principals import Kind, Principal
from emulator.ram.register import Register
from emulator.ram.statuses import Phase, ShareStatus

if TYPE_CHECKING:
    from emulator.ram.invitations import Invitation


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
        if principal.kind in {Kind.ORGANIZATION, Kind.UNIT}:
            ours = organization.of(self.owner, self.partition)
            return ours is not None and ours.covers(principal, account)
        return principal.account == account
