"""Faults on ``step:<name of a state>``, injected into the states of executions."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.faults import Fault, Faults
from emulator.stepfunctions.executions import Execution
from emulator.stepfunctions.language.failures import StateError


class KilledError(Exception):
    """A fault stops an execution with its parent and all its children."""


@dataclass(frozen=True, slots=True)
class StateFaults:
    """Injects faults into each try of a state.

    ``timeout-before`` stops the whole execution before the state does anything, ``timeout-after`` after the state; an
    ``error`` fails the state. Other kinds are refused.
    """

    faults: Faults

    def __call__(self, execution: Execution, name: str) -> Callable[[], None]:
        """Inject a fault before a try; return a function to call after it.

        Raises:
            KilledError: a fault stops the execution before the state.
            StateError: the state fails.
        """
        where = execution.arn.split(":")
        members = {"executionArn": execution.arn, "name": execution.name, "state": name}
        fault = self.faults.inject(f"step:{name}", where[4], where[3], lambda: members)
        match fault:
            case None:
                return _nothing
            case Fault(kind="timeout-before"):
                raise KilledError(f"before {name}")
            case Fault(kind="timeout-after"):
                return lambda: _kill(name)
            case Fault(kind="error"):
                raise StateError(fault.error, f"a fault was injected into the step {name}")
        msg = f"a fault of kind {fault.kind!r} cannot be injected into a step"
        raise ValueError(msg)


def _nothing() -> None:
    """Do nothing after the state."""


def _kill(name: str) -> None:
    raise KilledError(f"after {name}")
