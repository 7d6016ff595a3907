"""Who may put events on the hub's bus: the accounts in scope, by their numbers or by their organization."""

import json
from collections.abc import Iterable

from aws_cdk import Aws, CfnResource
from aws_cdk import aws_events as events

from functions.shared.deployment.resources import BUS_NAME, HubDescription, accounts_statement
from functions.shared.deployment.scope import is_listed, spokes
from functions.shared.deployment.statements import filled
from infra.iam.policies import DeploymentError

BUS_POLICY_CHARACTERS = 10_240
"""Most characters of an event bus's policy, unless AWS was asked for more.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
"""

_SID = "AccountsInScope"
_LONGEST = {
    "partition": "aws-us-gov",
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
    statement = hub.bus_statement()
    if statement is None:
        return
    check_length(spokes(hub.settings))
    CfnResource(  # the typed one warns of a property that is not used here
        bus,
        _SID,
        type="AWS::Events::EventBusPolicy",
        properties={
            "EventBusName": bus.event_bus_name,
            "StatementId": _SID,
            "Statement": filled(statement, {"partition": Aws.PARTITION, "bus": bus.event_bus_arn}),
        },
    )


def check_length(accounts: Iterable[str]) -> None:
    """Make sure that EventBridge takes a policy that names *accounts*.

    Raises:
        DeploymentError: it is too long.
    """
    named = tuple(accounts)
    statement = {"Sid": _SID, **filled(accounts_statement(named), _LONGEST)}
    size = len(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))
    if size > BUS_POLICY_CHARACTERS:
        raise DeploymentError(
            f"scope.accounts: a policy that lets {len(named):,} accounts put events on the hub's bus has up to "
            f"{size:,} characters, and EventBridge takes {BUS_POLICY_CHARACTERS:,}: about "
            f"{len(named) * BUS_POLICY_CHARACTERS // size:,} accounts would fit. Divide them between two hubs."
        )
