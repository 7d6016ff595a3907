"""IAM's simulator, for roles: what their policies make of actions, one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from emulator.policies.evaluation import Request, Verdict, judge
from emulator.policies.sessions import boundaries, policies_of, role_at

_DECISIONS = {
    Verdict.ALLOWED: "allowed",
    Verdict.NOT_ALLOWED: "implicitDeny",
    Verdict.DENIED: "explicitDeny",
}

_KNOWN = frozenset({"PolicySourceArn", "ActionNames", "ResourceArns"})


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's IAM answer SimulatePrincipalPolicy for the time of the block."""
    with patch.object(IamResponse, "simulate_principal_policy", _simulate, create=True):
        yield


def _simulate(response: IamResponse) -> ActionResult:
    """Answer SimulatePrincipalPolicy for a role, on one page; accounts are in no organization."""
    if unknown := response._get_params().keys() - _KNOWN:  # noqa: SLF001  # as moto's own methods do
        raise NotImplementedError(f"SimulatePrincipalPolicy with {', '.join(sorted(unknown))}")
    arn = response._get_param("PolicySourceArn")  # noqa: SLF001
    found = role_at(arn)
    if found is None:
        raise NotFoundException(f"The role {arn} cannot be found.")
    role, iam = found
    held, limits = policies_of(role), list(boundaries(role, iam))
    resources = response._get_param("ResourceArns", []) or ["*"]  # noqa: SLF001
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": _DECISIONS[judge(held, Request(action, resource), limits)],
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action in response._get_param("ActionNames", [])  # noqa: SLF001
        for resource in resources
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})
