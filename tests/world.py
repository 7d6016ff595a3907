"""An account with a ledger, as one automation looks at it: what the tests of every automation begin with."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
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
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.run.sweep import Run, Sweep, run_sweep
from functions.shared.settings import SETTINGS_FILE, Settings
from tests.conftest import REGION, US, Table, clients_of, settings

FUNCTIONS = Path(__file__).parents[1] / "functions"
RECORDED = Path(__file__).parents[2] / "shared" / "data" / "recorded"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="recorded answers are not beside the repository")

PASSING: dict[str, dict[str, Any]] = {
    "throttled twice": {"kind": "throttle", "times": 2},
    "500 twice": {"kind": "server-error", "times": 2},
    "timeout before, once": {"kind": "timeout-before", "times": 1},
    "timeout after, once": {"kind": "timeout-after", "times": 1},
    "broken page, once": {"kind": "broken-page", "times": 1},
    "cut answer, once": {"kind": "cut-answer", "times": 1},
}
"""Faults that are over before the patience of a call is."""

LASTING: dict[str, tuple[dict[str, Any], str]] = {
    "throttled for ever": ({"kind": "throttle"}, "ThrottlingException"),
    "500 for ever": ({"kind": "server-error"}, "InternalFailure"),
    "503 for ever": ({"kind": "unavailable"}, "ServiceUnavailable"),
    "denied": ({"kind": "denied"}, "AccessDeniedException"),
    "timeout before, for ever": ({"kind": "timeout-before"}, "ReadTimeoutError"),
}
"""Faults in which an operation never has an effect, each with the error that names it."""

LOST_ANSWERS = ("timeout-after", "cut-answer", "broken-page")
"""Faults in which an operation has its effect, and the caller does not get the answer."""


def event_of(automation: str, name: str, **members: Any) -> dict[str, Any]:
    """Return an event that is filed with a function, with other members where some are given."""
    read: dict[str, Any] = json.loads((FUNCTIONS / automation / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return read | members


def found(sweep: Sweep, *members: str) -> set[tuple[str, ...]]:
    """Return what a sweep found: its checks and resources, unless other members of a finding are named."""
    return {tuple(str(getattr(f, name)) for name in members or ("check", "resource")) for f in sweep.findings.values()}


def recorded_answer(path: str) -> dict[str, Any]:
    """Return what AWS answered once, without what a response says of itself."""
    data: dict[str, Any] = _revived(json.loads((RECORDED / path).read_text(encoding="utf-8"))["data"])
    return data | {"ResponseMetadata": {}}


def _revived(value: Any) -> Any:
    match value:
        case {"__class__": "datetime", **parts}:
            return datetime(**parts, tzinfo=UTC)  # type: ignore[arg-type]
        case dict():
            return {name: _revived(each) for name, each in value.items()}
        case list():
            return [_revived(each) for each in value]
        case _:
            return value


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

    def event(self, *resources: str, region: str = REGION) -> Sweep:
        """Look once at single resources, as an event that names them makes it look."""
        return self.sweep(selection=Selection(US, region, frozenset(resources)))

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

    def calls(self) -> Counter[str]:
        """Count the calls since the last time, but for those of the ledger."""
        counts = Counter(call.name for call in self.aws.calls if call.service != "dynamodb")
        self.aws.calls.clear()
        return counts

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
