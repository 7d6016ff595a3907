"""Calls to AWS: exactly the minimum that the work needs, however many invitations there are."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from botocore.session import Session

from benchmarks.errors import CannotMeasureError
from benchmarks.population import RECEIVER, REGION, Population, configuration, invite, settings
from benchmarks.results import BudgetResult
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.observability import log

_START = datetime(2026, 11, 20, 9, tzinfo=UTC)
_LATER = timedelta(hours=1)

_PAGE = 500
_BATCH = 50
_BEYOND_CAP = 2
_IRREVERSIBLE = 5

_LIST = "ram:GetResourceShareInvitations"
_LOOK = "ram:ListPendingInvitationResources"
_ACCEPT = "ram:AcceptResourceShareInvitation"
_VERIFY = ("ram:GetResourceShares", "ram:ListResources")
_OF_THE_HUB = ("dynamodb:", "lambda:", "ssm:", "sts:")

OperationCounts = dict[str, int]
"""How often each operation was called."""


def measure(few: int = 10, many: int = 100_000, cap: int = 120) -> Iterator[BudgetResult]:
    """Count the calls of an event that names its invitation, of a sweep, and of the next one, which verifies.

    Args:
        few: number of invitations at which an event is counted.
        many: number of invitations at which everything is counted.
        cap: most invitations that a run answers; the next run finds the rest.
    """
    log.setLevel("CRITICAL")
    least = {_LIST: 1, _LOOK: 1, _ACCEPT: 1}
    with _function(Population(few, irreversible=1, trusted=2, over=1), cap) as function:
        yield _result(f"calls of an event, {few} invitations", function.calls_of_event(), least)
    with _function(Population(many, irreversible=_IRREVERSIBLE, trusted=cap + _BEYOND_CAP), cap) as function:
        yield _result(f"calls of an event, {many} invitations", function.calls_of_event(), least)
        sweep = _least(many + 1, accepted=cap)
        yield _result(f"calls of a sweep, {many} invitations", function.calls_of(SWEEP_EVENT), sweep)
        function.aws.clock.move_to(_START + _LATER)
        sweep = _least(many + 1, accepted=_BEYOND_CAP) | dict.fromkeys(_VERIFY, ceil((cap + 1) / _BATCH))
        yield _result(f"calls of the next sweep, {many} invitations", function.calls_of(SWEEP_EVENT), sweep)


@dataclass(frozen=True, slots=True)
class _DeployedFunction:
    """The deployed function, and the log of what it calls."""

    aws: Emulator
    client: Any

    def calls_of_event(self) -> OperationCounts:
        """Count the calls for an event about one new invitation."""
        arn = invite()
        return self.calls_of(
            {
                "source": "aws.ram",
                "detail-type": "Resource Sharing State Change",
                "account": RECEIVER,
                "region": REGION,
                "resources": [arn],
                "detail": {},
            }
        )

    def calls_of(self, event: Mapping[str, object]) -> OperationCounts:
        """Count the calls for an event, without those to the hub itself."""
        self.aws.calls.clear()
        answer = self.client.invoke(FunctionName="ram_invitations", Payload=json.dumps(dict(event)))
        payload = json.loads(answer["Payload"].read())
        if [row["status"] for row in payload.get("coverage", ())] != ["COMPLETE"]:
            raise CannotMeasureError(f"the function did not read everything: {payload}")
        return {name: count for name, count in self.aws.calls.counts.items() if not name.startswith(_OF_THE_HUB)}


@contextmanager
def _function(population: Population, cap: int) -> Iterator[_DeployedFunction]:
    """Run the function in an emulated AWS of this process that holds these invitations."""
    wanted = settings(configuration(accept_limit=cap))
    with Emulator(now=_START) as aws, emulated_hub(aws, wanted, RECEIVER):
        population.populate()
        session = Session()
        session.set_credentials(RECEIVER, "emulated")
        yield _DeployedFunction(aws, session.create_client("lambda", region_name=REGION))


def _least(invitations: int, *, accepted: int) -> OperationCounts:
    return {_LIST: max(1, ceil(invitations / _PAGE)), _LOOK: _IRREVERSIBLE + accepted, _ACCEPT: accepted}


def _result(budget: str, ours: OperationCounts, least: OperationCounts) -> BudgetResult:
    operations = {name: ours[name] for name in sorted(ours)}
    return BudgetResult(
        budget,
        ours=sum(ours.values()),
        reference=sum(least.values()),
        limit=1.0,
        unit="calls",
        detail={"operations": operations},
        exact=ours == least,
    )
