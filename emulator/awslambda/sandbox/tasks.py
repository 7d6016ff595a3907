"""The messages between Lambda and a process of a function: tasks and reports."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class InvocationTask:
    """An invocation for a process.

    Attributes:
        request_id: identifies the answer.
        function_arn: of the invoked function.
        event: JSON.
        timeout: of the function, from the moment when the process takes the task.
    """

    request_id: str
    function_arn: str
    event: bytes
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class NextRequested:
    """The process requests the next task."""


@dataclass(frozen=True, slots=True)
class ResponsePosted:
    """The handler returned *payload*."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class ErrorPosted:
    """The handler raised or could not be loaded; *error* describes it in JSON."""

    error: bytes


@dataclass(frozen=True, slots=True)
class ProcessExited:
    """The process has ended with this exit status; a negative status is a signal."""

    status: int


RuntimeReport = NextRequested | ResponsePosted | ErrorPosted | ProcessExited
