"""Whether the organization's service control policies let the hub's functions do what they have to.

IAM's simulator knows them, but for those with conditions; a refused first read tells of those too.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cli.examinations.hub_stack import Resource, of_the_hub
from cli.examinations.patient import Patient
from cli.examinations.refusals import exception_for, unread
from cli.examinations.row import Row, missing, ok
from functions.shared.automation import Automation
from functions.shared.calls import CallError

_ROLE = "AWS::IAM::Role"


@dataclass(frozen=True, slots=True)
class Role:
    """The role of a deployed function: its ARN, and whose it is."""

    arn: str
    owner: str

    @property
    def subject(self) -> str:
        """How rows call it."""
        return f"{self.owner} as {self.arn}"


def policies_row(role: Role, allowed: Mapping[str, bool | None]) -> Row:
    """Judge what the organization lets a role do.

    Args:
        role: of a function.
        allowed: AllowedByOrganizations of each action; None where no service control policy holds for the account.
    """
    if forbidden := sorted(action for action, is_allowed in allowed.items() if is_allowed is False):
        account = role.arn.split(":")[4]
        reason = f"service control policies do not allow {', '.join(forbidden)}"
        return missing(role.subject, reason, exception_for(", ".join(forbidden), account))
    if None in allowed.values():
        return ok(role.subject, "no service control policy holds for the account")
    return ok(role.subject, f"all {len(allowed)} actions are allowed")


def examine(patient: Patient) -> Iterator[Row]:
    """Ask IAM's simulator about each action of each deployed function that sweeps."""
    found = of_the_hub(patient, "roles of the hub's functions")
    if isinstance(found, Row):
        yield found
        return
    for automation in patient.automations:
        roles = list(_roles(patient, automation, found))
        if not roles:
            yield missing(f"role of {automation.name}", "the hub's stack has none", "make deploy")
        for role in roles:
            yield _simulated(patient, role, automation)


def _roles(patient: Patient, automation: Automation, made: Iterable[Resource]) -> Iterator[Role]:
    """Yield the role of a function: CloudFormation's id of it begins with the automation's name in one word."""
    start = f"{automation.name.replace('_', ' ').title().replace(' ', '')}RightsRole"
    for each in made:
        if each.kind == _ROLE and each.logical_id.startswith(start):
            yield Role(f"arn:{patient.partition}:iam::{patient.account}:role/{each.physical_id}", automation.name)


def _simulated(patient: Patient, role: Role, automation: Automation) -> Row:
    section = patient.settings.section(automation.name)
    actions = sorted({right.action for right in automation.permissions if right.is_wanted(section)})
    asked = {"PolicySourceArn": role.arn, "ActionNames": actions}
    try:
        listed = patient.calls("iam").items(
            "SimulatePrincipalPolicy",
            "EvaluationResults",
            token_name="Marker",  # noqa: S106  # no secret
            **asked,
        )
        found = {
            each["EvalActionName"]: each.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations")
            for each in listed
        }
    except CallError as error:
        return unread(role.subject, error, "iam:SimulatePrincipalPolicy")
    return policies_row(role, found)
