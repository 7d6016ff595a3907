"""Runs executions step by step on the emulated clock; each step is a delivery of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from emulator.delivery.due_queue import DueQueue
from emulator.faults import Faults
from emulator.stepfunctions import events, tasks
from emulator.stepfunctions.executions import (
    ABORTED,
    FAILED,
    SUCCEEDED,
    TIMED_OUT,
    Execution,
    MapRun,
)
from emulator.stepfunctions.faults import KilledError, StateFaults
from emulator.stepfunctions.language.failures import PERMISSIONS, StateError
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.maps import Maps, child_of
from emulator.stepfunctions.metrics import count
from emulator.stepfunctions.models import backend_at
from emulator.stepfunctions.payloads import parsed
from emulator.stepfunctions.roles import calls_of
from emulator.stepfunctions.state_interpreter import StateInterpreter
from emulator.wire.errors import ApiError

Authorize = Callable[[str, str, str], None]
"""Raises an ApiError if the owner of an access key may not do an action on a resource."""


class Engine:
    """Runs the executions of all accounts and Regions.

    The call that starts or stops an execution does only what its answer says. Between two states, and before each try
    of a state, an execution waits for its turn, and can be stopped.
    """

    def __init__(
        self, due_queue: DueQueue, faults: Faults, authorize: Authorize, metrics: AbstractContextManager[Any]
    ) -> None:
        """Connect the queue, the faults, the check of rights, and the lock under which CloudWatch is served."""
        self._due_queue = due_queue
        self._authorize = authorize
        self._metrics = metrics
        works = {"Task": tasks.work, "Map": Maps(_open_map, self._begin_map).work}
        self._interpreter = StateInterpreter(works, StateFaults(faults))

    def start(self, execution: Execution) -> None:
        """Start an execution soon."""
        members = {"input": execution.input_text, "inputDetails": {"truncated": False}, "roleArn": execution.role_arn}
        execution.history.add("ExecutionStarted", "executionStarted", **members)
        execution.progress = self._interpreter.run(execution, parsed(execution.input_text))
        self._emit_status(execution)
        self._due_queue.put(lambda: self._go_on(execution))
        if (seconds := execution.machine.timeout_seconds) is not None:
            self._due_queue.put(lambda: self._time_out(execution), after=timedelta(seconds=seconds))

    def stop(self, execution: Execution, error: str | None = None, cause: str | None = None) -> None:
        """Stop an execution and its children; nothing happens if it has ended."""
        self._end(execution, ABORTED, error=error, cause=cause)

    def _go_on(self, execution: Execution) -> None:
        progress = execution.progress
        if progress is None:
            return
        try:
            wait = next(progress)
        except StopIteration as done:
            self._end(execution, SUCCEEDED, output=as_json(done.value))
        except StateError as failed:
            self._end(execution, FAILED, error=failed.error or None, cause=failed.cause or None)
        except KilledError as killed:
            self.stop(execution.root, "Killed", str(killed))
        else:
            if wait is not None:
                self._due_queue.put(lambda: self._go_on(execution), after=wait)

    def _time_out(self, execution: Execution) -> None:
        self._end(execution, TIMED_OUT)

    def _end(self, execution: Execution, status: str, **how: str | None) -> None:
        if execution.is_over:  # its own task may have stopped it
            return
        execution.end(status, **how)
        kind = {"TIMED_OUT": "TimedOut"}.get(status, status.capitalize())
        details = {"outputDetails": {"truncated": False}} if status == SUCCEEDED else {}
        execution.history.add(f"Execution{kind}", f"execution{kind}", **how, **details)
        for run in execution.map_runs:
            self._end_map(run, ABORTED)
        self._emit_status(execution)
        if execution.map_run is not None:
            self._note(execution.map_run, execution)

    def _emit_status(self, execution: Execution) -> None:
        if execution.map_run is None:
            events.emit_status(execution)
            with self._metrics:
                count(execution)

    def _begin_map(self, run: MapRun) -> None:
        """Start a Map Run.

        Raises:
            StateError: the role may not start child executions.
        """
        machine = run.parent.root.machine_arn
        try:
            self._authorize(calls_of(run.parent).access_key, "states:StartExecution", machine)
        except ApiError as refused:
            raise StateError(PERMISSIONS, refused.message) from refused
        self._due_queue.put(lambda: self._feed(run))

    def _feed(self, run: MapRun) -> None:
        """Start as many children as may run at once; end the run if no item is left."""
        if run.ended_at is not None:
            return
        while len(run.children) < len(run.inputs) and run.running < run.width:
            child = child_of(run, len(run.children))
            run.children.append(child)
            run.running += 1
            backend_at(child.arn).executions[child.arn] = child
            self.start(child)
        if not run.running:
            self._end_map(run, SUCCEEDED)

    def _note(self, run: MapRun, child: Execution) -> None:
        run.running -= 1
        run.failures += child.status in (FAILED, TIMED_OUT)
        if run.ended_at is not None:
            return
        if run.has_too_many_failures:
            self._end_map(run, FAILED)
        else:
            self._feed(run)

    def _end_map(self, run: MapRun, status: str) -> None:
        if run.ended_at is not None:
            return
        run.end(status)
        for child in run.children:
            self._end(child, ABORTED)
        self._due_queue.put(lambda: self._go_on(run.parent))


def _open_map(run: MapRun) -> None:
    backend_at(run.arn).map_runs[run.arn] = run
    run.parent.map_runs.append(run)
