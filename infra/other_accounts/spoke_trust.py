"""Who may assume a spoke role: the hub's functions, each under its own name."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from functions.catalog import COMPLIANCE_RUN
from functions.shared.automation import Automation
from functions.shared.deployment.permissions import source_identity
from functions.shared.deployment.resources import STACK_NAME, HubDescription
from infra.iam.policies import DeploymentError
from infra.logical_ids import logical

TRUST_CHARACTERS = 2_048
"""Most characters of a role's trust policy, unless AWS was asked for more.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_LONGEST_ROOT = "arn:aws-us-gov:iam::123456789012:"


@dataclass(frozen=True, slots=True)
class HubFunction:
    """A function of the hub, as a trust policy names it.

    Attributes:
        role: how the generated name of its role begins.
        source_identity: that it names in its sessions.
    """

    role: str
    source_identity: str


def functions_of(automations: Iterable[Automation], *, with_pollers: bool) -> tuple[HubFunction, ...]:
    """Return the functions that act in other accounts for *automations*: their own, and those that run all of them."""
    return tuple(_functions(automations, with_pollers=with_pollers))


def trust_conditions(hub: HubDescription, functions: Iterable[HubFunction], root: str) -> dict[str, Any]:
    """Return what a spoke role demands of who assumes it.

    Args:
        hub: of the functions.
        functions: that may assume the role.
        root: the ARNs of the hub's account up to the resource.

    Raises:
        DeploymentError: the trust policy would be longer than IAM takes.
    """
    trusted = tuple(functions)
    length = trust_length(hub, trusted)
    if length > TRUST_CHARACTERS:
        raise DeploymentError(
            f"the spoke role: what it demands of who assumes it has up to {length:,} characters, and IAM takes "
            f"{TRUST_CHARACTERS:,}. Shorten scope.external_id."
        )
    return _conditions(hub, trusted, root)


def trust_length(hub: HubDescription, functions: tuple[HubFunction, ...]) -> int:
    """Return the most characters that the trust policy can have."""
    principal = {"Effect": "Allow", "Principal": {"AWS": f"{_LONGEST_ROOT}root"}}
    assume = {**principal, "Action": "sts:AssumeRole", "Condition": _conditions(hub, functions, _LONGEST_ROOT)}
    naming = {**principal, "Action": "sts:SetSourceIdentity", "Condition": naming_condition(functions)}
    return len(json.dumps({"Version": "2012-10-17", "Statement": [assume, naming]}, separators=(",", ":")))


def naming_condition(functions: Iterable[HubFunction]) -> dict[str, Any]:
    """Return which names a spoke role lets a session have: those of the functions.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    """
    names = dict.fromkeys(each.source_identity for each in functions)
    return {"StringEquals": {"sts:SourceIdentity": [*names]}}


def _conditions(hub: HubDescription, functions: Iterable[HubFunction], root: str) -> dict[str, Any]:
    roles = [f"{root}role/{STACK_NAME}-{each.role}RightsRole*" for each in functions]
    asked = {
        "sts:ExternalId": hub.settings.scope["external_id"],
        "aws:PrincipalOrgID": hub.options.organization_id,
    }
    equal = {key: value for key, value in asked.items() if value} | naming_condition(functions)["StringEquals"]
    return {"ArnLike": {"aws:PrincipalArn": roles}, "StringEquals": equal}


def _functions(automations: Iterable[Automation], *, with_pollers: bool) -> Iterator[HubFunction]:
    for automation in automations:
        identity = source_identity(automation.name)
        yield HubFunction(logical(automation.name), identity)
        if automation.poller and with_pollers:
            yield HubFunction(f"{logical(automation.name)}Poller", identity)
    for step in COMPLIANCE_RUN.steps:
        if step.runs_automations:
            name = f"{logical(COMPLIANCE_RUN.name)}{logical(step.name)}"
            yield HubFunction(name, source_identity(f"{COMPLIANCE_RUN.name} {step.name}"))
