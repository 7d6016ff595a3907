"""One sweep of a compliance run, and all that it has to say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from threading import Lock
from typing import Any

from functions.compliance_run.decision import Job, not_swept
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Selection, Target
from functions.shared.finding import Finding
from functions.shared.ledger.ledger import NoMemory
from functions.shared.ledger.records import finding_record, timestamp
from functions.shared.run.hub import Hub
from functions.shared.run.sweep import CoverageStatus, Sweep, run_sweep

Row = dict[str, Any]
"""An element of a result's ``coverage``, ``findings`` or ``actions``."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep says.

    Attributes:
        coverage: its one row.
        findings: what is open.
        actions: what was changed, planned or left out.
        measures: what else the automation counted, by metric name.
    """

    coverage: Row
    findings: tuple[Row, ...] = ()
    actions: tuple[Row, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    def document(self) -> Row:
        """Return it as a line of a result."""
        return {"coverage": self.coverage, "findings": self.findings, "actions": self.actions}


@dataclass(slots=True)
class Sweeper:
    """Sweeps targets, one after the other or many at once.

    Attributes:
        house: the hub.
        now: tells the time.
        warn: told once why a dry run goes on without the ledger.
    """

    hub: Hub
    now: Callable[[], datetime]
    warn: Callable[[CallError], None] = lambda _: None
    _one_at_a_time: Lock = field(default_factory=Lock)

    def sweep(self, job: Job, connect: Callable[[], Clients], selection: Selection | None = None) -> Swept:
        """Look at one target, and write what was found to the ledger, unless it is a dry run."""
        try:
            sweep = self._look(job, connect, selection or Selection())
        except CallError as error:
            return Swept(not_swept(job, f"the ledger cannot be read: {error}"))
        row: Row = {**sweep.coverage()}
        try:
            sweep.finish()
        except ExceptionGroup as errors:
            row["detail"] = f"not all was recorded: {'; '.join(_causes(errors))}"
            if row["status"] != CoverageStatus.UNREADABLE:
                row["status"] = CoverageStatus.PARTIAL
        return Swept(row, tuple(_findings(sweep)), tuple(dict(each) for each in sweep.actions.made), sweep.measures)

    def _look(self, job: Job, connect: Callable[[], Clients], selection: Selection) -> Sweep:
        """Look at one target; a dry run does without the ledger where that cannot be read."""
        run = run_named(self.hub.settings.sweeping[job.automation])
        target = Target(job.account, job.region, self.hub.partition)
        context = self.hub.run_context(job.automation, target, connect, selection, self.now())
        try:
            return run_sweep(context, run)
        except CallError as error:
            if not self.hub.dry_run:
                raise
            self._go_on_without_ledger(error)
            return run_sweep(replace(context, memory=NoMemory()), run)

    def _go_on_without_ledger(self, error: CallError) -> None:
        with self._one_at_a_time:
            if self.hub.ledger is not None:
                self.warn(error)
                self.hub = replace(self.hub, ledger=None)


def run_named(path: str) -> Callable[[Sweep], None]:
    """Load a run by its dotted path."""
    module, _, name = path.rpartition(".")
    run: Callable[[Sweep], None] = getattr(import_module(module), name)
    return run


def _causes(error: Exception) -> Iterator[str]:
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _causes(each)
    else:
        yield str(error)


def _findings(sweep: Sweep) -> Iterator[Row]:
    for finding in sweep.findings.values():
        yield _finding_row(sweep, finding)


def _finding_row(sweep: Sweep, finding: Finding) -> Row:
    now = timestamp(sweep.now)
    before = sweep.standing.get(finding.finding_id)
    return {
        **finding_record(finding),
        "status": "OPEN",
        "muted": sweep.is_muted(finding),
        "first_seen": before["first_seen"] if before else now,
        "observed_at": now,
    }
