"""An account with a ledger, as one automation looks at it: what the tests of every automation begin with."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from moto.awslambda.models import lambda_backends

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from functions.compliance_run.sweeper import automation_named
from functions.shared.automation import Automation
from functions.shared.aws.target import Target
from functions.shared.ledger.ledger import NoMemory
from functions.shared.ledger.records import Item
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.hub import Hub, Run, ledger_of
from functions.shared.run.sweep import Sweep, run_sweep
from functions.shared.settings import SETTINGS_FILE, Settings
from tests.conftest import REGION, US, Table, clients_of, settings


@dataclass(slots=True)
class AutomationWorld:
    """An account, as an automation looks at it.

    Attributes:
        aws: the emulator.
        table: the ledger.
        task_root: of the functions.
        section: of the automation's configuration.
        rest: of the configuration.
        function: the one that was created last; empty if there is none.
        automation: its name; of the class.
        target: what is looked at; of the class.
        shown: the members of a finding that `open` returns; of the class.
    """

    automation: ClassVar[str]
    target: ClassVar[Target] = Target(US, REGION)
    shown: ClassVar[tuple[str, ...]] = ("check", "resource")

    aws: Emulator
    table: Table
    task_root: Path
    section: dict[str, Any] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)
    function: str = ""

    def settings(self) -> Settings:
        """Compile the configuration."""
        return settings(**{self.automation: self.section}, **self.rest)

    def sweep(self, **how: Any) -> Sweep:
        """Look once, as `look` does, and write down what was found."""
        sweep = self.look(**how)
        sweep.finish()
        sweep.close()
        return sweep

    def look(
        self,
        *,
        dry_run: bool = False,
        with_ledger: bool = True,
        selection: Selection | None = None,
        target: Target | None = None,
    ) -> Sweep:
        """Look once; `Sweep.finish` writes down what was found."""
        there, compiled = target or self.target, self.settings()
        ledger = ledger_of(compiled, clients_of(), TABLE_NAME) if with_ledger else None
        hub = Hub(
            compiled, there.account, "aws", clients_of(there.account), ledger, ledger or NoMemory(), dry_run=dry_run
        )
        run = Run(*automation_named(self.automation), hub.clients_for(there.account, []))
        return run_sweep(hub.context(there, selection or EVERYTHING, run), run.function)

    def later(self, **time: float) -> Sweep:
        """Let time pass, and look again."""
        self.aws.advance(timedelta(**time))
        return self.sweep()

    def deploy(self) -> None:
        """Create the function, with the present configuration and a fresh process."""
        manifest = self.manifest()
        root = self.task_root / str(len(list(self.task_root.iterdir())))
        root.mkdir()
        self.function = f"{manifest.name}-{root.name}"
        (root / SETTINGS_FILE).write_text(json.dumps(self.settings().document), encoding="utf-8")
        self.aws.functions.register(
            self.function,
            import_module(manifest.handler.rpartition(".")[0]).lambda_handler,
            account=US,
            region=REGION,
            timeout=manifest.timeout,
            environment={
                "LAMBDA_TASK_ROOT": str(root),
                "LEDGER_TABLE": TABLE_NAME,
                "SESSION_ACTIONS": json.dumps([permission.action for permission in manifest.permissions]),
                "POWERTOOLS_SERVICE_NAME": manifest.name,
                "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
            },
        )

    def invoke(self, event: Any) -> Outcome:
        """Let Lambda invoke the function that was created last; create one if there is none."""
        if not self.function:
            self.deploy()
        return self.aws.functions.invoke(lambda_backends[US][REGION].get_function(self.function), event)

    def manifest(self) -> Automation:
        """Return the automation's manifest."""
        return automation_named(self.automation)[0]

    def open(self) -> set[tuple[str, ...]]:
        """Return the open findings of the ledger, each with the members that are shown."""
        return self._shown("open#")

    def closed(self) -> Any:
        """Return what ended, each with the members that are shown."""
        return self._shown("closed#")

    def actions(self) -> list[Item]:
        """Return the records of changes, the oldest first."""
        return self.table.items("action#")

    def _shown(self, prefix: str) -> set[tuple[str, ...]]:
        return {tuple(str(item[name]) for name in self.shown) for item in self.table.items(prefix)}
