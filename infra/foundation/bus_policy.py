"""Whose events the hub's bus takes: those of the accounts in scope, by their numbers or by their organization."""

import json
from collections.abc import Iterable

from aws_cdk import Aws, CfnResource
from aws_cdk import aws_events as events

from functions.shared.deployment.resources import BUS_NAME, HubDescription, accounts_statement
from functions.shared.deployment.scope import is_listed, spokes
from functions.shared.deployment.statements import filled
from infra.iam.policies import BUS_POLICY_CHARACTERS, RightsError

_SID = "AccountsInScope"
_LONGEST = {
    "partition": "aws-us-gov",
    "bus": f"arn:aws-us-gov:events:ap-southeast-1:123456789012:event-bus/{BUS_NAME}",
}


def admit(bus: events.EventBus, hub: HubDescription) -> None:
    """Let the accounts in scope put events on *bus*; a function of an organization's hub asks who is in scope.

    Raises:
        RightsError: the policy is longer than EventBridge takes; or nobody said which organization.
    """
    if not is_listed(hub.settings) and not hub.options.organization_id:
        raise RightsError(
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
        RightsError: it is too long.
    """
    named = tuple(accounts)
    statement = {"Sid": _SID, **filled(accounts_statement(named), _LONGEST)}
    size = len(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))
    if size > BUS_POLICY_CHARACTERS:
        raise RightsError(
            f"scope.accounts: a policy that lets {len(named):,} accounts put events on the hub's bus has up to "
            f"{size:,} characters, and EventBridge takes {BUS_POLICY_CHARACTERS:,}: about "
            f"{len(named) * BUS_POLICY_CHARACTERS // size:,} accounts would fit. Divide them between two hubs."
        )
