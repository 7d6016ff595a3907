"""Trouble between the steps of executions, made to order with faults on ``step:<name of a state>``."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.faults import Fault, Faults
from emulator.stepfunctions.executions import Execution
from emulator.stepfunctions.language.failures import StateError


class KilledError(Exception):
    """An execution is to end here and now, with its parent and all its children."""


@dataclass(frozen=True, slots=True)
class StateFaults:
    """Lets faults befall each try of a state.

    ``timeout-before`` stops the whole execution before the state does anything, ``timeout-after`` when it has done
    all; an ``error`` fails the state. No other kind of fault befalls a step.
    """

    faults: Faults

    def __call__(self, execution: Execution, name: str) -> Callable[[], None]:
        """Strike before a try; return what strikes after it.

        Raises:
            KilledError: the execution is to end before the state.
            StateError: the state fails.
        """
        where = execution.arn.split(":")
        told = {"executionArn": execution.arn, "name": execution.name, "state": name}
        fault = self.faults.inject(f"step:{name}", where[4], where[3], lambda: told)
        match fault:
            case None:
                return _nothing
            case Fault(kind="timeout-before"):
                raise KilledError(f"before {name}")
            case Fault(kind="timeout-after"):
                return lambda: _kill(name)
            case Fault(kind="error"):
                raise StateError(fault.error, f"a fault befell the step {name}")
        msg = f"no fault of kind {fault.kind!r} befalls a step"
        raise ValueError(msg)


def _nothing() -> None:
    """Let the state be done."""


def _kill(name: str) -> None:
    raise KilledError(f"after {name}")
