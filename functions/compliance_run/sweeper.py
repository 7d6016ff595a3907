"""One sweep of a compliance run, and the rows that it adds to the result."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from functions.compliance_run.decision import Job, not_swept
from functions.report.composition import Swept
from functions.report.result import Row
from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.finding import Finding
from functions.shared.ledger.records import finding_record, timestamp
from functions.shared.run.coverage import CoverageStatus
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.hub import Hub
from functions.shared.run.sweep import Run, Sweep


def sweep_job(hub: Hub, job: Job, clients: Callable[[], Clients], selection: Selection = EVERYTHING) -> Swept:
    """Look at one target, and return what was found there; what was not swept or not recorded is said in the coverage.

    Args:
        hub: that sweeps.
        job: what to sweep where.
        clients: returns the clients of the account.
        selection: what to look at in the target.
    """
    target = Target(job.account, job.region, hub.partition)
    try:
        sweep = hub.sweep(target, selection, Run(*automation_named(job.automation), clients))
    except CallError as error:
        return Swept(not_swept(job, f"the ledger cannot be read: {error}"))
    coverage: Row = {**sweep.coverage()}
    if sweep.errors:
        coverage["detail"] = f"not all was recorded: {'; '.join(_causes(sweep.errors))}"
        if coverage["status"] != CoverageStatus.UNREADABLE:
            coverage["status"] = CoverageStatus.PARTIAL
    actions = tuple(dict(each) for each in sweep.actions.made)
    return Swept(coverage, tuple(_row(sweep, finding) for finding in sweep.findings.values()), actions, sweep.measures)


@cache
def automation_named(name: str) -> tuple[Automation, Callable[[Sweep], None]]:
    """Load an automation's manifest, and the run that it names."""
    manifest: Automation = import_module(f"functions.{name}.manifest").AUTOMATION
    module, _, function = manifest.run.rpartition(".")
    return manifest, getattr(import_module(module), function)


def _causes(errors: list[Exception]) -> Iterator[str]:
    for error in errors:
        if isinstance(error, ExceptionGroup):
            yield from _causes([*error.exceptions])
        else:
            yield str(error)


def _row(sweep: Sweep, finding: Finding) -> Row:
    now = timestamp(sweep.now)
    before = sweep.open_before.get(finding.finding_id)
    return {
        **finding_record(finding),
        "status": "OPEN",
        "resolution": "",
        "mended_by": "apply" if finding.finding_id in sweep.actions.mended else "",
        "muted": sweep.is_muted(finding),
        "first_seen": before["first_seen"] if before else now,
        "observed_at": now,
    }
