"""Whether the organization's service control policies allow the actions of the hub's functions.

IAM's simulator does not judge policies with conditions; a denied first read shows those too.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.diagnostics.access_denied import exception_for, unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from cli.diagnostics.hub_stack import StackResource, of_the_hub
from functions.shared.automation import Permission
from functions.shared.aws.calls import CallError

_ROLE = "AWS::IAM::Role"


@dataclass(frozen=True, slots=True)
class FunctionRole:
    """The role of a deployed function.

    Attributes:
        arn: of the role.
        actions: IAM actions of the function.
    """

    arn: str
    actions: tuple[str, ...]

    @property
    def subject(self) -> str:
        """Its name in a diagnosis."""
        return f"role {self.arn.rpartition('/')[2]}"


def judge_policies(role: FunctionRole, allowed: Mapping[str, bool | None]) -> Diagnosis:
    """Judge what the organization allows a role.

    Args:
        role: of a function.
        allowed: AllowedByOrganizations of each action; None where the account has no service control policy.
    """
    if unjudged := sorted(set(role.actions) - allowed.keys()):
        reason = f"IAM's simulator does not judge {', '.join(unjudged)}"
        return unreadable(role.subject, reason, _asking(role))
    if forbidden := sorted(action for action, is_allowed in allowed.items() if is_allowed is False):
        account = role.arn.split(":")[4]
        reason = f"service control policies do not allow {', '.join(forbidden)}"
        return missing(role.subject, reason, exception_for(", ".join(forbidden), account))
    if None in allowed.values():
        return ok(role.subject, "no service control policy applies to the account")
    return ok(role.subject, f"all {len(allowed)} actions are allowed")


def _asking(role: FunctionRole) -> str:
    asked = f"--policy-source-arn {role.arn} --action-names {' '.join(role.actions)}"
    return f"aws iam simulate-principal-policy {asked}"


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Ask IAM's simulator about each action of each deployed function."""
    found = of_the_hub(context, "roles of the hub's functions")
    if isinstance(found, Diagnosis):
        yield found
        return
    for name, actions in _functions(context):
        arns = list(_roles(context, name, found))
        if not arns:
            yield missing(f"role of {name}", "the hub's stack has no such role", "make deploy")
        for arn in arns:
            yield _simulated(context, FunctionRole(arn, actions))


def _functions(context: DiagnosticContext) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and the IAM actions of each enabled function."""
    for each in context.automations if context.options.automations else context.functions:
        section = context.settings.section(each.name)
        yield each.name, _wanted(each.permissions, section)
        if each.poller:
            yield f"{each.name}-poller", _wanted(each.poller.permissions, section)


def _wanted(permissions: Sequence[Permission], section: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({right.action for right in permissions if right.is_wanted(section)}))


def _roles(context: DiagnosticContext, function: str, made: Iterable[StackResource]) -> Iterator[str]:
    """Yield the ARN of a function's role; its id in the template begins with the function's name in CamelCase."""
    start = "".join(word.capitalize() for word in function.replace("-", "_").split("_"))
    for each in made:
        if each.kind == _ROLE and each.logical_id.startswith(f"{start}RightsRole"):
            yield f"arn:{context.partition}:iam::{context.account}:role/{each.physical_id}"


def _simulated(context: DiagnosticContext, role: FunctionRole) -> Diagnosis:
    asked = {"PolicySourceArn": role.arn, "ActionNames": role.actions}
    try:
        found = {
            each["EvalActionName"]: each.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations")
            for each in context.calls("iam").items(
                "SimulatePrincipalPolicy",
                "EvaluationResults",
                token_name="Marker",  # noqa: S106  # no secret
                **asked,
            )
        }
    except CallError as error:
        return unread(role.subject, error, "iam:SimulatePrincipalPolicy")
    return judge_policies(role, found)
