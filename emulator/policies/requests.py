"""What a call asks for, in IAM's words: the resource and the condition keys that the emulator can tell."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.arrival import Arrival
from emulator.policies.sessions import Session
from emulator.ram.models import ram_backends

Parameters = Mapping[str, Any]
Context = dict[str, tuple[str, ...]]

_RESOURCES: Mapping[str, str] = {
    "ram:AcceptResourceShareInvitation": "resourceShareInvitationArn",
    "ram:RejectResourceShareInvitation": "resourceShareInvitationArn",
    "ram:ListPendingInvitationResources": "resourceShareInvitationArn",
    "ram:DisassociateResourceShare": "resourceShareArn",
    "ram:TagResource": "resourceShareArn",
    "sns:Publish": "TopicArn",
    "sts:AssumeRole": "RoleArn",
}
"""The parameter that is the resource's ARN, where one is."""


def resource_of(name: str, parameters: Parameters) -> str:
    """Return the ARN of what a call is about; empty where the emulator cannot tell."""
    return str(parameters.get(_RESOURCES.get(name, ""), ""))


def context_of(arrival: Arrival, session: Session) -> Context:
    """Return the values of the condition keys of a call, by their names in lower case."""
    parameters = arrival.parameters()
    owner = resource_of(arrival.name, parameters).split(":")[4:5]
    known: Context = {
        "aws:resourceaccount": (owner[0] if owner and owner[0] else arrival.account,),
        "aws:principalarn": (str(session.role.arn),),
        "aws:principalaccount": (str(session.assumed.account_id),),
        "aws:requestedregion": (arrival.region,),
        "aws:securetransport": ("true",),
    }
    own = _KEYS.get(arrival.name)
    return known | (own(arrival, parameters) if own else {})


def _of_invitation(arrival: Arrival, parameters: Parameters) -> Context:
    backend = ram_backends[arrival.account][arrival.region]
    found = backend.find_invitation(str(parameters.get("resourceShareInvitationArn", "")), datetime.now(UTC))
    return {"ram:shareowneraccountid": (found.share.owner,)} if found else {}


def _of_association(_: Arrival, parameters: Parameters) -> Context:
    principals = tuple(map(str, parameters.get("principals") or ()))
    return {"ram:principal": principals} if principals else {}


def _of_tags(_: Arrival, parameters: Parameters) -> Context:
    return {"aws:tagkeys": tuple(str(tag.get("key", "")) for tag in parameters.get("tags") or ())}


def _of_assumption(_: Arrival, parameters: Parameters) -> Context:
    given = parameters.get("ExternalId")
    return {"sts:externalid": (str(given),)} if given else {}


_KEYS: Mapping[str, Callable[[Arrival, Parameters], Context]] = {
    "ram:AcceptResourceShareInvitation": _of_invitation,
    "ram:RejectResourceShareInvitation": _of_invitation,
    "ram:DisassociateResourceShare": _of_association,
    "ram:TagResource": _of_tags,
    "sts:AssumeRole": _of_assumption,
}
