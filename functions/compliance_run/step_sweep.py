"""The second step of a compliance run: one batch of accounts, all at once, and what was seen there."""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics

from functions.compliance_run.account_sweeper import AccountSweeper
from functions.compliance_run.decision import Task
from functions.compliance_run.journal import Journal
from functions.compliance_run.step import Step
from functions.compliance_run.sweeper import Swept
from functions.shared.observability import log, measure_actions, measure_sweep

_SWEEPS_AT_ONCE = 16
_TIME_TO_END_MS = 120_000
"""What is kept for the sweeps that are under way: a target that AWS throttles for ever takes its patience per call."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Sweep a batch, write what was seen into an object of its own, and return the batch with what is left of it.

    Args:
        event: an element of what the first step wrote, or what this function returned.
        context: Lambda's.

    Raises:
        MisshapenError: it is neither.
        CallError: what was seen could not be written.
    """
    step = Step.of(event, context)
    tasks = [Task.of(each) for each in event["tasks"]]
    with tempfile.TemporaryFile() as file:
        watch = _Watch(Journal(file))
        left = AccountSweeper(
            hub=step.hub,
            automations=event["automations"],
            actions=frozenset(json.loads(os.environ["SESSION_ACTIONS"])),
            width=_SWEEPS_AT_ONCE,
            told=watch.told,
            begun=watch.begun,
        ).sweep(tasks, is_over=lambda: context.get_remaining_time_in_millis() < _TIME_TO_END_MS)
        file.seek(0)
        step.results.put(step.places.result(event["number"], event["part"]), file, "application/jsonl")
    watch.flush()
    log.info("batch swept", number=event["number"], part=event["part"], accounts=len(tasks), left=len(left))
    return {**event, "part": event["part"] + 1, "tasks": [task.document() for task in left]}


@dataclass(slots=True)
class _Watch:
    """Writes down and counts what the threads see."""

    journal: Journal
    _metrics: dict[str, EphemeralMetrics] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begun(self, account: str, regions: Sequence[str], _sweeps: int) -> None:
        """Write down in which Regions an account is looked at."""
        self.journal.write({"account": account, "regions": [*regions]})

    def told(self, swept: Swept) -> None:
        """Write a sweep down; count it under its automation's name, as if its own function had made it."""
        self.journal.write(swept.document())
        row = swept.coverage
        if row["status"] not in ("COMPLETE", "NOT_APPLICABLE"):
            log.warning("not read in full", coverage=row)
        for action in swept.actions:
            log.info("action", change=action)
        with self._lock:
            metrics = self._metrics.setdefault(row["automation"], EphemeralMetrics(service=row["automation"]))
            measure_sweep(row, swept.measures, metrics)
            measure_actions(swept.actions, metrics)

    def flush(self) -> None:
        """Print the metrics."""
        for metrics in self._metrics.values():
            metrics.flush_metrics()
