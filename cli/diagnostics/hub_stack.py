"""The hub's stack: whether it is deployed, and from which configuration."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.command.options import Options
from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from functions.shared.aws.calls import CallError, Calls
from functions.shared.deployment.resources import STACK_NAME

DEPLOY = "make bootstrap (once for an account and Region), then make deploy (CONFIG=FILE for another configuration)"

NOT_DEPLOYED = "no hub is deployed here yet; plan works without it, and what else a hub needs is looked at once it is"
"""The one thing to say before a deployment."""

_CONFIG = Options.config
_STABLE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack of CloudFormation.

    Attributes:
        name: of the stack.
        region: of the stack.
        status: StackStatus.
        description: of its template.
        outputs: by key.
    """

    name: str
    region: str
    status: str
    description: str
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StackResource:
    """A resource of a stack.

    Attributes:
        kind: such as ``AWS::SQS::Queue``.
        logical_id: its name in the template.
        physical_id: its name in AWS.
    """

    kind: str
    logical_id: str
    physical_id: str


def judge_stack(stack: DeployedStack | None, config_hash: str, subject: str, config: Path = _CONFIG) -> Diagnosis:
    """Judge the hub's stack.

    Args:
        stack: None if there is none.
        config_hash: of the configuration.
        subject: of the diagnosis.
        config: file of the configuration.
    """
    which = "" if config == _CONFIG else f" CONFIG={shlex.quote(str(config))}"
    if stack is None:
        return missing(subject, NOT_DEPLOYED, f"make bootstrap{which} && make deploy{which}")
    if moving := in_transition(stack, subject):
        return moving
    if config_hash not in stack.description:
        reason = f"it was not deployed from this configuration, {config_hash}: {stack.description}"
        fix = f"make deploy{which}; or --config with the deployed configuration"
        return missing(subject, reason, fix)
    return ok(subject, f"{stack.status}, from this configuration, {config_hash}")


def in_transition(stack: DeployedStack, subject: str) -> Diagnosis | None:
    """Judge a stack that is being changed or has failed; None for one that is stable."""
    if stack.status in _STABLE:
        return None
    events = f"aws cloudformation describe-stack-events --region {stack.region} --stack-name {stack.name}"
    return missing(subject, f"it is {stack.status}", f"Wait if it is in progress; else see why, and deploy: {events}")


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Read the hub's stack."""
    subject = f"stack {STACK_NAME} in {context.account} {context.region}"
    try:
        stack = find(context.calls("cloudformation"), STACK_NAME, context.region)
    except CallError as error:
        yield unread(subject, error, "cloudformation:DescribeStacks")
        return
    yield judge_stack(stack, context.settings.config_hash, subject, context.options.config)


def find(calls: Calls, name: str, region: str) -> DeployedStack | None:
    """Return a stack, or None if there is none.

    Raises:
        CallError: it cannot be read.
    """
    try:
        stacks = calls("DescribeStacks", expects="Stacks", StackName=name)["Stacks"]
    except CallError as error:
        if is_absent(error):
            return None
        raise
    if not stacks:
        return None
    raw = stacks[0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in raw.get("Outputs", ())}
    return DeployedStack(name, region, raw["StackStatus"], raw.get("Description", ""), outputs)


def resources(calls: Calls, name: str) -> list[StackResource]:
    """Return the resources of a stack.

    Raises:
        CallError: they cannot be read, or there is no such stack.
    """
    listed = calls.items("ListStackResources", "StackResourceSummaries", token_name="NextToken", StackName=name)  # noqa: S106  # no secret
    return [StackResource(r["ResourceType"], r["LogicalResourceId"], r.get("PhysicalResourceId", "")) for r in listed]


def of_the_hub(context: DiagnosticContext, subject: str) -> list[StackResource] | Diagnosis:
    """Return the resources of the hub's stack; or a diagnosis of *subject* that says why they are not known."""
    try:
        return resources(context.calls("cloudformation"), STACK_NAME)
    except CallError as error:
        if is_absent(error):
            return missing(subject, "the hub is not deployed", DEPLOY)
        return unread(subject, error, "cloudformation:ListStackResources")


def is_absent(error: CallError) -> bool:
    """Say whether AWS answered that there is no such stack."""
    return error.code == "ValidationError" and "does not exist" in error.message
