"""IAM's policy simulator for roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from emulator.iam.conditions import PolicyError
from emulator.iam.evaluation import Denial, Rights, judge
from emulator.iam.patterns import matches_action
from emulator.iam.resources import NOTHING
from emulator.iam.sessions import rights_of, role_at
from emulator.iam.statements import Question

_KNOWN = frozenset({"PolicySourceArn", "ActionNames", "ResourceArns"})


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's IAM answer SimulatePrincipalPolicy while the context lasts."""
    with patch.object(IamResponse, "simulate_principal_policy", _simulate, create=True):
        yield


def _simulate(response: IamResponse) -> ActionResult:
    """Answer SimulatePrincipalPolicy for a role, on one page."""
    if unknown := response._get_params().keys() - _KNOWN:  # noqa: SLF001  # as moto's own methods do
        raise NotImplementedError(f"SimulatePrincipalPolicy with {', '.join(sorted(unknown))}")
    arn = response._get_param("PolicySourceArn")  # noqa: SLF001
    role = role_at(arn)
    if role is None:
        raise NotFoundException(f"The role {arn} cannot be found.")
    actions = response._get_param("ActionNames", [])  # noqa: SLF001
    resources = response._get_param("ResourceArns", []) or [NOTHING]  # noqa: SLF001
    try:
        rights = rights_of(role)
        results = [_result(action, resource, rights) for action in actions for resource in resources]
    except PolicyError as error:
        raise NotImplementedError(str(error)) from error
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _result(action: str, resource: str, rights: Rights) -> dict[str, Any]:
    """Return the result if no condition key has a value.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    missing = sorted(set(_keys(action, rights)))
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _decision(judge(Question(action, resource, dict.fromkeys(missing, ())), rights)),
        "MatchedStatements": [],
        "MissingContextValues": missing,
    }


def _keys(action: str, rights: Rights) -> Iterator[str]:
    """Yield the condition keys in the statements about *action*."""
    for _, policies in rights.layers():
        for statement in (each for policy in policies for each in policy):
            if statement.actions.cover(action, matches_action):
                yield from (condition.key for condition in statement.conditions)


def _decision(denial: Denial | None) -> str:
    if denial is None:
        return "allowed"
    return "explicitDeny" if denial.explicit else "implicitDeny"
