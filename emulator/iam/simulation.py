"""IAM's policy simulator for roles."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from emulator.iam.conditions import PolicyError
from emulator.iam.control_policies import control_policies
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
        rights, limits = rights_of(role), control_policies(role.account_id, role.partition)
        results = [_result(action, resource, rights, limits) for action in actions for resource in resources]
    except PolicyError as error:
        raise NotImplementedError(str(error)) from error
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _result(action: str, resource: str, rights: Rights, limits: list[Rights] | None) -> dict[str, Any]:
    """Return the result if no condition key has a value.

    Args:
        action: IAM's name.
        resource: its ARN.
        rights: of the role.
        limits: what each level of the organization allows; None without an organization.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_OrganizationsDecisionDetail.html
    """
    missing = sorted({key for each in (rights, *(limits or ())) for key in _keys(action, each)})
    question = Question(action, resource, dict.fromkeys(missing, ()))
    refused = [denial for each in limits or () if (denial := judge(question, each))]
    denials = [denial for denial in (judge(question, rights), *refused) if denial]
    result = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _decision(denials),
        "MatchedStatements": [],
        "MissingContextValues": missing,
    }
    detail = {} if limits is None else {"OrganizationsDecisionDetail": {"AllowedByOrganizations": not refused}}
    return result | detail


def _keys(action: str, rights: Rights) -> Iterator[str]:
    """Yield the condition keys in the statements about *action*."""
    for _, policies in rights.layers():
        for statement in (each for policy in policies for each in policy):
            if statement.actions.cover(action, matches_action):
                yield from (condition.key for condition in statement.conditions)


def _decision(denials: Sequence[Denial]) -> str:
    if not denials:
        return "allowed"
    return "explicitDeny" if any(denial.explicit for denial in denials) else "implicitDeny"
