"""A world of owners, receivers and outsiders, in which a sweep is one call."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from emulator.ram import seeding_shares
from emulator.ram.entities.shares import ResourceShare
from emulator.ram.models import ram_backends
from functions.resource_shares.effects import Ram
from functions.resource_shares.handler import lambda_handler, run
from functions.resource_shares.manifest import AUTOMATION
from functions.shared.aws.target import Selection, Target
from functions.shared.ledger.records import Item
from functions.shared.observability import log
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.run.sweep import Sweep, run_sweep
from functions.shared.settings import SETTINGS_FILE
from tests.conftest import REGION, US, Table, clients_of, settings

HUB = "210987654321"
FRIEND = "333333333333"
OUTSIDER = "999999999999"
GATEWAY = "ec2:TransitGateway"
LOCKED = "glue:Database"
SHARES = "ram:GetResourceShares"
ASSOCIATIONS = "ram:GetResourceShareAssociations"
RESOURCES = "ram:ListResources"
POLICIES = "ram:GetResourcePolicies"
REMOVE = "ram:DisassociateResourceShare"
TAG = "ram:TagResource"
TRUST = [{"name": "hub", "accounts": [HUB]}]
OURS = f"arn:aws:ram:{REGION}:{US}:resource-share/*"
THEIRS = f"arn:aws:ram:{REGION}:*:resource-share/*"


def ours(*principals: str, name: str = "prod", **more: Any) -> str:
    """Share a transit gateway of ours, if no types are given."""
    given = {"resource_types": [GATEWAY], "region": REGION} | more
    return seeding_shares.share(owner=US, name=name, principals=principals, **given)


def theirs(owner: str = HUB, *types: str, name: str = "prod", **more: Any) -> str:
    """Let *owner* share with us."""
    given = {"resource_types": types or (GATEWAY,), "region": REGION} | more
    return seeding_shares.share(owner=owner, name=name, principals=[US], **given)


def share_of(arn: str) -> ResourceShare:
    """Return a share as RAM itself holds it."""
    _, _, _, region, owner, *_ = arn.split(":")
    held = ram_backends[owner][region].shares.get(arn)
    assert held is not None
    return held


def principals_of(arn: str, aws: Emulator) -> dict[str, str]:
    """Return the state of each principal of a share, by RAM's own register."""
    return {held.entity: str(held.status(aws.clock.now())) for held in share_of(arn).principals}


def ram() -> Ram:
    """Return RAM as the automation sees it."""
    return Ram(clients_of().calls("ram", REGION))


def found(sweep: Sweep) -> set[tuple[str, str, str]]:
    """Return what a sweep found, as checks, resources and occurrences."""
    return {(f.check, f.resource, f.occurrence) for f in sweep.findings.values()}


@dataclass(slots=True)
class World:
    """Us, as the automation looks at us.

    Attributes:
        aws: the emulator.
        table: the ledger.
        task_root: of the function.
        section: of the automation's configuration.
        trust: the rules of ram_invitations.
    """

    aws: Emulator
    table: Table
    task_root: Path
    section: dict[str, Any] = field(default_factory=lambda: {"mode": "apply", "allowed_principals": [FRIEND]})
    trust: list[dict[str, Any]] = field(default_factory=lambda: [*TRUST])

    def sweep(self, *, dry_run: bool = False, with_ledger: bool = True, selection: Selection | None = None) -> Sweep:
        """Look at us once, and write down what was found."""
        given = settings(resource_shares=self.section, ram_invitations={"trust": self.trust})
        ledger = ledger_of(given, clients_of(), TABLE_NAME) if with_ledger else None
        hub = Hub(given, US, "aws", clients_of(), ledger, dry_run)
        context = hub.run_context(
            "resource_shares",
            Target(US, REGION),
            hub.clients_for(US, []),
            selection or Selection(),
            self.aws.clock.now(),
        )
        sweep = run_sweep(context, run)
        sweep.finish()
        return sweep

    def event(self, *arns: str) -> Sweep:
        """Look at these shares alone."""
        return self.sweep(selection=Selection(US, REGION, frozenset(arns)))

    def hours_later(self, hours: float) -> Sweep:
        """Let time pass, and look again."""
        self.aws.advance(timedelta(hours=hours))
        return self.sweep()

    def invoke(self, event: Any) -> Outcome:
        """Let Lambda invoke the function, in a fresh process with the present configuration."""
        document = settings(resource_shares=self.section, ram_invitations={"trust": self.trust}).document
        root = self.task_root / str(len(list(self.task_root.iterdir())))
        root.mkdir()
        (root / SETTINGS_FILE).write_text(json.dumps(document), encoding="utf-8")
        self.aws.functions.register(
            root.name,
            lambda_handler,
            account=US,
            region=REGION,
            timeout=AUTOMATION.timeout,
            environment={
                "LAMBDA_TASK_ROOT": str(root),
                "LEDGER_TABLE": TABLE_NAME,
                "SESSION_ACTIONS": "[]",
                "POWERTOOLS_SERVICE_NAME": "resource_shares",
                "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
            },
        )
        return self.aws.functions.invoke(lambda_backends[US][REGION].get_function(root.name), event)

    def open(self) -> set[tuple[str, str, str]]:
        """Return the open findings of the ledger, as checks, resources and occurrences."""
        return {(item["check"], item["resource"], item["occurrence"]) for item in self.table.items("open#")}

    def closed(self) -> set[tuple[str, str, str]]:
        """Return what ended, as checks, resources and occurrences."""
        return {(item["check"], item["resource"], item["occurrence"]) for item in self.table.items("closed#")}

    def actions(self) -> list[Item]:
        """Return the records of changes, the oldest first."""
        return self.table.items("action#")


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """Us with an empty ledger, trusting HUB, allowing FRIEND and on `apply`."""
    return World(aws, table, tmp_path)


@pytest.fixture(autouse=True)
def _silent(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Keep the function's log out of everybody else's."""
    before = log.log_level
    log.setLevel("CRITICAL")
    yield
    log.setLevel(before)
    assert capsys
