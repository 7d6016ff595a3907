"""Whose events the hub's bus takes: those of the accounts in scope, each by its number."""

import json
from collections.abc import Iterable

from aws_cdk import Aws, CfnResource
from aws_cdk import aws_events as events

from infra.policies import BUS_POLICY_CHARACTERS, RightsError

_SID = "AccountsInScope"
_LONGEST_PARTITION = "aws-us-gov"
_BUS = f"arn:{_LONGEST_PARTITION}:events:ap-southeast-1:123456789012:event-bus/watchkeeper"


def admit(bus: events.EventBus, accounts: Iterable[str]) -> None:
    """Let *accounts* put events on *bus*, and nobody else but its own; for none of them it needs no policy.

    Raises:
        RightsError: the policy is longer than EventBridge takes.
    """
    admitted = tuple(accounts)
    if not admitted:
        return
    _check(admitted)
    CfnResource(  # the typed one warns of a property that is not used here
        bus,
        _SID,
        type="AWS::Events::EventBusPolicy",
        properties={
            "EventBusName": bus.event_bus_name,
            "StatementId": _SID,
            "Statement": _statement(admitted, Aws.PARTITION, bus.event_bus_arn),
        },
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
