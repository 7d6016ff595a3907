"""A call as questions to IAM: each action that it needs, on each resource, with the known condition keys.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import s3_backends

from emulator.iam.conditions import Keys
from emulator.iam.evaluation import ASSUME_ROLE
from emulator.iam.leading_keys import leading_keys
from emulator.iam.resources import resources_of
from emulator.iam.rights import rights_of
from emulator.iam.sessions import Caller
from emulator.iam.statements import Question
from emulator.ram.entities import organization
from emulator.ram.models import ram_backends
from emulator.wire.identity import Location
from emulator.wire.incoming_request import IncomingRequest

_INVITED = frozenset(
    {
        "ram:AcceptResourceShareInvitation",
        "ram:ListPendingInvitationResources",
        "ram:RejectResourceShareInvitation",
    }
)
_ASSOCIATING = frozenset({"ram:AssociateResourceShare", "ram:DisassociateResourceShare"})
_OF_SERVICES = ("aws:principalservicename", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceowner")
"""Keys that only a service's delivery has."""

_TAGGING = frozenset({"ram:TagResource", "ram:UntagResource"})


def questions_of(incoming: IncomingRequest, caller: Caller) -> Iterator[Question]:
    """Yield every action that *caller* must be allowed to do for its call."""
    location, parameters = Location(incoming.account, incoming.region), incoming.parameters()
    if incoming.name == ASSUME_ROLE:
        parameters = {**parameters, "SourceIdentity": _source_identity(parameters, caller)}
    for action, resource, part in _needs(incoming.name, parameters, location):
        known = _of_every_call(caller, incoming.region, resource)
        if action.startswith("dynamodb:"):
            known = {**known, **leading_keys(part, location)}
        for keys in _of_this_call(incoming, caller):
            yield Question(action, resource, {**known, **keys})


def question_within(caller: Caller, action: str, resource: str) -> Question:
    """Return the question about an action that a service does for *caller* without a call."""
    return Question(action, resource, _of_every_call(caller, resource.split(":")[3], resource))


def keys_of_event(source: str, detail_type: str, *, by_rule: bool) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of an event that is put on a bus.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    """
    return {
        "events:source": (source,) if source else (),
        "events:detail-type": (detail_type,) if detail_type else (),
        "events:eventbusinvocation": (str(by_rule).lower(),),
    }


def _needs(
    name: str, parameters: Mapping[str, Any], location: Location
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield each action with a resource that it is about, and the parameters that say so."""
    if "TransactItems" in parameters:
        for item in parameters["TransactItems"]:
            for verb, part in item.items():
                (action,) = rights_of(name, {"TransactItems": [{verb: part}]})
                yield from ((action, resource, part) for resource in resources_of(name, part, location))
        return
    for action in sorted(rights_of(name, parameters)):
        yield from ((action, resource, parameters) for resource in resources_of(name, parameters, location))
    if name.startswith("cloudformation:") and "RoleARN" in parameters:
        yield "iam:PassRole", str(parameters["RoleARN"]), parameters


def keys_of_account(account: str, partition: str, principal_arn: str) -> dict[str, tuple[str, ...]]:
    """Return the condition keys that tell who asks; none has a value for a service, which has no account."""
    return {
        "aws:principalaccount": (account,) if account else (),
        "aws:principalarn": (principal_arn,) if principal_arn else (),
        "aws:principalorgid": _organization(account, partition) if account else (),
    }


def _of_every_call(caller: Caller, region: str, resource: str) -> Keys:
    owner, named = _owner(resource), caller.source_identity
    return {
        **keys_of_account(caller.account, caller.partition, caller.principal_arn),
        **dict.fromkeys(_OF_SERVICES, ()),
        "aws:principalisawsservice": ("false",),
        "aws:requestedregion": (region,),
        "aws:securetransport": ("true",),
        "aws:sourceidentity": (named,) if named else (),
        **(_of_owner(owner, caller.partition) if owner else {}),
    }


def _of_owner(owner: str, partition: str) -> Keys:
    return {
        "aws:resourceaccount": (owner,),
        "aws:resourceorgid": _organization(owner, partition),
        "s3:resourceaccount": (owner,),
    }


def _organization(account: str, partition: str) -> tuple[str, ...]:
    found = organization.of(account, partition)
    return (found.identifier,) if found else ()


def _of_this_call(incoming: IncomingRequest, caller: Caller) -> Iterator[Keys]:
    """Yield the keys of the call; a call about several principals needs the right to each."""
    name, parameters = incoming.name, incoming.parameters()
    if name in _INVITED:
        arn = str(parameters.get("resourceShareInvitationArn", ""))
        found = ram_backends[caller.account][incoming.region].find_invitation(arn, datetime.now(UTC))
        yield {
            "ram:shareowneraccountid": (found.share.owner,) if found else (),
            "ram:resourcesharename": (found.share.name,) if found else (),
        }
    elif name in _ASSOCIATING:
        for principal in parameters.get("principals") or [""]:
            yield {"ram:principal": (str(principal),) if principal else ()}
    elif name in _TAGGING:
        tags = parameters.get("tagKeys") or [tag.get("key", "") for tag in parameters.get("tags", ())]
        yield {"aws:tagkeys": tuple(map(str, tags))}
    elif name == "events:PutEvents":
        for entry in parameters.get("Entries", ()):
            yield keys_of_event(entry.get("Source", ""), entry.get("DetailType", ""), by_rule=False)
    elif name == ASSUME_ROLE:
        given = {
            "sts:externalid": parameters.get("ExternalId"),
            "sts:sourceidentity": _source_identity(parameters, caller),
        }
        yield {key: (str(value),) if value else () for key, value in given.items()}
    else:
        yield {}


def _source_identity(parameters: Mapping[str, Any], caller: Caller) -> str:
    """Return the source identity of the session to be made: a caller who has one passes it on."""
    return str(parameters.get("SourceIdentity") or caller.source_identity)


def _owner(resource: str) -> str:
    """Return the account that owns a resource; empty if the emulator does not know."""
    _, _, service, _, account, name = (*resource.split(":", 5), *[""] * 6)[:6]
    return account or (str(s3_backends.bucket_accounts.get(name.split("/")[0], ("", ""))[1]) if service == "s3" else "")
