"""What becomes of a RAM resource-share invitation: the nouns, and the decisions about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.shared.finding import printable
from functions.shared.trust import TrustPolicy, TrustRule, can_be_left

UNTRUSTED = "invitation-untrusted"
TYPE_NOT_ALLOWED = "invitation-type-not-allowed"
IRREVERSIBLE = "invitation-irreversible"
EXPIRING = "invitation-expiring"
MISSED = "invitation-missed"
FLOOD = "invitation-flood"
ACCEPT_FAILED = "accept-failed"
SHARE_UNAVAILABLE = "share-unavailable"

LONG_CLOCK = timedelta(days=7)
SHORT_CLOCK = timedelta(hours=12)
TIME_TO_BECOME_AVAILABLE = timedelta(minutes=30)
FRESH = timedelta(hours=24)
"""For how long the share of an accepted invitation is looked after where nothing is wrong with it."""

KNOWN_STATUSES = frozenset(
    {
        None,  # RAM does not show the share
        *("PENDING", "ACTIVE", "FAILED", "DELETING", "DELETED"),
        *("AVAILABLE", "ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "UNAVAILABLE"),
    },
)
"""The states of shares and of their resources that allow a verdict.

Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_ResourceShare.html
"""

_RESOURCES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as RAM shows it to the account that received it.

    Attributes:
        arn: ``resourceShareInvitationArn``; opaque.
        share_arn: ``resourceShareArn``; opaque, empty where RAM does not say.
        share_name: ``resourceShareName``, the sender's free text; None where RAM does not say.
        sender: ``senderAccountId``.
        receiver: ``receiverAccountId``.
        region: the Region in which RAM listed it.
        invited_at: ``invitationTimestamp``.
        status: ``status``.
    """

    arn: str
    share_arn: str
    share_name: str | None
    sender: str
    receiver: str
    region: str
    invited_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of this automation.

    Attributes:
        trust: the rules by which an invitation is accepted.
        reject_strangers: reject what comes from a sender in no rule.
        warn_at_remaining: share of an invitation's clock that is left when it is reported as expiring.
        limit: most changes of one run.
        flood_limit: most invitations from senders in no rule that are reported one by one.
    """

    trust: TrustPolicy = field(default_factory=TrustPolicy)
    reject_untrusted: bool = False
    warn_at_remaining: float = 0.5
    limit: int = 50
    flood_limit: int = 200

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the automation's section of the configuration."""
        return cls(
            trust=TrustPolicy.from_settings(settings["trust"]),
            reject_untrusted=settings["untrusted"] == "reject",
            warn_at_remaining=settings["warn_at_remaining"],
            limit=settings["accept_limit_per_run"],
            flood_limit=settings["flood_limit"],
        )

    def rule_for(self, invitation: Invitation) -> TrustRule | None:
        """Return the first rule that covers sender, Region and name."""
        return self.trust.rule_for(sender=invitation.sender, region=invitation.region, share_name=invitation.share_name)


@dataclass(frozen=True, slots=True)
class NotOurs:
    """It is another account's: never acted on."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Nothing is to be done: it was accepted or rejected, or it expired and came from a sender in no rule."""


@dataclass(frozen=True, slots=True)
class Missed:
    """It expired before anybody answered it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Untrusted:
    """It is pending, and comes from a sender in no rule: hold it, or reject it where that is opted for."""

    reason: str


@dataclass(frozen=True, slots=True)
class InspectContent:
    """A rule covers it, so far: what it shares decides."""

    rule: TrustRule


@dataclass(frozen=True, slots=True)
class Unclear:
    """Its state allows no verdict."""

    reason: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Accept it under *rule*."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave it pending until a person has looked at it."""

    check: str
    reason: str


def decide(
    invitation: Invitation, account: str, policy: Policy
) -> NotOurs | Answered | Missed | Untrusted | InspectContent | Hold | Unclear:
    """Say what becomes of *invitation*, as far as can be said without a look inside."""
    if invitation.receiver != account:
        return NotOurs()
    match invitation.status:
        case "ACCEPTED" | "REJECTED":
            return Answered()
        case "EXPIRED":
            return _expired(invitation, policy)
        case "PENDING":
            return _pending(invitation, policy)
        case unknown:
            return Unclear(f"the invitation has the unknown status {printable(unknown)}")


def decide_content(rule: TrustRule, resource_types: frozenset[str], sender: str) -> Accept | Hold:
    """Accept what *rule* covers in full; hold everything else, with the reason that a person needs.

    Args:
        rule: the rule that covers sender, Region and name.
        resource_types: of all that the invitation shares.
        sender: the account that sent it.
    """
    if outside := rule.not_covered(resource_types):
        return Hold(TYPE_NOT_ALLOWED, f"rule {rule.name} does not cover {_listing(outside)}")
    if locked := rule.locked(resource_types):
        names = _listing(locked)
        return Hold(IRREVERSIBLE, f"rule {rule.name} does not allow what cannot be left once accepted: {names}")
    return Accept(rule.name, f"account {sender} is trusted by rule {rule.name}")


def deadline(invitation: Invitation, resource_types: frozenset[str] | None) -> datetime:
    """Return when a pending invitation expires; the earliest moment where AWS does not say.

    Args:
        invitation: a pending one.
        resource_types: of what it shares; None where that was not looked at.

    Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
    """
    return invitation.invited_at + _clock(resource_types)


def warning(invitation: Invitation, resource_types: frozenset[str] | None, policy: Policy, now: datetime) -> str | None:
    """Return why a pending invitation of a known sender needs an answer now, or None while there is time."""
    if not policy.trust.knows(invitation.sender):
        return None
    expires_at = deadline(invitation, resource_types)
    if now < expires_at - _clock(resource_types) * policy.warn_at_remaining:
        return None
    moment = f"{expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{_share(invitation)} still waits for an answer, at the latest by {moment}"


def is_too_late(code: str) -> bool:
    """Say whether AWS refused an answer, with the error code *code*, because the invitation had expired."""
    return code == "ResourceShareInvitationExpiredException"


def unavailable(
    share_status: str | None, resource_statuses: Mapping[str, str], accepted_at: datetime, now: datetime
) -> str | None:
    """Return why an accepted share cannot be used, or None while it can or may still become so.

    Args:
        share_status: of the share; None where RAM does not show it.
        resource_statuses: of its resources, by ARN.
        accepted_at: when it was accepted.
        now: the time of the run.
    """
    if now - accepted_at < TIME_TO_BECOME_AVAILABLE:
        return None
    if share_status in ("DELETING", "DELETED"):
        return None
    if share_status is None:
        is_fresh = now - accepted_at < FRESH  # later on its owner has deleted it, or left us out
        return "RAM does not show the share half an hour after it was accepted" if is_fresh else None
    if share_status != "ACTIVE":
        return f"the share is {printable(share_status)} half an hour after it was accepted"
    bad = sorted(
        f"{printable(arn)} is {printable(state)}" for arn, state in resource_statuses.items() if state != "AVAILABLE"
    )
    more = [f"and {len(bad) - _RESOURCES_NAMED} more"] if len(bad) > _RESOURCES_NAMED else []
    return "; ".join(bad[:_RESOURCES_NAMED] + more) or None


def evidence(invitation: Invitation, resource_types: frozenset[str] | None) -> dict[str, Any]:
    """Return what a person needs to know of an invitation, in RAM's own words; foreign text is made printable."""
    known: dict[str, Any] = {
        "senderAccountId": invitation.sender,
        "resourceShareName": printable(invitation.share_name or ""),
        "resourceShareArn": invitation.share_arn,
        "invitationTimestamp": f"{invitation.invited_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    if invitation.status in ("PENDING", "EXPIRED"):
        known["expires_at_the_earliest"] = f"{deadline(invitation, resource_types).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if resource_types is not None:
        known["resource_types"] = sorted(map(printable, resource_types))
    return known


def _expired(invitation: Invitation, policy: Policy) -> Answered | Missed:
    if not policy.trust.knows(invitation.sender):
        return Answered()
    return Missed(f"the invitation to {_share(invitation)} expired unanswered: the owner has to share again")


def _pending(invitation: Invitation, policy: Policy) -> Untrusted | InspectContent | Hold:
    rule = policy.rule_for(invitation)
    if rule is not None:
        return InspectContent(rule)
    if policy.trust.knows(invitation.sender):
        return Hold(UNTRUSTED, f"the rules for the sender do not cover {_share(invitation)} in {invitation.region}")
    return Untrusted(f"no rule trusts the sender of {_share(invitation)}")


def _clock(resource_types: frozenset[str] | None) -> timedelta:
    """The shortest clock of the types; the short one where they are mixed, unknown or none."""
    return LONG_CLOCK if resource_types and can_be_left(*resource_types) else SHORT_CLOCK


def _share(invitation: Invitation) -> str:
    """Name what an invitation is about; the name is foreign text."""
    name = "a share without a name" if invitation.share_name is None else f"share {printable(invitation.share_name)!r}"
    return f"{name} of account {invitation.sender}"


def _listing(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(printable, names)))
