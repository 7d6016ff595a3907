"""What passes between Lambda and a process of a function: tasks one way, reports the other."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Task:
    """An invocation, as a process is given it.

    Attributes:
        request_id: by which it is answered.
        function_arn: that was invoked.
        event: JSON.
        timeout: of the function, which begins when the process takes the task.
    """

    request_id: str
    function_arn: str
    event: bytes
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Asked:
    """The process has started, or is done with its last task: it asks for the next."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The handler returned; *payload* is what it returned."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised, or could not be loaded; *error* is its description, in JSON."""

    error: bytes


@dataclass(frozen=True, slots=True)
class Exited:
    """The process has ended, with this exit status; a negative one is a signal's number."""

    status: int


Report = Asked | Answered | Failed | Exited
