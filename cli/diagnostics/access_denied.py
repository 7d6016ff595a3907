"""What AWS says when it denies access: which kind of policy denies it, and which right would allow it."""

import json
import re
from dataclasses import dataclass

from cli.diagnostics.diagnosis import Diagnosis, unreadable
from functions.shared.aws.calls import CallError

SERVICE_CONTROL_POLICY = "service control policy"

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
_ACTION = re.compile(r"not authorized to perform: (?P<action>[a-z0-9-]+:[A-Za-z0-9*]+)")
_POLICY = re.compile(
    r"(?P<how>explicit deny in an?|because no) (?P<kind>[a-z -]+? (?:policy|boundary)|identity-based policies)"
    r"(?:: (?P<arn>arn:\S+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AccessDenial:
    """Why AWS denied access, as far as it says so.

    Attributes:
        action: IAM's name; empty if AWS does not name it.
        policy: the kind of policy, such as ``identity-based policy``; empty if AWS does not say.
        is_explicit: a policy denies it; otherwise no policy of that kind allows it.
        policy_arn: which one; empty if AWS does not say.
    """

    action: str = ""
    policy: str = ""
    is_explicit: bool = False
    policy_arn: str = ""


def denial_of(error: CallError) -> AccessDenial | None:
    """Read why access was denied; None for an error of any other kind.

    Not every service names the policy, and no service names every policy.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    if error.code not in _DENIED:
        return None
    action, policy = _ACTION.search(error.message), _POLICY.search(error.message)
    return AccessDenial(
        action=action["action"] if action else "",
        policy=policy["kind"].lower() if policy else "",
        is_explicit=bool(policy and policy["how"].lower().startswith("explicit")),
        policy_arn=(policy["arn"] or "").rstrip(".,") if policy else "",
    )


def unread(subject: str, error: CallError, action: str) -> Diagnosis:
    """Return a verdict that something could not be read, and what would allow it.

    Args:
        subject: of the diagnosis.
        error: of the call.
        action: IAM's name of the call.
    """
    denial = denial_of(error)
    if denial is None:
        return unreadable(
            subject, cause(error), "Try again; if it stays so, check the AWS Health Dashboard for that Region."
        )
    if denial.policy == SERVICE_CONTROL_POLICY:
        return unreadable(subject, cause(error), exception_for(denial.action or action))
    return unreadable(subject, cause(error), f"Add to the policies of these credentials: {statement(action)}")


def exception_for(action: str, account: str = "ACCOUNT") -> str:
    """Say how to fix a service control policy: no right in the account itself overrides it."""
    listing = f"aws organizations list-policies-for-target --target-id {account} --filter SERVICE_CONTROL_POLICY"
    return (
        f"Allow {action} in the service control policies; the organization's management account lists them: {listing}"
    )


def statement(*actions: str, resource: str = "*") -> str:
    """Write the statement of an IAM policy that allows *actions*."""
    allowed: str | list[str] = actions[0] if len(actions) == 1 else list(actions)
    return json.dumps({"Effect": "Allow", "Action": allowed, "Resource": resource})


def cause(error: CallError) -> str:
    """Say how a call failed."""
    how = "was refused" if error.answered else "was not answered"
    return f"{error.operation} {how}: {error.code}: {error.message}"
