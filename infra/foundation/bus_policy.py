"""Whose events the hub's bus takes: those of the accounts in scope, by their numbers or by their organization."""

import json
from collections.abc import Iterable, Mapping

from aws_cdk import Aws, CfnResource
from aws_cdk import aws_events as events

from infra.iam.policies import BUS_POLICY_CHARACTERS, RightsError

_SID = "AccountsInScope"
_LONGEST_PARTITION = "aws-us-gov"
_BUS = f"arn:{_LONGEST_PARTITION}:events:ap-southeast-1:123456789012:event-bus/watchkeeper"


def admit(bus: events.EventBus, accounts: Iterable[str]) -> None:
    """Let *accounts* put events on *bus*, and nobody else but its own; for none of them it needs no policy.

    Raises:
        RightsError: the policy is longer than EventBridge takes.
    """
    admitted = tuple(accounts)
    if admitted:
        _check(admitted)
        _let_in(bus, _statement(admitted, Aws.PARTITION, bus.event_bus_arn))


def admit_organization(bus: events.EventBus, organization_id: str) -> None:
    """Let every account of an organization put events on *bus*: a function that is woken asks who is in scope.

    Raises:
        RightsError: nobody said which organization.
    """
    if not organization_id:
        raise RightsError(
            "deployment.organization_id: the scope is an organization's, and the hub's bus has to know which one may "
            "put events on it. `aws organizations describe-organization` shows its id."
        )
    _let_in(
        bus,
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "events:PutEvents",
            "Resource": bus.event_bus_arn,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization_id}},
        },
    )


def _let_in(bus: events.EventBus, statement: Mapping[str, object]) -> None:
    CfnResource(  # the typed one warns of a property that is not used here
        bus,
        _SID,
        type="AWS::Events::EventBusPolicy",
        properties={"EventBusName": bus.event_bus_name, "StatementId": _SID, "Statement": statement},
    )


def _statement(accounts: Iterable[str], partition: str, bus: str) -> dict[str, object]:
    roots = [f"arn:{partition}:iam::{account}:root" for account in accounts]
    return {"Effect": "Allow", "Principal": {"AWS": roots}, "Action": "events:PutEvents", "Resource": bus}


def _check(accounts: tuple[str, ...]) -> None:
    statement = {"Sid": _SID, **_statement(accounts, _LONGEST_PARTITION, _BUS)}
    size = len(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":")))
    if size > BUS_POLICY_CHARACTERS:
        raise RightsError(
            f"scope.accounts: a policy that lets {len(accounts):,} accounts put events on the hub's bus has up to "
            f"{size:,} characters, and EventBridge takes {BUS_POLICY_CHARACTERS:,}: about "
            f"{len(accounts) * BUS_POLICY_CHARACTERS // size:,} accounts would fit. Divide them between two hubs."
        )
