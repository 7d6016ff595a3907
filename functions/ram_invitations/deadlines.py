"""When invitations expire: the order of the answers, the warning, and what it means that RAM lists one no more."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from functions.ram_invitations.decision import Invitation, Policy, named
from functions.shared.finding import printable
from functions.shared.trust import LONG_CLOCK, Deadline, deadline, pending_deadline

_CERTAIN, _EARLIEST = "expires_at", "expires_at_the_earliest"


class Disappearance(Enum):
    """What became of a pending invitation that RAM does not list any more."""

    WITHDRAWN = auto()
    LAPSED = auto()
    UNCLEAR = auto()


def urgency(invitation: Invitation, now: datetime) -> datetime:
    """Return when a pending invitation may expire at the earliest, as far as can be said without a look inside."""
    return pending_deadline(invitation.invited_at, None, now).at


def is_urgent(invitation: Invitation, expires: Deadline, policy: Policy, now: datetime) -> bool:
    """Say whether a pending invitation of a known sender needs an answer now."""
    warn_at = expires.at - (expires.at - invitation.invited_at) * policy.warn_at_remaining
    return policy.trust.knows(invitation.sender) and now >= warn_at


def warning(invitation: Invitation, expires: Deadline, policy: Policy, now: datetime, why: str) -> str | None:
    """Return what a person has to know of a pending invitation that needs an answer now; None while there is time.

    Args:
        invitation: the one.
        expires: when it expires.
        policy: the configuration.
        now: the time of the run.
        why: it still waits.
    """
    if not is_urgent(invitation, expires, policy, now):
        return None
    return f"the invitation to {named(invitation)} waits for an answer and expires at {expires}: {why}"


def evidence(
    invitation: Invitation, resource_types: frozenset[str] | None, expires: Deadline | None = None
) -> dict[str, Any]:
    """Return what a person needs to know of an invitation, in RAM's own words; foreign text is made printable.

    Args:
        invitation: the one.
        resource_types: of what it shares; None where that was not looked at.
        expires: when; what the types alone tell if it is not given.
    """
    known: dict[str, Any] = {
        "senderAccountId": invitation.sender,
        "resourceShareName": printable(invitation.share_name or ""),
        "resourceShareArn": invitation.share_arn,
        "invitationTimestamp": _written(invitation.invited_at),
    }
    if invitation.status in ("PENDING", "EXPIRED"):
        expires = expires or deadline(invitation.invited_at, resource_types)
        known[_CERTAIN if expires.is_certain else _EARLIEST] = _written(expires.at)
    if resource_types is not None:
        known["resource_types"] = sorted(map(printable, resource_types))
    return known


def certain_deadline(proof: Mapping[str, Any]) -> datetime | None:
    """Return when an invitation expires, as the evidence of a finding has it; None where it is not certain."""
    return datetime.fromisoformat(proof[_CERTAIN]) if _CERTAIN in proof else None


def disappeared(proof: Mapping[str, Any], now: datetime) -> Disappearance:
    """Say what became of a pending invitation that RAM does not list any more.

    RAM lists what was answered or has expired for about a week, and nobody knows for how long exactly. So only what is
    not there before it could expire was surely withdrawn.

    Args:
        proof: the evidence of a finding about it.
        now: the time of the run.
    """
    certain, invited_at = certain_deadline(proof), datetime.fromisoformat(proof["invitationTimestamp"])
    latest = certain or invited_at + LONG_CLOCK
    earliest = certain or datetime.fromisoformat(proof[_EARLIEST])
    if now < earliest:
        return Disappearance.WITHDRAWN
    return Disappearance.UNCLEAR if now < latest else Disappearance.LAPSED


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
