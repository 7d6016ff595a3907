"""The history of an execution, in the form of GetExecutionHistory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from emulator.stepfunctions.language.failures import RUNTIME, ExecutionError

MOST_EVENTS = 25_000
"""The limit of a history; an execution that reaches it fails.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

_LAST = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionSucceeded", "ExecutionTimedOut"})

_DATA = frozenset({"input", "output"})

HistoryEvent = dict[str, Any]


class History:
    """The events of one execution, oldest first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._events: list[HistoryEvent] = []
        self._is_closed = False

    def add(self, kind: str, details: str = "", **members: Any) -> int:
        """Append an event now, unless the execution has ended; return the id of the last event.

        Args:
            kind: its type, such as ``TaskSucceeded``.
            details: the member of HistoryEvent that holds its *members*, without ``EventDetails``.
            members: of those details; None is left out.

        Raises:
            ExecutionError: the history is full.
        """
        if self._is_closed:
            return len(self._events)
        if len(self._events) >= MOST_EVENTS and not kind.startswith("Execution"):
            raise ExecutionError(
                RUNTIME, f"The execution reached the maximum number of history events ({MOST_EVENTS})."
            )
        event: HistoryEvent = {
            "timestamp": datetime.now(UTC),
            "type": kind,
            "id": len(self._events) + 1,
            "previousEventId": self._previous,
        }
        if details:
            event[f"{details}EventDetails"] = {name: value for name, value in members.items() if value is not None}
        self._events.append(event)
        self._is_closed = kind in _LAST
        return len(self._events)

    @property
    def _previous(self) -> int:
        """What the next event follows: for the first state, not the start; and for a Map's exit, the end of its run."""
        if len(self._events) <= 1:
            return 0
        last = self._events[-1]
        return int(last["previousEventId"] if last["type"] == "MapStateSucceeded" else last["id"])

    def __iter__(self) -> Iterator[HistoryEvent]:
        """Iterate over the events."""
        return iter(tuple(self._events))

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self._events)


def without_data(event: HistoryEvent) -> HistoryEvent:
    """Return *event* without inputs and outputs; the model requires parameters of a task, which are empty."""
    return {
        name: {key: "" if key == "parameters" else each for key, each in value.items() if key not in _DATA}
        if isinstance(value, dict)
        else value
        for name, value in event.items()
    }
