"""Counts what an emulated hub uses: to sweep quiet accounts, and for each kind of event in one."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from botocore.session import Session

from benchmarks.cost.assumptions import REGIONS, Assumptions
from benchmarks.cost.metering import MeteredInvocation, Metering, Metric
from benchmarks.cost.usage import Meter, Usage, total
from benchmarks.errors import CannotMeasureError
from benchmarks.population import settings
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from emulator.ram.seeding import invite
from emulator.s3control import faults
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.deployment.forwarding import Forwarded, forwarded
from functions.shared.deployment.resources import BUS_NAME
from functions.shared.settings import Settings

HUB = "111122223333"
TRUSTED = "210987654321"
STRANGER = "999999999999"

_SWEEPER = "ram_invitations"
_START = datetime(2026, 11, 20, 9, tzinfo=UTC)
_MRAP_REGION = "us-west-2"
_OPERATION_TAKES = timedelta(minutes=5)
_UNTIL_VERIFIED = timedelta(minutes=40)
_UNTIL_REMINDED = timedelta(hours=24)
_UNTIL_NEXT_SWEEP = timedelta(minutes=30)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SweepUsage:
    """The usage of one scheduled sweep of one function over all accounts, while nothing happens in them.

    Attributes:
        usage: of the invocation.
        calls: to AWS, by name.
    """

    usage: Usage
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuietUsage:
    """What a number of accounts use while nothing happens in them.

    Attributes:
        sweeps: by function, including the notifications' schedule.
        metrics: that all functions wrote.
        ledger_bytes: size of the ledger.
    """

    sweeps: Mapping[str, SweepUsage]
    metrics: frozenset[Metric]
    ledger_bytes: int


@dataclass(frozen=True, slots=True)
class TroubleUsage:
    """The additional usage for one of each kind of event, in an account that is not the hub's.

    Attributes:
        finding: from its opening to its end, with its notifications, without the two that follow.
        finding_swept: more than for a quiet account, in each sweep while it is open.
        finding_reminded: of it, once a day.
        change: one invitation that is accepted, recorded, notified and verified.
        event: one that starts functions and changes nothing.
        operation: one of an access point, polled to its end.
        sweeper: the function whose finding it was.
        metrics: that all functions wrote.
        finding_bytes: that it leaves in the ledger until its time to live ends; likewise the other two.
    """

    finding: Usage
    finding_swept: Usage
    finding_reminded: Usage
    change: Usage
    event: Usage
    operation: Usage
    sweeper: str
    metrics: frozenset[Metric]
    finding_bytes: int
    change_bytes: int
    operation_bytes: int


def configuration(accounts: int) -> Settings:
    """Return a configuration of so many accounts in which everything is on, and one sender trusted."""
    others = [f"{number:012}" for number in range(300_000_000_001, 300_000_000_000 + accounts)]
    return settings(
        {
            "version": 1,
            "hub": {"account": HUB, "region": REGIONS[0]},
            "scope": {"accounts": ["self", *others], "regions": list(REGIONS)},
            "ram_invitations": {"mode": "apply", "trust": [{"name": "hub", "accounts": [TRUSTED]}]},
        }
    )


def quiet(accounts: int, assumed: Assumptions) -> QuietUsage:
    """Count one sweep of each function over so many empty accounts."""
    with _hub(accounts, assumed) as hub:
        hub.sweep_all()
        sweeps = {
            name: SweepUsage(one.usage, Counter(c.name for c in one.calls)) for name, one in hub.sweep_all().items()
        }
        return QuietUsage(sweeps, hub.metrics(), hub.metering.ledger_bytes())


def trouble(assumed: Assumptions) -> TroubleUsage:
    """Count one of each kind of event, in the second of two accounts."""
    with _hub(2, assumed) as hub:
        hub.sweep_all()
        usual = {name: one.usage for name, one in hub.sweep_all().items()}
        sizes = [hub.metering.ledger_bytes()]
        event = hub.event()
        operation = hub.operation()
        sizes.append(hub.metering.ledger_bytes())
        change = hub.change(usual[_SWEEPER])
        sizes.append(hub.metering.ledger_bytes())
        hub.invite(STRANGER)
        opening = hub.swept() - usual[_SWEEPER]
        still_open = hub.swept() - usual[_SWEEPER]
        reminder = hub.tick_after(_UNTIL_REMINDED) - usual["notifications"]
        hub.aws.clock.move_to(hub.aws.clock.now() + _WEEK)  # an invitation ends after a week, of itself
        ending = hub.swept() - usual[_SWEEPER]
        sizes.append(hub.metering.ledger_bytes())
        of_operation, of_change, of_finding = (after - before for before, after in pairwise(sizes))
        return TroubleUsage(
            finding=opening + ending,
            finding_swept=still_open,
            finding_reminded=reminder,
            change=change,
            event=event,
            operation=operation,
            sweeper=_SWEEPER,
            metrics=hub.metrics(),
            finding_bytes=of_finding,
            change_bytes=of_change,
            operation_bytes=of_operation,
        )


@dataclass(slots=True)
class _Hub:
    """A hub with its forwarders, and the actions that make it work."""

    aws: Emulator
    metering: Metering
    kinds: tuple[Forwarded, ...]
    spoke: str
    serial: int = 0

    def sweep_all(self) -> dict[str, MeteredInvocation]:
        """Invoke every function as its schedule does, and return each invocation."""
        return {function.name: self._only(self._invoke(function.name)) for function in FUNCTIONS}

    def swept(self) -> Usage:
        """Sweep for invitations, with everything that follows from it."""
        return self._usage(self._invoke(_SWEEPER))

    def tick_after(self, later: timedelta) -> Usage:
        """Invoke the notifications as their schedule does, after that time."""
        self.aws.clock.move_to(self.aws.clock.now() + later)
        return self._usage(self._invoke("notifications"))

    def invite(self, sender: str) -> str:
        """Invite the spoke from *sender*; AWS sends no event."""
        self.serial += 1
        return invite(
            sender=sender,
            receiver=self.spoke,
            region=REGIONS[0],
            share_name=f"prod-{self.serial}",
            resource_types=["ec2:TransitGateway"],
        )

    def change(self, usual: Usage) -> Usage:
        """Accept an invitation in a sweep, and verify it in a later one."""
        self.invite(TRUSTED)
        accepted = self.swept() - usual
        self.aws.clock.move_to(self.aws.clock.now() + _UNTIL_VERIFIED)
        return accepted + self.swept() - usual

    def event(self) -> Usage:
        """Emit an event of RAM in the spoke; the functions that it starts find nothing new."""
        event = {
            "source": "aws.ram",
            "detail-type": "Resource Sharing State Change",
            "account": self.spoke,
            "region": REGIONS[1],
            "resources": [],
            "detail": {"event": "Resource Share Association"},
        }
        began = len(self.metering.invocations)
        self.aws.emit(event)
        self.aws.settle()
        return self._usage(self.metering.invocations[began:]) + _FORWARDED

    def operation(self) -> Usage:
        """Create an access point in the spoke, for which S3 takes five minutes."""
        faults.next_operation(self.spoke, takes=_OPERATION_TAKES)
        regions = [{"Bucket": f"prod-{region}"} for region in REGIONS]
        wanted: dict[str, Any] = {
            "AccountId": self.spoke,
            "ClientToken": "token",
            "Details": {"Name": "prod", "Regions": regions},
        }
        _clients(self.spoke).calls("s3control", _MRAP_REGION)("CreateMultiRegionAccessPoint", **wanted)
        began = len(self.metering.invocations)
        self.aws.advance(2 * _OPERATION_TAKES)
        made = [each for each in self.metering.invocations[began:] if not each.is_scheduled]
        if not any(each.function.endswith("-poller") for each in made):
            raise CannotMeasureError(f"no poller ran, only {[each.function for each in made]}")
        return self._usage(made) + _FORWARDED

    def metrics(self) -> frozenset[Metric]:
        """Return all metrics that were written."""
        return frozenset(metric for each in self.metering.invocations for metric in each.metrics)

    def forward(self) -> None:
        """Create the spoke's forwarders, which send to the hub's bus, as the template for other accounts does."""
        bus = f"arn:aws:events:{REGIONS[0]}:{HUB}:event-bus/{BUS_NAME}"
        for region in {*REGIONS, _MRAP_REGION}:
            for kind in self.kinds:
                if kind.is_emitted_in(region):
                    call = _clients(self.spoke).calls("events", region)
                    call("PutRule", Name=kind.name, EventPattern=json.dumps(kind.trigger.pattern))
                    role = f"arn:aws:iam::{self.spoke}:role/forwarder"
                    call("PutTargets", Rule=kind.name, Targets=[{"Id": "hub", "Arn": bus, "RoleArn": role}])

    def _invoke(self, function: str) -> list[MeteredInvocation]:
        """Invoke *function* as its schedule does, some time later; return its invocation and those that followed."""
        self.aws.clock.move_to(self.aws.clock.now() + _UNTIL_NEXT_SWEEP)
        began = len(self.metering.invocations)
        call = _clients(HUB).calls("lambda", REGIONS[0])
        answer = call("Invoke", FunctionName=function, Payload=json.dumps(dict(SWEEP_EVENT)).encode())
        payload = json.loads(answer["Payload"].read())
        unread = [row for row in payload.get("coverage", ()) if row["status"] not in ("COMPLETE", "NOT_APPLICABLE")]
        if "FunctionError" in answer or unread:
            raise CannotMeasureError(f"{function} did not read everything: {payload}")
        self.aws.settle()
        return self.metering.invocations[began:]

    def _only(self, made: list[MeteredInvocation]) -> MeteredInvocation:
        if len(made) != 1:
            raise CannotMeasureError(f"something happened in a quiet account: {[each.function for each in made]} ran")
        return made[0]

    def _usage(self, made: Iterable[MeteredInvocation]) -> Usage:
        return total(each.usage for each in made)


_FORWARDED = Usage({Meter.FORWARDED_EVENTS: 1})
"""A forwarder has one rule for each kind of event, even if the event starts several functions."""


@contextmanager
def _hub(accounts: int, assumed: Assumptions) -> Iterator[_Hub]:
    configured = configuration(accounts)
    with _fixed_seed(), Emulator(now=_START) as aws:
        metering = Metering(aws, HUB, REGIONS[0], assumed)
        with metering.running(), emulated_hub(aws, configured, HUB, metering.around):
            hub = _Hub(aws, metering, forwarded(configured, AUTOMATIONS), configured.scope["accounts"][-1])
            if accounts > 1:
                hub.forward()
            yield hub


@contextmanager
def _fixed_seed() -> Iterator[None]:
    """Make random numbers, such as the jitter of polls, the same each time."""
    state = random.getstate()
    random.seed(1)
    try:
        yield
    finally:
        random.setstate(state)


def _clients(account: str) -> Clients:
    return Clients(_SESSION, Credentials(account, "emulated", ""))


_SESSION: Any = Session()
