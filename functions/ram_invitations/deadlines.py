"""When invitations expire: the order of the answers, the warning, and what it means that RAM lists one no more."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from functions.ram_invitations.decision import Invitation, Policy, named
from functions.shared.finding import printable
from functions.shared.trust import LONG_CLOCK, Deadline, deadline, pending_deadline

_CERTAIN, _EARLIEST = "expires_at", "expires_at_the_earliest"


class Disappearance(Enum):
    """What became of a pending invitation that RAM does not list any more."""

    WITHDRAWN = "withdrawn by its owner"
    LAPSED = "lapsed: it expired unanswered"
    UNCLEAR = "withdrawn by its owner, or lapsed: RAM lists it no more, and does not say which"


def urgency(invitation: Invitation, now: datetime) -> datetime:
    """Return when a pending invitation may expire at the earliest, as far as can be said without a look inside."""
    return pending_deadline(invitation.invited_at, None, now).at


def warning(invitation: Invitation, expires: Deadline, policy: Policy, now: datetime) -> str | None:
    """Return why a pending invitation of a known sender needs an answer now, or None while there is time."""
    if not policy.trust.knows(invitation.sender):
        return None
    if now < expires.at - (expires.at - invitation.invited_at) * policy.warn_at_remaining:
        return None
    return f"{named(invitation)} still waits for an answer and expires at {expires}"


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


def is_certain(proof: Mapping[str, Any]) -> bool:
    """Say whether the evidence of a finding says exactly when its invitation expires."""
    return _CERTAIN in proof


def disappeared(proof: Mapping[str, Any], now: datetime) -> Disappearance:
    """Say what became of a pending invitation that RAM does not list any more.

    RAM lists what was answered or has expired for about a week, and nobody knows for how long exactly. So only what is
    not there before it could expire was surely withdrawn.

    Args:
        proof: the evidence of a finding about it.
        now: the time of the run.
    """
    certain, invited_at = proof.get(_CERTAIN), datetime.fromisoformat(proof["invitationTimestamp"])
    latest = datetime.fromisoformat(certain) if certain else invited_at + LONG_CLOCK
    earliest = datetime.fromisoformat(certain or proof[_EARLIEST])
    if now < earliest:
        return Disappearance.WITHDRAWN
    return Disappearance.UNCLEAR if now < latest else Disappearance.LAPSED


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
