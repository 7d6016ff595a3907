"""State machines, executions and Map Runs."""

from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.iam.role_calls import RoleCalls
from emulator.stepfunctions.history import History
from emulator.stepfunctions.language.definition import Machine

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
_REMEMBERED = timedelta(days=90)

Progress = Generator[timedelta | None, None, Any]
"""The steps of an execution: yields how long to wait, or None to wait for a Map Run, and returns the output."""


@dataclass(slots=True)
class StateMachine:
    """A state machine.

    Attributes:
        arn: its own.
        name: in its account and Region.
        definition: as text.
        machine: the parsed definition.
        role_arn: of the role of its executions.
        settings: its loggingConfiguration and tracingConfiguration.
        created_at: time of its creation.
        revision: changes with each update.
    """

    arn: str
    name: str
    definition: str
    machine: Machine
    role_arn: str
    settings: Mapping[str, Any]
    created_at: datetime
    revision: int = 0


@dataclass(slots=True, eq=False)
class Execution:
    """An execution of a state machine, or a child of one that a Map Run started.

    Attributes:
        arn: its own.
        name: unique in its state machine until 90 days after its end.
        machine_arn: of the state machine; for a child, with the label of the Map state.
        machine: what it runs.
        role_arn: of its role.
        input_text: its input, JSON.
        map_run: that started it; None for others.
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        output: JSON, if it succeeded.
        error: name of the error, if it failed.
        cause: description of the error.
        progress: its remaining steps; None before the start and after the end.
        calls: makes calls with its role; None before the first call.
    """

    arn: str
    name: str
    machine_arn: str
    machine: Machine
    role_arn: str
    input_text: str
    map_run: "MapRun | None" = None
    status: str = RUNNING
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    progress: Progress | None = None
    calls: RoleCalls | None = None
    history: History = field(default_factory=History)
    map_runs: "list[MapRun]" = field(default_factory=list)

    @property
    def root(self) -> "Execution":
        """The execution at the top: itself, or the one whose Map Run it belongs to."""
        return self.map_run.parent.root if self.map_run else self

    @property
    def is_over(self) -> bool:
        """Whether it ended."""
        return self.ended_at is not None

    @property
    def is_forgotten(self) -> bool:
        """Whether it ended so long ago that Step Functions has forgotten it."""
        return self.ended_at is not None and datetime.now(UTC) - self.ended_at >= _REMEMBERED

    @property
    def why_not_redrivable(self) -> str:
        """The reason why a redrive is refused; the emulator has no redrive."""
        if self.map_run:
            return "Child workflow executions of a Map Run are redriven with their parent"
        reason = f"Execution is {self.status} and cannot be redriven"
        return reason if self.status in (RUNNING, SUCCEEDED) else f"{reason}: the emulator has no redrive"

    def end(
        self, status: str, *, output: str | None = None, error: str | None = None, cause: str | None = None
    ) -> None:
        """End it now."""
        self.ended_at = datetime.now(UTC)
        self.status, self.output, self.error, self.cause = status, output, error, cause
        self.progress = None


@dataclass(slots=True, eq=False)
class MapRun:
    """The child executions of one run through a distributed Map state.

    Attributes:
        arn: its own.
        parent: the execution that runs the Map state.
        label: of the Map state.
        processor: what each child runs.
        width: how many children may run at once.
        inputs: of each child, JSON; empty until the items are read.
        tolerated_percentage: of the children that may fail; None if not set.
        tolerated_count: of the children that may fail; None if not set.
        children: the started ones, in the order of the items.
        running: how many children run.
        failures: how many children failed or timed out.
        status: RUNNING, SUCCEEDED, FAILED or ABORTED.
    """

    arn: str
    parent: Execution
    label: str
    processor: Machine
    width: int
    inputs: tuple[str, ...] = ()
    tolerated_percentage: float | None = None
    tolerated_count: int | None = None
    children: list[Execution] = field(default_factory=list)
    running: int = 0
    failures: int = 0
    status: str = RUNNING
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None

    @property
    def counts(self) -> dict[str, int]:
        """The number of items by state, as in DescribeMapRun."""
        found = Counter(child.status for child in self.children)
        unstarted = len(self.inputs) - len(self.children)
        return {
            "pending": 0 if self.ended_at else unstarted,
            "running": found[RUNNING],
            "succeeded": found[SUCCEEDED],
            "failed": found[FAILED],
            "timedOut": found[TIMED_OUT],
            "aborted": found[ABORTED] + (unstarted if self.ended_at else 0),
            "total": len(self.inputs),
            "resultsWritten": found[SUCCEEDED],
        }

    @property
    def has_too_many_failures(self) -> bool:
        """Whether more children failed than are tolerated.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
        """
        if self.tolerated_percentage is None and self.tolerated_count is None:
            return self.failures > 0
        count, percentage = self.tolerated_count, self.tolerated_percentage
        over_count = count is not None and self.failures > count
        return over_count or (percentage is not None and self.failures * 100 > percentage * len(self.inputs))

    def end(self, status: str) -> None:
        """End it now."""
        self.ended_at, self.status = datetime.now(UTC), status
