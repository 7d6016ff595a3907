"""An account with a replication set, in which a sweep is one call."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.ssmincidents.seeding import stand_up
from functions.replication_sets.handler import run
from functions.shared.aws.target import Selection, Target
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.run.sweep import Sweep, run_sweep
from tests.conftest import US, Table, clients_of, settings

HERE = Target(US, "global")
LIST = "ssm-incidents:ListReplicationSets"
GET = "ssm-incidents:GetReplicationSet"
Found = set[tuple[str, str, str]]


@dataclass(slots=True)
class World:
    """An account, as the automation looks at it.

    Attributes:
        aws: the emulator.
        table: the ledger.
        section: of the automation's configuration.
        regions: in scope.
    """

    aws: Emulator
    table: Table
    section: dict[str, Any] = field(default_factory=dict)
    regions: tuple[str, ...] = ("us-east-1", "eu-west-1")

    def sweep(self, *, dry_run: bool = False, with_ledger: bool = True, selection: Selection | None = None) -> Sweep:
        """Look once, and write down what was found."""
        scope = {"accounts": ["self"], "regions": [*self.regions]}
        given = settings(replication_sets=self.section, scope=scope)
        ledger = ledger_of(given, clients_of(), TABLE_NAME) if with_ledger else None
        hub = Hub(given, US, "aws", clients_of(), ledger, dry_run)
        now = self.aws.clock.now()
        sweep = run_sweep(
            hub.run_context("replication_sets", HERE, hub.clients_for(HERE.account, []), selection or Selection(), now),
            run,
        )
        sweep.finish()
        return sweep

    def later(self, **time: float) -> Sweep:
        """Let time pass, and look again."""
        self.aws.advance(timedelta(**time))
        return self.sweep()

    def event(self, arn: str, region: str = "us-east-1") -> Sweep:
        """Look at the set that an event from a Region names."""
        return self.sweep(selection=Selection(US, region, frozenset({arn})))

    def calls(self) -> list[tuple[str, str]]:
        """Return the calls to Incident Manager, with their Regions, and forget them."""
        made = [(call.operation, call.region) for call in self.aws.calls.of("ssm-incidents:*")]
        self.aws.calls.clear()
        return made

    def open(self) -> Found:
        """Return the open findings of the ledger: check, Region, occurrence."""
        return {(item["check"], item["region"], item["occurrence"]) for item in self.table.items("open#")}

    def closed(self) -> set[str]:
        """Return the checks that ended."""
        return {item["check"] for item in self.table.items("closed#")}


def found(sweep: Sweep) -> Found:
    """Return what a sweep found: check, Region, occurrence."""
    return {(f.check, f.region, f.occurrence) for f in sweep.findings.values()}


@pytest.fixture
def world(aws: Emulator, table: Table) -> World:
    """An account with an empty ledger."""
    return World(aws, table)


@pytest.fixture
def arn(world: World) -> str:
    """Let the account have a sound set in us-east-1 and eu-west-1; return its ARN."""
    assert world
    return stand_up(US, ["us-east-1", "eu-west-1"])
