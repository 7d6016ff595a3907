"""What is wrong with a resource share, ours or another account's: the nouns, and the decisions about them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from functions.shared.finding import printable, quoted
from functions.shared.trust import LONG_CLOCK, TrustPolicy, TrustRule, deadline

OWNER_UNTRUSTED = "inbound-owner-untrusted"
CONTENT_NOT_ALLOWED = "inbound-content-not-allowed"
RESOURCE_UNAVAILABLE = "inbound-resource-unavailable"
PRINCIPAL_NOT_ALLOWED = "outbound-principal-not-allowed"
EXTERNAL_ALLOWED = "outbound-external-allowed"
INVITATION_EXPIRED = "outbound-invitation-expired"
ASSOCIATION_FAILED = "association-failed"
SHARE_FAILED = "share-failed"

TIME_TO_BECOME_AVAILABLE = timedelta(minutes=30)
TIME_TO_LEAVE = timedelta(hours=1)
"""After which a principal that is being removed counts as one that is still there."""

SHARE_STATUSES = frozenset({"PENDING", "ACTIVE", "FAILED", "DELETING", "DELETED"})
RESOURCE_STATUSES = frozenset({"AVAILABLE", "ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "UNAVAILABLE", "PENDING"})
_PRESENT = frozenset({"ASSOCIATING", "ASSOCIATED", "SUSPENDED", "SUSPENDING", "RESTORING"})
GONE = frozenset({"DISASSOCIATED", "FAILED"})
ASSOCIATION_STATUSES = _PRESENT | GONE | {"DISASSOCIATING"}


@dataclass(frozen=True, slots=True)
class Share:
    """A resource share.

    Attributes:
        arn: ``resourceShareArn``; opaque.
        name: ``name``, its owner's free text; None where RAM does not say.
        owner: ``owningAccountId``.
        status: ``status``.
        message: ``statusMessage``.
        admits_externals: ``allowExternalPrincipals``; None where RAM does not say.
        feature_set: ``featureSet``; empty where RAM does not say.
        updated_at: ``lastUpdatedTime``.
        tag_keys: of a share of ours; RAM shows them to the owner alone.
        removal_tag: what an earlier run wrote on it about principals that it removed.
    """

    arn: str
    name: str | None
    owner: str
    status: str
    message: str = ""
    admits_externals: bool | None = False
    feature_set: str = "STANDARD"
    updated_at: datetime | None = None
    tag_keys: frozenset[str] = frozenset()
    removal_tag: str = ""


@dataclass(frozen=True, slots=True)
class Association:
    """What a share of ours is, was or should be associated with.

    Attributes:
        share_arn: ``resourceShareArn``.
        entity: ``associatedEntity``: an account, ARN of an organization, unit, role, user or resource, or a service.
        status: ``status``.
        message: ``statusMessage``.
        external: ``external``; None where RAM does not say. Documented both ways: no ground for trust.
        created_at: ``creationTime``.
        updated_at: ``lastUpdatedTime``.
        details: AWS's own members that a person needs, made printable.
    """

    share_arn: str
    entity: str
    status: str
    message: str = ""
    external: bool | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource in a share.

    Attributes:
        share_arn: ``resourceShareArn``.
        arn: ``arn``.
        type: ``type``, such as ``ec2:TransitGateway``.
        status: ``status``; AVAILABLE where RAM leaves it out, as it does of what is usable.
        message: ``statusMessage``.
        since_at: ``lastUpdatedTime``, else ``creationTime``.
        added_at: ``creationTime``: when it was put into the share.
        details: AWS's own members that a person needs, made printable.
    """

    share_arn: str
    arn: str
    type: str
    status: str = "AVAILABLE"
    message: str = ""
    since_at: datetime | None = None
    added_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of this automation.

    Attributes:
        trust: the rules of ``ram_invitations``, by which shares of others are judged.
        allowed: the principals that shares of ours may have; None where that is not judged.
        limit: most principals that one run removes.
    """

    trust: TrustPolicy = field(default_factory=TrustPolicy)
    allowed: frozenset[str] | None = None
    limit: int = 20

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], trust: Iterable[Mapping[str, Any]]) -> "Policy":
        """Read the automation's section of the configuration, and the trust rules of ``ram_invitations``."""
        allowed = settings["allowed_principals"]
        return cls(
            trust=TrustPolicy.from_settings(trust),
            allowed=None if allowed is None else frozenset(allowed),
            limit=settings["change_limit_per_run"],
        )


class PrincipalState(Enum):
    """How a principal stands in a share of ours."""

    GONE = auto()
    LEAVING = auto()
    ALLOWED = auto()
    OUTSIDE = auto()
    UNCLEAR = auto()


def state_of(principal: Association, policy: Policy, now: datetime) -> PrincipalState:
    """Say how *principal* stands in its share; one that waits for an acceptance stands in it already."""
    if principal.status in GONE:
        return PrincipalState.GONE
    if principal.status == "DISASSOCIATING":
        begun_at = principal.updated_at or principal.created_at
        if begun_at is None or now - begun_at < TIME_TO_LEAVE:
            return PrincipalState.LEAVING
    elif principal.status not in _PRESENT:
        return PrincipalState.UNCLEAR
    is_allowed = policy.allowed is None or principal.entity in policy.allowed
    return PrincipalState.ALLOWED if is_allowed else PrincipalState.OUTSIDE


def may_be_external(principal: Association) -> bool:
    """Say whether a share has to admit externals for *principal*: an account, role or user that RAM does not call ours.

    An organization and its units are the owner's own, and a service is in nobody's.
    """
    is_account = principal.entity.isdigit() or ":iam:" in principal.entity
    return is_account and principal.external is not False


def waits_since(principal: Association) -> datetime | None:
    """Return since when *principal* waits for an acceptance; None if it does not, or RAM does not say."""
    return (principal.created_at or principal.updated_at) if principal.status == "ASSOCIATING" else None


def is_late(since_at: datetime, now: datetime, resource_types: Collection[str] | None) -> bool | None:
    """Say whether an invitation has outlived its clock; None where only the types could tell, and they are not known.

    Args:
        since_at: when it was sent.
        now: the time of the run.
        resource_types: of all that the share holds; None where that was not looked at.
    """
    if now - since_at >= LONG_CLOCK:
        return True
    if now < deadline(since_at, resource_types).at:
        return False
    return None if resource_types is None else True


def late(
    principal: Association,
    share: Share,
    since_at: datetime,
    now: datetime,
    resource_types: Collection[str] | None,
) -> str:
    """Return what a person needs to know of an invitation that has outlived its clock."""
    moment = f"{since_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    invited = f"principal {printable(principal.entity)} was invited to {named(share)} at {moment}"
    expires = deadline(since_at, resource_types)
    if expires.is_certain or now - since_at >= LONG_CLOCK:
        return f"{invited} and did not accept in time"
    return f"{invited} and has not accepted; the invitation expires at {expires}"


def outside(principal: Association, share: Share, hindrance: str) -> str:
    """Return what a person needs to know of a principal that is not allowed.

    Args:
        principal: the one.
        share: in which it stands.
        hindrance: why the share is never changed here, or empty.
    """
    kept = f"; Watchkeeper does not remove it: {hindrance}" if hindrance else ""
    leaving = " (its removal has not come to an end)" if principal.status == "DISASSOCIATING" else ""
    who = f"principal {printable(principal.entity)}"
    return f"{who} has {named(share)}, and allowed_principals does not name it{leaving}{kept}"


def rule_for(share: Share, region: str, policy: Policy) -> TrustRule | None:
    """Return the first rule that covers owner, Region and name of another account's share."""
    return policy.trust.rule_for(sender=share.owner, region=region, share_name=share.name)


def untrusted(share: Share, region: str, policy: Policy) -> str:
    """Return why another account's share that no rule covers is not trusted."""
    if policy.trust.knows(share.owner):
        return f"the rules for account {share.owner} do not cover {named(share)}, which it shares in {region}"
    return f"no rule trusts account {share.owner}, which shares {named(share)} with this account"


def not_allowed(resource: Resource, share: Share, rule: TrustRule) -> str | None:
    """Return why *rule* does not cover what is in a share, or None if it does."""
    holds = f"{named(share)} holds {printable(resource.arn)}"
    if rule.not_covered([resource.type]):
        return f"{holds}, and rule {rule.name} does not cover {printable(resource.type)}"
    if rule.locked([resource.type]):
        kind = printable(resource.type)
        return f"{holds}, and rule {rule.name} does not allow {kind}, which the receiver cannot leave"
    return None


def unavailable(resource: Resource, share: Share, now: datetime) -> str | None:
    """Return why a resource that is shared with us cannot be used, or None while it can or may soon."""
    if resource.status == "AVAILABLE":
        return None
    is_fresh = resource.since_at is not None and now - resource.since_at < TIME_TO_BECOME_AVAILABLE
    if resource.status == "PENDING" and is_fresh:
        return None
    state = f"{printable(resource.status)}{_because(resource.message)}"
    return f"{named(share)} holds {printable(resource.arn)}, which is {state}"


def failed(share: Share) -> str | None:
    """Return what is wrong with a share that failed as a whole, or None."""
    return f"{named(share)} is FAILED{_because(share.message)}" if share.status == "FAILED" else None


def failed_association(association: Association, share: Share) -> str | None:
    """Return what is wrong with an association that failed, or None."""
    if association.status != "FAILED":
        return None
    because = _because(association.message)
    return f"RAM could not associate {printable(association.entity)} with {named(share)}{because}"


def named(share: Share) -> str:
    """Return what a person calls a share."""
    return share_called(share.name)


def share_called(name: str | None) -> str:
    """Return what a person calls a share; its name is foreign text, and may be missing."""
    return f"the share {quoted(name)}" if name else "the share without a name"


def _because(message: str) -> str:
    return f": {printable(message)}" if message else ""
