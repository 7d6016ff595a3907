"""What a call asks for, in IAM's words: the resource and the condition keys that the emulator can tell."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.utilities.utils import get_partition

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
    "states:DescribeExecution": "executionArn",
    "states:DescribeMapRun": "mapRunArn",
    "states:DescribeStateMachine": "stateMachineArn",
    "states:StartExecution": "stateMachineArn",
    "states:StopExecution": "executionArn",
    "sts:AssumeRole": "RoleArn",
}
"""The parameter that is the resource's ARN, where one is."""

_OBJECTS = frozenset({"s3:DeleteObject", "s3:GetObject", "s3:HeadObject", "s3:PutObject"})
"""What is done to an object of S3."""


def resource_of(arrival: Arrival) -> str:
    """Return the ARN of what a call is about; empty where the emulator cannot tell."""
    parameters = arrival.parameters()
    if arrival.name in _OBJECTS:
        return f"arn:{get_partition(arrival.region)}:s3:::{parameters.get('Bucket', '*')}/{parameters.get('Key', '*')}"
    if arrival.name == "lambda:Invoke":
        return _function(arrival, str(parameters["FunctionName"]), parameters.get("Qualifier"))
    return str(parameters.get(_RESOURCES.get(arrival.name, ""), ""))


def context_of(arrival: Arrival, session: Session) -> Context:
    """Return the values of the condition keys of a call, by their names in lower case."""
    parameters = arrival.parameters()
    owner = resource_of(arrival).split(":")[4:5]
    known: Context = {
        **keys_of(session),
        "aws:resourceaccount": (owner[0] if owner and owner[0] else arrival.account,),
        "aws:requestedregion": (arrival.region,),
    }
    own = _KEYS.get(arrival.name)
    return known | (own(arrival, parameters) if own else {})


def keys_of(session: Session) -> Context:
    """Return the values of the condition keys that are the same for all that a session does."""
    return {
        "aws:principalarn": (str(session.role.arn),),
        "aws:principalaccount": (str(session.assumed.account_id),),
        "aws:securetransport": ("true",),
    }


def _function(arrival: Arrival, name: str, qualifier: Any) -> str:
    """Return the ARN of a function that is named, or called by its ARN, with its version or alias."""
    name = unquote(name)
    where = f"arn:{get_partition(arrival.region)}:lambda:{arrival.region}:{arrival.account}:function"
    arn = name if name.startswith("arn:") else f"{where}:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


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
