"""The condition keys of a call: the global ones, and those of the calls that we are careful about.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import s3_backends

from emulator.iam.callers import Caller
from emulator.iam.conditions import Keys
from emulator.iam.sessions import role_at
from emulator.ram import organization
from emulator.ram.models import find_share, ram_backends

_ACCOUNT = 4
"""The place of the account in an ARN."""

_OWNED = ("ram:AssociateResourceShare", "ram:DeleteResourceShare", "ram:DisassociateResourceShare")
_TAGGING = ("ram:TagResource", "ram:UntagResource")
_INVITED = (
    "ram:AcceptResourceShareInvitation",
    "ram:ListPendingInvitationResources",
    "ram:RejectResourceShareInvitation",
)

Parameters = Mapping[str, Any]
_Found = dict[str, tuple[str, ...]]


def global_keys(caller: Caller, region: str, resource: str) -> Keys:
    """Return the keys that every call has.

    Args:
        caller: who makes it.
        region: that it is made in.
        resource: the ARN of what it is about, where there is one.
    """
    ours = organization.of(caller.account, caller.partition)
    found = {
        "aws:principalarn": caller.principal_arn,
        "aws:principalaccount": caller.account,
        "aws:principaltype": caller.kind,
        "aws:principalorgid": ours.identifier if ours else "",
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
        "aws:requestedregion": region,
        "aws:securetransport": "true",
        "aws:resourceaccount": _owner(resource),
    }
    return {name: (value,) for name, value in found.items() if value} | _tags("aws:principaltag", caller.tags())


def keys_of(name: str, parameters: Parameters, caller: Caller, region: str) -> Iterator[Keys]:
    """Yield the keys of the call *name*, such as ``ram:TagResource``; one that changes several needs the right to each.

    Args:
        name: service and operation.
        parameters: of the call.
        caller: who makes it.
        region: that it is made in.
    """
    if name in _INVITED:
        yield _of_invitation(parameters, caller.account, region)
    elif name in _OWNED:
        share = _of_share(parameters)
        for principal in parameters.get("principals") or [""]:
            for arn in parameters.get("resourceArns") or [""]:
                yield share | _given({"ram:principal": principal, "ram:resourcearn": arn})
    elif name in _TAGGING:
        tags = {tag.get("key", ""): tag.get("value", "") for tag in parameters.get("tags", ())}
        named = tuple(tags) or tuple(parameters.get("tagKeys", ()))
        yield _of_share(parameters) | _tags("aws:requesttag", tags) | ({"aws:tagkeys": named} if named else {})
    elif name == "sts:AssumeRole":
        yield assume_role_keys(parameters)
    else:
        yield {}


def assume_role_keys(parameters: Parameters) -> Keys:
    """Return the keys of a call that assumes a role."""
    role = role_at(str(parameters.get("RoleArn", "")))
    tags = {tag["Key"]: tag["Value"] for tag in role.tags} if role else {}
    given = {
        "sts:externalid": parameters.get("ExternalId", ""),
        "sts:rolesessionname": parameters.get("RoleSessionName", ""),
    }
    return _given(given) | _tags("aws:resourcetag", tags)


def _of_invitation(parameters: Parameters, account: str, region: str) -> _Found:
    arn = str(parameters.get("resourceShareInvitationArn", ""))
    invitation = ram_backends[account][region].find_invitation(arn, datetime.now(UTC))
    if invitation is None:
        return {}
    share = invitation.share
    return _given({"ram:shareowneraccountid": share.owner, "ram:resourcesharename": share.name})


def _of_share(parameters: Parameters) -> _Found:
    arn = str(parameters.get("resourceShareArn", ""))
    share = find_share(arn) if arn.count(":") > _ACCOUNT else None
    if share is None:
        return {}
    named = {"ram:resourcesharename": share.name, "ram:allowsexternalprincipals": str(share.open).lower()}
    return _given(named) | _tags("aws:resourcetag", share.tags) | _tags("ram:resourcetag", share.tags)


def _owner(resource: str) -> str:
    parts = resource.split(":", _ACCOUNT + 1)
    if len(parts) <= _ACCOUNT + 1:
        return ""
    if parts[_ACCOUNT]:
        return parts[_ACCOUNT]
    bucket = parts[-1].partition("/")[0]
    return str(s3_backends.bucket_accounts.get(bucket, ("", ""))[1]) if parts[2] == "s3" else ""


def _given(found: Mapping[str, str]) -> _Found:
    return {name: (value,) for name, value in found.items() if value}


def _tags(prefix: str, tags: Mapping[str, str]) -> _Found:
    return {f"{prefix}/{key}".lower(): (value,) for key, value in tags.items()}
