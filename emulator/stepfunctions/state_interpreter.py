"""How an execution goes from state to state.

Source: https://states-language.net/
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.stepfunctions.executions import Course, Execution
from emulator.stepfunctions.language import choices
from emulator.stepfunctions.language.definition import State
from emulator.stepfunctions.language.failures import CHOICE, RUNTIME, StateError, is_among
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.paths import Scope, put
from emulator.stepfunctions.language.retries import Retries
from emulator.stepfunctions.payloads import check_size
from emulator.stepfunctions.state_scope import Visit

NOW = timedelta()

Work = Callable[[Visit], Generator[timedelta | None, None, Any]]
"""Does what a Task or a Map state is there for; returns its result."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Runs executions.

    Attributes:
        works: what does the work of states, by their type.
        strike: called with the execution and the state's name before each try; what it returns is called after.
    """

    works: Mapping[str, Work]
    strike: Callable[[Execution, str], Callable[[], None]]

    def run(self, execution: Execution, data: Any) -> Course:
        """Go from state to state, and pause between any two.

        Raises:
            StateError: a state fails, and nothing catches that.
        """
        name: str | None = execution.machine.start_at
        while name is not None:
            visit = Visit(execution, name, execution.machine.states[name], data)
            visit.enter()
            data, name = yield from self._visit(visit)
            yield NOW
        return data

    def _visit(self, visit: Visit) -> Generator[timedelta | None, None, tuple[Any, str | None]]:
        retries = Retries(visit.state.get("Retry", ()), f"{visit.execution.arn} {visit.name}")
        while True:
            try:
                done = self.strike(visit.execution, visit.name)
                output, following = yield from self._try(visit)
                done()
                visit.exit(output)
            except StateError as error:
                wait = retries.wait_after(error.error)
                if wait is None:
                    return _caught(visit, error)
                visit.retries = retries.count
                yield wait
            else:
                return output, following

    def _try(self, visit: Visit) -> Generator[timedelta | None, None, tuple[Any, str | None]]:
        state = visit.state
        visit.data = visit.at_path("InputPath", visit.given)
        match state["Type"]:
            case "Task" | "Map" as kind:
                result = yield from self.works[kind](visit)
                output = _with_result(visit, visit.filled("ResultSelector", result))
            case "Pass":
                given = visit.filled("Parameters", visit.data)
                output = _with_result(visit, state.get("Result", given))
            case "Wait":
                yield _wait_of(visit)
                output = visit.data
            case "Choice":
                return visit.at_path("OutputPath", visit.data), _choice(state, visit.scope)
            case "Succeed":
                return visit.at_path("OutputPath", visit.data), None
            case _:
                raise StateError(visit.text("Error"), visit.text("Cause"))
        output = visit.at_path("OutputPath", output)
        check_size(as_json(output), f"the output of the state {visit.name}")
        return output, state.get("Next")


def _with_result(visit: Visit, result: Any) -> Any:
    path = visit.state.get("ResultPath", "$")
    return visit.given if path is None else put(path, visit.given, result)


def _caught(visit: Visit, error: StateError) -> tuple[Any, str]:
    """Return what a Catch of the state makes of *error*.

    Raises:
        StateError: none fits.
    """
    for catcher in visit.state.get("Catch", ()):
        if is_among(error.error, catcher["ErrorEquals"]):
            told = {"Error": error.error, "Cause": error.cause}
            path = catcher.get("ResultPath", "$")
            output = visit.given if path is None else put(path, visit.given, told)
            visit.exit(output)
            return output, catcher["Next"]
    raise error


def _choice(state: State, scope: Scope) -> str:
    for rule in state["Choices"]:
        if choices.fits(rule, scope):
            return str(rule["Next"])
    if "Default" not in state:
        raise StateError(CHOICE, "No choice rule fits, and there is no Default")
    return str(state["Default"])


def _wait_of(visit: Visit) -> timedelta:
    seconds, until = visit.number("Seconds"), visit.value("Timestamp")
    if seconds is not None:
        return timedelta(seconds=seconds)
    try:
        return max(datetime.fromisoformat(str(until)) - datetime.now(UTC), NOW)
    except (TypeError, ValueError) as error:  # no moment, or one without a time zone
        raise StateError(RUNTIME, f"not a timestamp: {until!r}") from error
