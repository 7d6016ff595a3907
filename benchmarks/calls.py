"""Calls to AWS: exactly the least that the work can be done with, however many invitations there are."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from botocore.session import Session

from benchmarks.errors import CannotMeasureError
from benchmarks.lines import Line
from benchmarks.population import RECEIVER, REGION, Population, configuration, invite, settings
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from functions.shared.automation import SWEEP_EVENT
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
_OF_THE_HOUSE = ("dynamodb:", "lambda:", "ssm:", "sts:")

Counts = dict[str, int]


def measure(few: int = 10, many: int = 100_000, cap: int = 120) -> Iterator[Line]:
    """Count the calls of an event that names its invitation, of a sweep, and of the next one, which verifies.

    Args:
        few: invitations at which the event is counted, too.
        many: invitations at which all is counted.
        cap: most invitations that a run answers; the next run finds some more.
    """
    log.setLevel("CRITICAL")
    least = {_LIST: 1, _LOOK: 1, _ACCEPT: 1}
    with _function(Population(few, irreversible=1, trusted=2, over=1), cap) as function:
        yield _line(f"calls of an event, {few} invitations", function.calls_of_event(), least)
    with _function(Population(many, irreversible=_IRREVERSIBLE, trusted=cap + _BEYOND_CAP), cap) as function:
        yield _line(f"calls of an event, {many} invitations", function.calls_of_event(), least)
        sweep = _least(many + 1, accepted=cap)
        yield _line(f"calls of a sweep, {many} invitations", function.calls_of(SWEEP_EVENT), sweep)
        function.aws.clock.move_to(_START + _LATER)
        sweep = _least(many + 1, accepted=_BEYOND_CAP) | dict.fromkeys(_VERIFY, ceil((cap + 1) / _BATCH))
        yield _line(f"calls of the next sweep, {many} invitations", function.calls_of(SWEEP_EVENT), sweep)


@dataclass(frozen=True, slots=True)
class _Function:
    """The deployed function, and the log of what it calls."""

    aws: Emulator
    client: Any

    def calls_of_event(self) -> Counts:
        """Count the calls that a hint at one new invitation costs."""
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

    def calls_of(self, event: Mapping[str, object]) -> Counts:
        """Count the calls that an event costs, without those to the house itself."""
        self.aws.calls.clear()
        answer = self.client.invoke(FunctionName="ram_invitations", Payload=json.dumps(dict(event)))
        payload = json.loads(answer["Payload"].read())
        if [row["status"] for row in payload.get("coverage", ())] != ["COMPLETE"]:
            raise CannotMeasureError(f"the function did not read everything: {payload}")
        return {name: count for name, count in self.aws.calls.counts.items() if not name.startswith(_OF_THE_HOUSE)}


@contextmanager
def _function(population: Population, cap: int) -> Iterator[_Function]:
    """Let the function stand in an emulated AWS of this process, among these invitations."""
    wanted = settings(configuration(accept_limit=cap))
    with Emulator(now=_START) as aws, emulated_hub(aws, wanted, RECEIVER):
        population.populate()
        session = Session()
        session.set_credentials(RECEIVER, "emulated")
        yield _Function(aws, session.create_client("lambda", region_name=REGION))


def _least(invitations: int, *, accepted: int) -> Counts:
    return {_LIST: max(1, ceil(invitations / _PAGE)), _LOOK: _IRREVERSIBLE + accepted, _ACCEPT: accepted}


def _line(budget: str, ours: Counts, least: Counts) -> Line:
    operations = {name: ours[name] for name in sorted(ours)}
    return Line(
        budget,
        ours=sum(ours.values()),
        reference=sum(least.values()),
        limit=1.0,
        unit="calls",
        detail={"operations": operations},
        exact=ours == least,
    )
