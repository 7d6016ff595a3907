"""The wall: a call of a role's session passes if the role's policies let it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.arrival import Arrival
from emulator.errors import Refusal
from emulator.policies.evaluation import Request, Verdict, holds, judge, statements
from emulator.policies.requests import context_of, keys_of, resource_of
from emulator.policies.sessions import Session, role_at, session_of
from emulator.rights import rights_of

_FREE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
"""Nobody needs a right to these.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

_WHY = {
    Verdict.NOT_ALLOWED: "because no identity-based policy allows the {} action",
    Verdict.DENIED: "with an explicit deny in an identity-based policy for the {} action",
}


def check(arrival: Arrival, access_key: str) -> None:
    """Let a call pass, or not; whoever is no session of a role that exists may do everything.

    Raises:
        Refusal: the policies do not let it.
    """
    session = session_of(access_key)
    if session is None or arrival.name in _FREE:
        return
    context, resource = context_of(arrival, session), resource_of(arrival)
    for action in sorted(rights_of(arrival.name, arrival.parameters())):
        request = Request(action, resource, context)
        verdict = judge(session.identity(), request, session.limits())
        if verdict is not Verdict.ALLOWED:
            raise _refused(arrival, session, action, resource, _WHY[verdict].format(action))
    if arrival.name == "sts:AssumeRole" and not _is_trusted(session, resource, context):
        why = f"because no resource-based policy allows the {arrival.name} action"
        raise _refused(arrival, session, arrival.name, resource, why)


def check_action(access_key: str, action: str, resource: str) -> None:
    """Let something pass that a service does for a session of a role, and that is no call of its own.

    Raises:
        Refusal: the policies do not let it.
    """
    session = session_of(access_key)
    if session is None:
        return
    verdict = judge(session.identity(), Request(action, resource, keys_of(session)), session.limits())
    if verdict is not Verdict.ALLOWED:
        reason = f"User: {session.arn} is not authorized to perform: {action} on resource: {resource}"
        raise Refusal("AccessDeniedException", f"{reason} {_WHY[verdict].format(action)}")


def _is_trusted(session: Session, role_arn: str, context: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether a role lets a session assume it; one that does not exist lets everybody."""
    found = role_at(role_arn)
    if found is None:
        return True
    document = json.loads(found[0].assume_role_policy_document)
    effects = {
        each["Effect"]
        for each in statements(document)
        if _names(each, session) and holds(each.get("Condition", {}), context)
    }
    return effects == {"Allow"}


def _names(statement: Mapping[str, Any], session: Session) -> bool:
    role, account = str(session.role.arn), str(session.assumed.account_id)
    root = f"arn:{role.split(':')[1]}:iam::{account}:root"
    return not {"*", account, root, role, session.arn}.isdisjoint(_principals(statement.get("Principal", {})))


def _principals(principal: Any) -> Iterator[str]:
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    yield from [named] if isinstance(named, str) else named


def _refused(arrival: Arrival, session: Session, action: str, resource: str, why: str) -> Refusal:
    protocol = arrival.dialect.protocol
    code = "AccessDeniedException" if "json" in protocol else "AccessDenied"
    on = f" on resource: {resource}" if resource else ""
    reason = f"User: {session.arn} is not authorized to perform: {action}{on} {why}"
    return Refusal("UnauthorizedOperation" if protocol == "ec2" else code, reason, 400 if protocol == "json" else 403)
