"""The hub's stack: whether it stands, and whether it is the one that the configuration describes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok
from cli.diagnostics.refusals import unread
from cli.hubs.cdk import STACK
from functions.shared.aws.calls import CallError, Calls

DEPLOY = "make bootstrap (once for an account and Region), then make deploy (CONFIG=FILE for another configuration)"

_AT_REST = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack of CloudFormation's.

    Attributes:
        name: of the stack.
        region: where it stands.
        status: StackStatus.
        description: of its template.
        outputs: by their keys.
    """

    name: str
    region: str
    status: str
    description: str
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resource:
    """What a stack has made.

    Attributes:
        kind: such as ``AWS::SQS::Queue``.
        logical_id: its name in the template.
        physical_id: its name in AWS.
    """

    kind: str
    logical_id: str
    physical_id: str


def stack_row(stack: Stack | None, config_hash: str, subject: str) -> Row:
    """Judge the hub's stack; None where there is none."""
    if stack is None:
        return missing(subject, "the hub is not deployed; plan works without", DEPLOY)
    if stack.status not in _AT_REST:
        look = f"aws cloudformation describe-stack-events --stack-name {stack.name} --region {stack.region}"
        return missing(subject, f"it is {stack.status}", f"Wait if it is in progress; else see why, and deploy: {look}")
    if config_hash not in stack.description:
        reason = f"it was not deployed from this configuration, {config_hash}: {stack.description}"
        return missing(
            subject, reason, "make deploy (CONFIG=FILE for another configuration), or name its own: --config"
        )
    return ok(subject, f"{stack.status}, from this configuration, {config_hash}")


def examine(patient: Patient) -> Iterator[Row]:
    """Look at the hub's stack."""
    subject = f"stack {STACK} in {patient.account} {patient.region}"
    try:
        stack = find(patient.calls("cloudformation"), STACK, patient.region)
    except CallError as error:
        yield unread(subject, error, "cloudformation:DescribeStacks")
        return
    yield stack_row(stack, patient.settings.config_hash, subject)


def find(calls: Calls, name: str, region: str) -> Stack | None:
    """Return a stack, or None if there is none.

    Raises:
        CallError: that cannot be read.
    """
    try:
        (raw,) = calls("DescribeStacks", expects="Stacks", StackName=name)["Stacks"]
    except CallError as error:
        if is_absent(error):
            return None
        raise
    outputs = {each["OutputKey"]: each["OutputValue"] for each in raw.get("Outputs", ())}
    return Stack(name, region, raw["StackStatus"], raw.get("Description", ""), outputs)


def resources(calls: Calls, name: str) -> list[Resource]:
    """Return what a stack has made.

    Raises:
        CallError: that cannot be read, or there is no such stack.
    """
    listed = calls.items("ListStackResources", "StackResourceSummaries", token_name="NextToken", StackName=name)  # noqa: S106  # no secret
    return [Resource(r["ResourceType"], r["LogicalResourceId"], r.get("PhysicalResourceId", "")) for r in listed]


def of_the_hub(patient: Patient, subject: str) -> list[Resource] | Row:
    """Return what the hub's stack has made; or a row on *subject* that says why nobody knows."""
    try:
        return resources(patient.calls("cloudformation"), STACK)
    except CallError as error:
        if is_absent(error):
            return missing(subject, "the hub is not deployed", DEPLOY)
        return unread(subject, error, "cloudformation:ListStackResources")


def is_absent(error: CallError) -> bool:
    """Say whether AWS told that there is no such stack."""
    return error.code == "ValidationError" and "does not exist" in error.message
