"""The second step of a compliance run: sweeps one batch of accounts, many targets at once."""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics

from functions.compliance_run.account_sweeper import AccountSweeper
from functions.compliance_run.decision import AccountTask
from functions.compliance_run.journal import Journal
from functions.compliance_run.step import StepContext
from functions.report.composition import Swept
from functions.shared.observability import log, measure_actions, measure_sweep

_SWEEPS_AT_ONCE = 16
_TIME_TO_END_MS = 120_000
"""Time for the sweeps that are under way to end: a target that AWS throttles takes the whole patience of each call."""


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Sweep a batch, write the results into one object, and return the batch with what is left of it.

    Args:
        event: an element of what the first step wrote, or what this function returned.
        context: Lambda's.

    Raises:
        ValueError: it is neither.
        CallError: the results could not be written.
    """
    step = StepContext.of(event, context)
    tasks = [AccountTask.of(each) for each in event["tasks"]]
    with tempfile.TemporaryFile() as file:
        recorder = _Recorder(Journal(file))
        left = AccountSweeper(
            hub=step.hub,
            automations=event["automations"],
            actions=frozenset(json.loads(os.environ["SESSION_ACTIONS"])),
            changes=frozenset(json.loads(os.environ.get("SESSION_CHANGES", "[]"))),
            width=_SWEEPS_AT_ONCE,
            on_sweep=recorder.on_sweep,
            on_account=recorder.on_account,
        ).sweep(tasks, is_over=lambda: context.get_remaining_time_in_millis() < _TIME_TO_END_MS)
        file.seek(0)
        step.results.put(step.keys.result(event["number"], event["part"]), file, "application/jsonl")
    recorder.flush()
    log.info("batch swept", number=event["number"], part=event["part"], accounts=len(tasks), left=len(left))
    return {**event, "part": event["part"] + 1, "tasks": [task.document() for task in left]}


@dataclass(slots=True)
class _Recorder:
    """Writes and counts the sweeps of all threads."""

    journal: Journal
    _metrics: dict[str, EphemeralMetrics] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def on_account(self, account: str, regions: Sequence[str], _sweeps: int) -> None:
        """Write the Regions in which an account is swept."""
        self.journal.write({"account": account, "regions": [*regions]})

    def on_sweep(self, swept: Swept) -> None:
        """Write a sweep; count it under its automation's name, as if the automation's own function had made it."""
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
