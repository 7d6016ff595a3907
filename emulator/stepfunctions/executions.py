"""Executions of state machines: the nouns."""

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
"""How an execution goes on: it yields how long to wait, or None to be woken, and returns its output."""


@dataclass(slots=True)
class StateMachine:
    """A state machine.

    Attributes:
        arn: its own.
        name: in its account and Region.
        definition: as text.
        machine: the definition, read.
        role_arn: of the role that its executions act as.
        settings: its loggingConfiguration and tracingConfiguration.
        created_at: when it was.
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
        name: in its state machine; 90 days after its end it may be used again.
        machine_arn: of the state machine, with the Map state's label behind it for a child.
        machine: what it runs, to its end.
        role_arn: of the role that it acts as.
        input_text: that it was started with, JSON.
        map_run: that started it; None where somebody else did.
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        output: JSON, of one that succeeded.
        error: why one ended otherwise, by its name.
        cause: the same for a person.
        course: how it goes on; None before it begins.
        calls: makes the calls of its role; None before the first.
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
        """The execution that somebody started: itself, or the one whose Map Run it belongs to."""
        return self.map_run.parent.root if self.map_run else self

    @property
    def is_over(self) -> bool:
        """Whether it ended."""
        return self.ended_at is not None

    @property
    def is_forgotten(self) -> bool:
        """Whether it ended so long ago that Step Functions knows of it no more."""
        return self.ended_at is not None and datetime.now(UTC) - self.ended_at >= _REMEMBERED

    @property
    def why_not_redrivable(self) -> str:
        """The reason that a redrive is refused with; the emulator has none."""
        if self.map_run:
            return "Child workflow executions of a Map Run are redriven with their parent"
        return f"Execution is {self.status} and cannot be redriven: the emulator has no redrive"

    def end(
        self, status: str, *, output: str | None = None, error: str | None = None, cause: str | None = None
    ) -> None:
        """End it, now."""
        self.ended_at = datetime.now(UTC)
        self.status, self.output, self.error, self.cause = status, output, error, cause
        self.progress = None


@dataclass(slots=True, eq=False)
class MapRun:
    """The child executions of one run through a distributed Map state.

    Attributes:
        arn: its own.
        parent: the execution that runs the Map state.
        label: the Map state's.
        processor: what each child runs.
        inputs: what each child is started with, JSON.
        width: how many may run at once.
        tolerated_percentage: of the children, that may fail; None where nothing is said.
        tolerated_count: of children that may fail; None where nothing is said.
        children: those that were started, in the order of the items.
        running: how many of them run.
        failures: how many of them failed or timed out.
        status: RUNNING, SUCCEEDED, FAILED or ABORTED.
    """

    arn: str
    parent: Execution
    label: str
    processor: Machine
    inputs: tuple[str, ...]
    width: int
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
        """How many items are in which state, as DescribeMapRun has it."""
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
            "resultsWritten": 0,
        }

    @property
    def has_too_many_failures(self) -> bool:
        """Whether more failed than are tolerated.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
        """
        if self.tolerated_percentage is None and self.tolerated_count is None:
            return self.failures > 0
        count, percentage = self.tolerated_count, self.tolerated_percentage
        over_count = count is not None and self.failures > count
        return over_count or (percentage is not None and self.failures * 100 > percentage * len(self.inputs))

    def end(self, status: str) -> None:
        """End it, now."""
        self.ended_at, self.status = datetime.now(UTC), status
