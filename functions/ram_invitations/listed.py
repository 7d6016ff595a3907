"""What RAM lists among the invitations to an account, read into nouns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.ram_invitations.decision import Invitation

_IDENTITY = {
    "resourceShareInvitationArn": str,
    "senderAccountId": str,
    "receiverAccountId": str,
    "invitationTimestamp": datetime,
    "status": str,
}


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An invitation without what identifies it or says its state.

    Attributes:
        resource: its ARN; empty where that is missing.
        reason: what is missing.
    """

    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """What an event names is no invitation to this account, as RAM says.

    Attributes:
        resource: its ARN, as the event has it.
    """

    resource: str


Listed = Invitation | Incomplete | NotThere


def read(raw: Mapping[str, Any], region: str) -> Invitation | Incomplete:
    """Read an invitation, as RAM lists it in *region*."""
    missing = [name for name, kind in _IDENTITY.items() if not isinstance(raw.get(name), kind) or not raw[name]]
    if missing:
        resource = "" if "resourceShareInvitationArn" in missing else raw["resourceShareInvitationArn"]
        return Incomplete(resource, f"the invitation has no {' and no '.join(missing)}")
    return Invitation(
        arn=raw["resourceShareInvitationArn"],
        share_arn=raw.get("resourceShareArn") or "",
        share_name=raw.get("resourceShareName") or None,
        sender=raw["senderAccountId"],
        receiver=raw["receiverAccountId"],
        region=region,
        invited_at=raw["invitationTimestamp"],
        status=raw["status"],
    )
