"""Whether an accepted share can be used, and still holds what its rule covers: the nouns, and the decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.ram_invitations.decision import SHARE_UNAVAILABLE, Hold, Policy, decide_content
from functions.shared.finding import printable

TIME_TO_BECOME_AVAILABLE = timedelta(minutes=30)
FRESH = timedelta(hours=24)
"""For how long the share of an accepted invitation is looked after where nothing is wrong with it."""

SHARE_STATUSES = frozenset({"PENDING", "ACTIVE", "FAILED", "DELETING", "DELETED"})
RESOURCE_STATUSES = frozenset({"AVAILABLE", "ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "UNAVAILABLE", "PENDING"})
"""The states that allow a verdict.

Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_ResourceShare.html
Source: https://docs.aws.amazon.com/ram/latest/APIReference/API_Resource.html
"""

_RESOURCES_NAMED = 5


@dataclass(frozen=True, slots=True)
class AcceptedShare:
    """A share of another account, as RAM shows it to an account that accepted it.

    Attributes:
        owner: ``owningAccountId``; empty where RAM does not say.
        name: ``name``, the owner's free text; None where RAM does not say.
        status: ``status``; empty where RAM does not say.
    """

    owner: str
    name: str | None
    status: str


@dataclass(frozen=True, slots=True)
class SharedResource:
    """A resource in an accepted share.

    Attributes:
        arn: ``arn``.
        type: ``type``, such as ``ec2:TransitGateway``.
        status: ``status``; AVAILABLE where RAM leaves it out, as it does of what is usable.
    """

    arn: str
    type: str
    status: str


def unknown_status(share: AcceptedShare | None, resources: Iterable[SharedResource]) -> str | None:
    """Return a state of a share, or of a resource in it, that allows no verdict."""
    of_share = {share.status} - SHARE_STATUSES if share else set()
    return min(of_share | {resource.status for resource in resources} - RESOURCE_STATUSES, default=None)


def unavailable(
    share: AcceptedShare | None, named: str, resources: Iterable[SharedResource], accepted_at: datetime, now: datetime
) -> str | None:
    """Return why an accepted share cannot be used, or None while it can or may still become so.

    Args:
        share: None where RAM does not show it.
        named: what a person calls it.
        resources: in the share.
        accepted_at: when it was accepted.
        now: the time of the run.
    """
    if now - accepted_at < TIME_TO_BECOME_AVAILABLE:
        return None
    if share is None:
        is_fresh = now - accepted_at < FRESH  # later on its owner has deleted it, or left us out
        return f"RAM does not show {named} half an hour after it was accepted" if is_fresh else None
    if share.status in ("DELETING", "DELETED"):
        return None
    if share.status != "ACTIVE":
        return f"{named} is {printable(share.status)} half an hour after it was accepted"
    bad = sorted(f"{printable(r.arn)} is {printable(r.status)}" for r in resources if r.status != "AVAILABLE")
    more = [f"and {len(bad) - _RESOURCES_NAMED} more"] if len(bad) > _RESOURCES_NAMED else []
    return f"{named} holds what cannot be used: {'; '.join(bad[:_RESOURCES_NAMED] + more)}" if bad else None


def recovered(check: str, share: AcceptedShare | None, named: str, *, judges_content: bool) -> str:
    """Return how what was found about an accepted share came to its end, if it did.

    Args:
        check: what it was judged by.
        share: None where RAM does not show it.
        named: what a person calls it.
        judges_content: what is in the share is judged here.
    """
    if share is None:
        return f"RAM does not show {named} any more: its owner deleted it, or took this account out of it"
    if share.status in ("DELETING", "DELETED"):
        return f"the owner deleted {named}"
    if check == SHARE_UNAVAILABLE:
        return f"{named} can be used now, with all that is in it"
    if not judges_content:
        return f"resource_shares judges now what is in {named}"
    return f"{named} holds nothing any more that a rule excludes"


def added_later(
    share: AcceptedShare, named: str, resources: Iterable[SharedResource], region: str, policy: Policy
) -> Hold | None:
    """Return why what is in an accepted share now would not be accepted; None where it would, or nothing is in it.

    Args:
        share: as RAM shows it now.
        named: what a person calls it.
        resources: in the share.
        region: in which it is.
        policy: by which it was accepted.
    """
    rule = policy.trust.rule_for(sender=share.owner, region=region, share_name=share.name)
    types = frozenset(resource.type for resource in resources)
    if rule is None or not types:
        return None
    verdict = decide_content(rule, types, named)
    return verdict if isinstance(verdict, Hold) else None
