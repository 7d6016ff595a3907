"""The policy of the hub's bus, as the template has it: the accounts in scope, by their numbers or by organization."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import Aws, CfnResource
from aws_cdk import aws_events as events

from functions.shared.deployment.bus_policy import bus_statements
from functions.shared.deployment.forwarding import admitted_sources, forwarded
from functions.shared.deployment.resources import BUS_NAME, HubDescription
from functions.shared.deployment.scope import is_listed, spokes
from functions.shared.deployment.statements import filled
from infra.iam.policies import DeploymentError

BUS_POLICY_CHARACTERS = 10_240
"""Most characters of an event bus's policy, unless AWS was asked for more.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
"""

_LONGEST = {
    "partition": "aws-us-gov",
    "account": "123456789012",
    "bus": f"arn:aws-us-gov:events:ap-southeast-1:123456789012:event-bus/{BUS_NAME}",
}


def admit(bus: events.EventBus, hub: HubDescription) -> None:
    """Let the accounts in scope put events on *bus*; for an organization, each function checks who is in scope.

    Raises:
        DeploymentError: the policy is too long for EventBridge, or the configuration names no organization.
    """
    if not is_listed(hub.settings) and not hub.options.organization_id:
        raise DeploymentError(
            "deployment.organization_id: the scope is an organization's, and the hub's bus has to know which one may "
            "put events on it. `aws organizations describe-organization` shows its id."
        )
    check_length(spokes(hub.settings), admitted_sources(forwarded(hub.settings, hub.automations)))
    placeholders = {"partition": Aws.PARTITION, "account": Aws.ACCOUNT_ID, "bus": bus.event_bus_arn}
    before = None  # EventBridge changes one policy at a time
    for sid, statement in hub.bus_statements().items():
        policy = CfnResource(  # the typed one warns of a property that is not used here
            bus,
            sid,
            type="AWS::Events::EventBusPolicy",
            properties={
                "EventBusName": bus.event_bus_name,
                "StatementId": sid,
                "Statement": filled(statement, placeholders),
            },
        )
        if before:
            policy.add_resource_dependency(before)
        before = policy


def check_length(accounts: Iterable[str], sources: Iterable[str]) -> None:
    """Make sure that EventBridge takes a policy that names *accounts* and the *sources* of their events.

    Raises:
        DeploymentError: it is too long.
    """
    named, sent = tuple(accounts), tuple(sources)
    size, without = _size(bus_statements(sent, named, "")), _size(bus_statements(sent, (), ""))
    if size > BUS_POLICY_CHARACTERS:
        raise DeploymentError(
            f"scope.accounts: a policy that lets {len(named):,} accounts put events on the hub's bus has up to "
            f"{size:,} characters, and EventBridge takes {BUS_POLICY_CHARACTERS:,}: about "
            f"{len(named) * (BUS_POLICY_CHARACTERS - without) // (size - without):,} accounts would fit. Divide them "
            f"between two hubs."
        )


def _size(statements: Mapping[str, Any]) -> int:
    listed = [{"Sid": sid, **filled(each, _LONGEST)} for sid, each in statements.items()]
    return len(json.dumps({"Version": "2012-10-17", "Statement": listed}, separators=(",", ":")))
