"""How events reach the hub: a forwarder in each other Region, and a bus that accepts events of other accounts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok, unreadable
from cli.diagnostics.hub_stack import DEPLOY, DeployedStack, find, in_transition
from functions.catalog import COMPLIANCE_RUN
from functions.shared.aws.calls import CallError
from functions.shared.deployment.bus_policy import MEMBERS
from functions.shared.deployment.forwarding import forwarded, forwarding_regions
from functions.shared.deployment.resources import BUS_NAME, FORWARDER_STACK_NAME, HubDescription


def regions_of(context: DiagnosticContext) -> tuple[str, ...]:
    """Return the Regions, without the home Region, where AWS emits the events of an enabled function."""
    wanted = forwarding_regions(forwarded(context.settings, context.functions))
    return tuple(region for region in wanted if region != context.region)


def judge_forwarder(stack: DeployedStack | None, region: str) -> Diagnosis:
    """Judge the forwarder of a Region of the hub's account; None if there is no stack."""
    subject = f"stack {FORWARDER_STACK_NAME}-{region}"
    if stack is None:
        return missing(subject, f"no event of {region} reaches the hub: only the schedules sweep there", DEPLOY)
    return in_transition(stack, subject) or ok(subject, stack.status)


def judge_bus(
    policy: str, accounts: tuple[str, ...], subject: str, condition: Mapping[str, Any] | None = None
) -> Diagnosis:
    """Judge whether the bus accepts the events of other accounts.

    Args:
        policy: of the bus, as JSON; empty if it has none.
        accounts: whose events it has to accept.
        subject: of the diagnosis.
        condition: under which the configuration admits them; None for no condition.
    """
    statements = list(_statements(policy))
    open_to = {account for each in statements if "Condition" not in each for account in _accounts(each)}
    if condition and (unlimited := [account for account in accounts if open_to & {account, "*"}]):
        reason = f"its policy takes any event of {', '.join(unlimited)}, also forged ones of Watchkeeper's own source"
        return missing(subject, reason, DEPLOY)
    ours = _sorted(condition or {})
    as_wanted = [each for each in statements if condition and _sorted(each.get("Condition", {})) == ours]
    admitted = open_to.union(*map(_accounts, as_wanted))
    shut_out = [account for account in accounts if not admitted & {account, "*"}]
    if shut_out and any("Condition" in each for each in statements if each not in as_wanted):
        reason = (
            f"its policy admits {', '.join(shut_out)} under conditions, or not at all: conditions are not judged here"
        )
        return unreadable(
            subject, reason, f"aws events describe-event-bus --name {BUS_NAME}; or, as configured: make deploy"
        )
    if shut_out:
        fix = "Name the accounts in scope.accounts, and: make deploy"
        return missing(subject, f"its policy admits no event of {', '.join(shut_out)}", fix)
    return ok(subject, f"it accepts the events of {', '.join(accounts)}")


def judge_elsewhere(accounts: tuple[str, ...], region: str) -> Diagnosis:
    """Return the verdict that forwarders of other accounts cannot be read from the hub's account."""
    return unreadable(
        f"forwarders in {', '.join(accounts)}",
        "the spoke role may not read stacks, so it is not known whether they are deployed",
        "In each of those accounts and Regions, with its own credentials: aws cloudformation deploy --stack-name "
        f"{FORWARDER_STACK_NAME} --template-file cdk.out/templates/{FORWARDER_STACK_NAME}.template.json "
        "--capabilities CAPABILITY_IAM "
        f"--parameter-overrides HubBusArn=BUS (the output BusArn of the hub's stack in {region}); deploying "
        "it again changes nothing. make synth writes the template; --account self leaves out those accounts.",
    )


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Read the forwarders of the hub's account and, if other accounts are in scope, the bus."""
    for region in regions_of(context):
        name = f"{FORWARDER_STACK_NAME}-{region}"
        try:
            yield judge_forwarder(find(context.calls("cloudformation", region), name, region), region)
        except CallError as error:
            yield unread(f"stack {name}", error, "cloudformation:DescribeStacks")
    if context.other_accounts:
        yield _bus(context)
        yield judge_elsewhere(context.other_accounts, context.region)


def _bus(context: DiagnosticContext) -> Diagnosis:
    subject = f"bus {BUS_NAME} in {context.region}"
    try:
        found = context.calls("events")("DescribeEventBus", expects="Name", Name=BUS_NAME)
    except CallError as error:
        if error.code == "ResourceNotFoundException":
            return missing(subject, "it does not exist: no event is forwarded", DEPLOY)
        return unread(subject, error, "events:DescribeEventBus")
    hub = HubDescription.of(context.settings, context.functions, COMPLIANCE_RUN)
    condition = hub.bus_statements().get(MEMBERS, {}).get("Condition")
    return judge_bus(found.get("Policy", ""), context.other_accounts, subject, condition)


def _statements(policy: str) -> Iterator[Mapping[str, Any]]:
    for statement in json.loads(policy)["Statement"] if policy else ():
        if statement["Effect"] == "Allow" and "events:PutEvents" in statement["Action"]:
            yield statement


def _sorted(condition: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Write a condition in one way: AWS may give a list of one as a text, and keeps no order."""
    return {
        operator: {key: sorted([value] if isinstance(value, str) else value) for key, value in keys.items()}
        for operator, keys in condition.items()
    }


def _accounts(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement["Principal"]
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    for each in [named] if isinstance(named, str) else named:
        yield each.split(":")[4] if each.startswith("arn:") else each
