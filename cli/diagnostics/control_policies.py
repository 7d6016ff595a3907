"""Whether the organization's service control policies let the hub's functions do what they have to.

IAM's simulator knows them, but for those with conditions; a refused first read tells of those too.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok, unreadable
from cli.diagnostics.hub_stack import Resource, of_the_hub
from cli.diagnostics.refusals import exception_for, unread
from functions.shared.automation import Permission
from functions.shared.aws.calls import CallError

_ROLE = "AWS::IAM::Role"


@dataclass(frozen=True, slots=True)
class Role:
    """The role of a deployed function.

    Attributes:
        arn: of it.
        actions: what the function does as that role.
    """

    arn: str
    actions: tuple[str, ...]

    @property
    def subject(self) -> str:
        """How rows call it."""
        return f"role {self.arn.rpartition('/')[2]}"


def policies_row(role: Role, allowed: Mapping[str, bool | None]) -> Row:
    """Judge what the organization lets a role do.

    Args:
        role: of a function.
        allowed: AllowedByOrganizations of each action; None where no service control policy holds for the account.
    """
    if unjudged := sorted(set(role.actions) - allowed.keys()):
        reason = f"IAM's simulator says nothing of {', '.join(unjudged)}"
        return unreadable(role.subject, reason, _asking(role))
    if forbidden := sorted(action for action, is_allowed in allowed.items() if is_allowed is False):
        account = role.arn.split(":")[4]
        reason = f"service control policies do not allow {', '.join(forbidden)}"
        return missing(role.subject, reason, exception_for(", ".join(forbidden), account))
    if None in allowed.values():
        return ok(role.subject, "no service control policy holds for the account")
    return ok(role.subject, f"all {len(allowed)} actions are allowed")


def _asking(role: Role) -> str:
    asked = f"--policy-source-arn {role.arn} --action-names {' '.join(role.actions)}"
    return f"aws iam simulate-principal-policy {asked}"


def examine(patient: Patient) -> Iterator[Row]:
    """Ask IAM's simulator about each action of each deployed function."""
    found = of_the_hub(patient, "roles of the hub's functions")
    if isinstance(found, Row):
        yield found
        return
    for name, actions in _functions(patient):
        arns = list(_roles(patient, name, found))
        if not arns:
            yield missing(f"role of {name}", "the hub's stack has none", "make deploy")
        for arn in arns:
            yield _simulated(patient, Role(arn, actions))


def _functions(patient: Patient) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each function that is on, by its manifest's name, with the actions that it takes."""
    for each in patient.automations if patient.options.automations else patient.functions:
        section = patient.settings.section(each.name)
        yield each.name, _wanted(each.permissions, section)
        if each.poller:
            yield f"{each.name}-poller", _wanted(each.poller.permissions, section)


def _wanted(permissions: Sequence[Permission], section: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({right.action for right in permissions if right.is_wanted(section)}))


def _roles(patient: Patient, function: str, made: Iterable[Resource]) -> Iterator[str]:
    """Yield the ARN of a function's role, whose id in the template begins with the function's name in one word."""
    start = "".join(word.capitalize() for word in function.replace("-", "_").split("_"))
    for each in made:
        if each.kind == _ROLE and each.logical_id.startswith(f"{start}RightsRole"):
            yield f"arn:{patient.partition}:iam::{patient.account}:role/{each.physical_id}"


def _simulated(patient: Patient, role: Role) -> Row:
    asked = {"PolicySourceArn": role.arn, "ActionNames": role.actions}
    try:
        found = {
            each["EvalActionName"]: each.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations")
            for each in patient.calls("iam").items(
                "SimulatePrincipalPolicy",
                "EvaluationResults",
                token_name="Marker",  # noqa: S106  # no secret
                **asked,
            )
        }
    except CallError as error:
        return unread(role.subject, error, "iam:SimulatePrincipalPolicy")
    return policies_row(role, found)
