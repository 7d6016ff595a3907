"""A world with clusters and backups, and us as the automation looks at us."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from emulator.cloudhsmv2 import seeding
from emulator.cloudhsmv2.backups import Backup
from functions.cloudhsm_backups.effects import Hsm
from functions.cloudhsm_backups.handler import lambda_handler, run
from functions.cloudhsm_backups.manifest import AUTOMATION
from functions.shared.aws.target import Selection, Target
from functions.shared.ledger.records import Item
from functions.shared.observability import log
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.run.sweep import Sweep, run_sweep
from functions.shared.settings import SETTINGS_FILE
from tests.conftest import NOW, REGION, US, Table, clients_of, settings

LIST = "cloudhsm:DescribeBackups"
CLUSTERS = "cloudhsm:DescribeClusters"
MODIFY = "cloudhsm:ModifyBackupAttributes"
RESTORE = "cloudhsm:RestoreBackup"
EVERYTHING = f"arn:aws:cloudhsm:{REGION}:{US}:backup/*"
KEEP_ALL = [{"name": "all", "match": {}, "never_expires": True}]
LEGAL = {"name": "legal-hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True}
HELD = {"legal-hold": "true"}
DROP_ALL = [{"name": "drop", "match": {}, "never_expires": False}]


def days_ago(days: float) -> datetime:
    """Return when it was so many days ago, at the beginning of the test."""
    return NOW - timedelta(days=days)


def backup(cluster: str, days: float = 1, **more: Any) -> Backup:
    """Let a cluster of ours have a READY backup that is so old."""
    return seeding.backup(US, REGION, cluster, at=days_ago(days), **more)


def found(sweep: Sweep) -> set[tuple[str, str]]:
    """Return what a sweep found, as checks and resources."""
    return {(finding.check, finding.resource) for finding in sweep.findings.values()}


def made(sweep: Sweep) -> list[tuple[str, str, str, str]]:
    """Return what became of each change, in the order in which they were made."""
    return [(m["action"], m["resource"], m["status"], m["detail"]) for m in sweep.actions.made]


def hsm() -> Hsm:
    """Return CloudHSM as the automation sees it."""
    return Hsm(clients_of().calls("cloudhsmv2", REGION))


@dataclass(slots=True)
class World:
    """Us, as the automation looks at us.

    Attributes:
        aws: the emulator.
        table: the ledger.
        task_root: of the function.
        cluster: one of ours, whose backups are kept for 90 days.
        section: of the automation's configuration.
    """

    aws: Emulator
    table: Table
    task_root: Path
    cluster: str
    section: dict[str, Any] = field(default_factory=lambda: {"mode": "apply", "rules": KEEP_ALL})
    _number: int = 0

    def sweep(self, *ids: str, dry_run: bool = False, with_ledger: bool = True) -> Sweep:
        """Look at us once, or at single backups, and write down what was found."""
        given = settings(cloudhsm_backups=self.section)
        ledger = ledger_of(given, clients_of(), TABLE_NAME) if with_ledger else None
        hub = Hub(given, US, "aws", clients_of(), ledger, dry_run)
        selection = Selection(US, REGION, frozenset(ids)) if ids else Selection()
        sweep = run_sweep(
            hub.run_context(
                "cloudhsm_backups", Target(US, REGION), hub.clients_for(US, []), selection, self.aws.clock.now()
            ),
            run,
        )
        sweep.finish()
        return sweep

    def days_later(self, days: float) -> Sweep:
        """Let time pass, and look again."""
        self.aws.advance(timedelta(days=days))
        return self.sweep()

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Do something by hand."""
        return clients_of().calls("cloudhsmv2", REGION)(operation, **parameters)

    def deploy(self) -> None:
        """Create the function, with the present configuration and a fresh process."""
        self._number += 1
        root = self.task_root / str(self._number)
        root.mkdir()
        document = settings(cloudhsm_backups=self.section).document
        (root / SETTINGS_FILE).write_text(json.dumps(document), encoding="utf-8")
        self.aws.functions.register(
            self._name(),
            lambda_handler,
            account=US,
            region=REGION,
            timeout=AUTOMATION.timeout,
            environment={
                "LAMBDA_TASK_ROOT": str(root),
                "LEDGER_TABLE": TABLE_NAME,
                "SESSION_ACTIONS": json.dumps([permission.action for permission in AUTOMATION.permissions]),
                "POWERTOOLS_SERVICE_NAME": "cloudhsm_backups",
                "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
            },
        )

    def invoke(self, event: Any) -> Outcome:
        """Let Lambda invoke the function."""
        if not self._number:
            self.deploy()
        return self.aws.functions.invoke(lambda_backends[US][REGION].get_function(self._name()), event)

    def calls(self) -> Counter[str]:
        """Count the calls of CloudHSM since the last time."""
        counts = Counter(call.name for call in self.aws.calls.of("cloudhsm:*"))
        self.aws.calls.clear()
        return counts

    def open(self) -> set[tuple[str, str]]:
        """Return the open findings of the ledger, as checks and resources."""
        return {(item["check"], item["resource"]) for item in self.table.items("open#")}

    def closed(self) -> dict[tuple[str, str], str]:
        """Return what ended, as checks and resources, with how it ended."""
        return {(item["check"], item["resource"]): item.get("resolution", "") for item in self.table.items("closed#")}

    def actions(self) -> list[Item]:
        """Return the records of changes, the oldest first."""
        return self.table.items("action#")

    def _name(self) -> str:
        return f"cloudhsm_backups-{self._number}"


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path) -> World:
    """Us with an empty ledger and one cluster, keeping all on `apply`."""
    return World(aws, table, tmp_path, seeding.cluster(US, REGION, at=days_ago(400)))


@pytest.fixture(autouse=True)
def printed(capsys: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:
    """Collect the function's log, and keep it out of everybody else's."""
    stream = io.StringIO()
    handler = log.registered_handler
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)
    capsys.readouterr()
