"""Collects the results of all sweeps of a run, and names the targets that were not swept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from functions.compliance_run.decision import ENABLED, LEFT, Account, AccountTask, Job, not_swept
from functions.compliance_run.scope import ResolvedScope
from functions.compliance_run.step import StepContext
from functions.report.composition import SweepResult, Swept

_NO_RESULT = "nobody looked at it: its batch was not swept"


def collect(
    step: StepContext,
    plan: Mapping[str, Any],
    batches: Sequence[Mapping[str, Any]],
    failure: Mapping[str, Any],
) -> Iterator[SweepResult]:
    """Yield one result for each target in scope: of its sweep, or one that says why it was not swept.

    Args:
        step: of the run.
        plan: as the first step wrote it.
        batches: as the first step wrote them.
        failure: of the map as a whole, with its Error and Cause; empty if it did not fail.

    Raises:
        CallError: a result could not be read.
    """
    scope = ResolvedScope(
        tuple(Account(**each) for each in plan["accounts"] if each["state"] != LEFT),
        tuple(plan["regions"]),
        tuple((subject, cause) for subject, cause in plan["unlisted"]),
    )
    for row in scope.not_sweepable(plan["automations"]):
        yield Swept(row).document()
    for batch in batches:
        yield from _of_batch(step, batch, failure)


def _of_batch(step: StepContext, batch: Mapping[str, Any], failure: Mapping[str, Any]) -> Iterator[SweepResult]:
    regions: dict[str, set[str]] = {}
    seen: set[Job] = set()
    for key in step.results.keys(step.keys.results(batch["number"])):
        for line in step.results.lines(key):
            if "coverage" not in line:
                regions.setdefault(line["account"], set()).update(line["regions"])
                continue
            row = line["coverage"]
            seen.add(Job(row["automation"], row["account"], row["region"]))
            yield line
    missing = [job for job in _expected(batch, regions) if job not in seen]
    if missing:
        cause = _cause(step.results.get_json(step.keys.failure(batch["number"])) or failure)
        yield from (Swept(not_swept(job, cause)).document() for job in missing)


def _cause(failure: Mapping[str, Any]) -> str:
    error = ": ".join(str(failure[part])[:500] for part in ("Error", "Cause") if failure.get(part))
    return f"{_NO_RESULT}: {error}" if error else _NO_RESULT


def _expected(batch: Mapping[str, Any], regions: Mapping[str, set[str]]) -> Iterator[Job]:
    """Yield the sweeps of a batch; *regions* are those of the accounts that were asked for them."""
    for document in batch["tasks"]:
        task = AccountTask.of(document)
        is_asked = task.regions == (ENABLED,)
        yield from task.jobs(
            batch["automations"], sorted(regions.get(task.account, {ENABLED})) if is_asked else task.regions
        )
