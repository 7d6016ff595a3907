"""What becomes of a RAM resource-share invitation: the nouns, and the decisions about them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.shared.finding import printable, quoted
from functions.shared.trust import TrustPolicy, TrustRule

UNTRUSTED = "invitation-untrusted"
TYPE_NOT_ALLOWED = "invitation-type-not-allowed"
IRREVERSIBLE = "invitation-irreversible"
EMPTY = "invitation-empty"
EXPIRING = "invitation-expiring"
MISSED = "invitation-missed"
FLOOD = "invitation-flood"
ACCEPT_FAILED = "accept-failed"
SHARE_UNAVAILABLE = "share-unavailable"


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
        reject_untrusted: reject what comes from a sender in no rule.
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


def decide_content(rule: TrustRule, resource_types: Collection[str], share: str) -> Accept | Hold:
    """Accept what *rule* covers in full; hold everything else, with the reason that a person needs.

    An empty share tells nothing of what will be in it: only a rule that covers any type covers it.

    Args:
        rule: the rule that covers sender, Region and name.
        resource_types: of all that the invitation shares.
        share: what a person calls the share.
    """
    if not resource_types and not rule.covers_any_type:
        return Hold(EMPTY, f"{share} holds nothing yet, and rule {rule.name} does not cover every type")
    if outside := rule.not_covered(resource_types):
        return Hold(TYPE_NOT_ALLOWED, f"{share} holds {listing(outside)}, which rule {rule.name} does not cover")
    if locked := rule.locked(resource_types):
        names = listing(locked)
        return Hold(
            IRREVERSIBLE,
            f"{share} holds {names}, which cannot be left once accepted, and rule {rule.name} does not allow that",
        )
    return Accept(rule.name, f"rule {rule.name} covers {share} and all that it holds")


def is_too_late(code: str) -> bool:
    """Say whether AWS refused an answer, with the error code *code*, because the invitation had expired."""
    return code == "ResourceShareInvitationExpiredException"


def named(invitation: Invitation) -> str:
    """Name what an invitation is about."""
    return share_named(invitation.share_name, invitation.sender)


def share_named(name: str | None, owner: str) -> str:
    """Return what a person calls a share; its name is foreign text, and may be missing."""
    return f"{share_called(name)} of account {owner}"


def share_called(name: str | None) -> str:
    """Return what a person calls a share whose owner is named already."""
    return f"the share {quoted(name)}" if name else "the share without a name"


def listing(types: Iterable[str]) -> str:
    """Write resource types as a list for a person."""
    return ", ".join(sorted(map(printable, types)))


def _expired(invitation: Invitation, policy: Policy) -> Answered | Missed:
    if not policy.trust.knows(invitation.sender):
        return Answered()
    return Missed(f"the invitation to {named(invitation)} expired unanswered: its owner has to share again")


def _pending(invitation: Invitation, policy: Policy) -> Untrusted | InspectContent | Hold:
    rule = policy.rule_for(invitation)
    if rule is not None:
        return InspectContent(rule)
    if policy.trust.knows(invitation.sender):
        return Hold(
            UNTRUSTED,
            f"the rules for its owner do not cover {named(invitation)} in {invitation.region}",
        )
    share = share_called(invitation.share_name)
    return Untrusted(f"no rule trusts account {invitation.sender}, which invites this account to {share}")
