"""The way of events to the hub: a forwarder in each other Region, and a bus that takes those of other accounts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok, unreadable
from cli.diagnostics.hub_stack import DEPLOY, Stack, find
from cli.diagnostics.refusals import unread
from functions.shared.automation import EventTrigger
from functions.shared.aws.calls import CallError

STACK_PREFIX = "watchkeeper-forwarder"

_BUS = "watchkeeper"
_AT_REST = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


def forwarding_regions(patient: Patient) -> tuple[str, ...]:
    """Return the Regions but the home one in which AWS emits what a function that is on wants to hear."""
    in_scope = patient.settings.scope["regions"]
    scope = in_scope if isinstance(in_scope, list) else []
    wanted = {
        region
        for function in patient.functions
        for trigger in function.triggers
        if isinstance(trigger, EventTrigger) and trigger.pattern.get("source") != ["aws.lambda"]
        for region in ([trigger.home_region] if trigger.home_region else scope)
    }
    return tuple(sorted(wanted - {patient.region}))


def forwarder_row(stack: Stack | None, region: str) -> Row:
    """Judge the forwarder of a Region of the hub's account; None where there is none."""
    subject = f"stack {STACK_PREFIX}-{region}"
    if stack is None:
        return missing(subject, f"no event of {region} reaches the hub: only the schedules look there", DEPLOY)
    if stack.status not in _AT_REST:
        look = f"aws cloudformation describe-stack-events --region {region} --stack-name {stack.name}"
        return missing(subject, f"it is {stack.status}", f"Wait if it is in progress; else see why, and deploy: {look}")
    return ok(subject, stack.status)


def bus_row(policy: str, accounts: tuple[str, ...], subject: str) -> Row:
    """Judge whether the bus takes the events of other accounts.

    Args:
        policy: the bus's, as JSON; empty where it has none.
        accounts: whose events it has to take.
        subject: of the row.
    """
    statements = list(_statements(policy))
    admitted = {account for each in statements if "Condition" not in each for account in _accounts(each)}
    shut_out = [account for account in accounts if account not in admitted and "*" not in admitted]
    if shut_out and any("Condition" in each for each in statements):
        reason = f"its policy lets {', '.join(shut_out)} in under conditions, or not at all: those are not judged here"
        return unreadable(
            subject, reason, f"aws events describe-event-bus --name {_BUS}; or, as configured: make deploy"
        )
    if shut_out:
        mend = "Name the accounts in scope.accounts, and: make deploy"
        return missing(subject, f"its policy lets no event of {', '.join(shut_out)} in", mend)
    return ok(subject, f"it takes the events of {', '.join(accounts)}")


def elsewhere_row(accounts: tuple[str, ...], region: str) -> Row:
    """Say that forwarders of other accounts cannot be seen from here."""
    return unreadable(
        f"forwarders in {', '.join(accounts)}",
        "the spoke role may not look at stacks, so that from here nobody sees whether they stand",
        "In each of those accounts and Regions, with its own credentials: aws cloudformation deploy --stack-name "
        f"{STACK_PREFIX} --template-file cdk.out/templates/{STACK_PREFIX}.template.json --capabilities CAPABILITY_IAM "
        f"--parameter-overrides HubBusArn=BUS (the output BusArn of the hub's stack in {region}); a second time it "
        "changes nothing. make synth writes the template; --account self leaves those accounts out.",
    )


def examine(patient: Patient) -> Iterator[Row]:
    """Look at the forwarders of the hub's account and, if others are in scope, at the bus."""
    for region in forwarding_regions(patient):
        name = f"{STACK_PREFIX}-{region}"
        try:
            yield forwarder_row(find(patient.calls("cloudformation", region), name, region), region)
        except CallError as error:
            yield unread(f"stack {name}", error, "cloudformation:DescribeStacks")
    if patient.other_accounts:
        yield _bus(patient)
        yield elsewhere_row(patient.other_accounts, patient.region)


def _bus(patient: Patient) -> Row:
    subject = f"bus {_BUS} in {patient.region}"
    try:
        found = patient.calls("events")("DescribeEventBus", expects="Name", Name=_BUS)
    except CallError as error:
        if error.code == "ResourceNotFoundException":
            return missing(subject, "it is not there: no event is forwarded", DEPLOY)
        return unread(subject, error, "events:DescribeEventBus")
    return bus_row(found.get("Policy", ""), patient.other_accounts, subject)


def _statements(policy: str) -> Iterator[Mapping[str, Any]]:
    for statement in json.loads(policy)["Statement"] if policy else ():
        if statement["Effect"] == "Allow" and "events:PutEvents" in statement["Action"]:
            yield statement


def _accounts(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement["Principal"]
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    for each in [named] if isinstance(named, str) else named:
        yield each.split(":")[4] if each.startswith("arn:") else each
