"""The interpreter: takes an execution from state to state.

Source: https://states-language.net/
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from emulator.stepfunctions.executions import Execution, Progress
from emulator.stepfunctions.language import choices
from emulator.stepfunctions.language.definition import StateDefinition
from emulator.stepfunctions.language.failures import CHOICE, StateError, is_among
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.paths import PathScope, put
from emulator.stepfunctions.language.retries import Retries
from emulator.stepfunctions.payloads import check_size
from emulator.stepfunctions.state_scope import StateScope
from emulator.stepfunctions.waits import wait_of

NOW = timedelta()

StateWork = Callable[[StateScope], Generator[timedelta | None, None, Any]]
"""Does the work of a Task or a Map state; returns its result."""


@dataclass(frozen=True, slots=True)
class StateInterpreter:
    """Runs executions.

    Attributes:
        works: do the work of Task and Map states, by type.
        inject: called with execution and state name before each try; returns a function that is called after it.
    """

    works: Mapping[str, StateWork]
    inject: Callable[[Execution, str], Callable[[], None]]

    def run(self, execution: Execution, data: Any) -> Progress:
        """Run all states, with a pause after each.

        Raises:
            StateError: a state fails without a Catch.
        """
        name: str | None = execution.machine.start_at
        while name is not None:
            scope = StateScope(execution, name, execution.machine.states[name], data)
            scope.enter()
            data, name = yield from self._run_state(scope)
            yield NOW
        return data

    def _run_state(self, scope: StateScope) -> Generator[timedelta | None, None, tuple[Any, str | None]]:
        retries = Retries(scope.state.get("Retry", ()), f"{scope.execution.arn} {scope.name}")
        while True:
            try:
                done = self.inject(scope.execution, scope.name)
                output, following = yield from self._try(scope)
                done()
                scope.exit(output)
            except StateError as error:
                wait = retries.wait_after(error.error)
                if wait is None:
                    return _caught(scope, scope.located(error))
                scope.retries = retries.count
                yield wait
            else:
                return output, following

    def _try(self, scope: StateScope) -> Generator[timedelta | None, None, tuple[Any, str | None]]:
        state = scope.state
        scope.data = scope.at_path("InputPath", scope.input_data)
        match state["Type"]:
            case "Task" | "Map" as kind:
                result = yield from self.works[kind](scope)
                output = _with_result(scope, scope.filled("ResultSelector", result))
            case "Pass":
                input_data = scope.filled("Parameters", scope.data)
                output = _with_result(scope, state.get("Result", input_data))
            case "Wait":
                yield wait_of(scope)
                output = scope.data
            case "Choice":
                return scope.at_path("OutputPath", scope.data), _choice(state, scope.path_scope)
            case "Succeed":
                return scope.at_path("OutputPath", scope.data), None
            case _:
                raise StateError(scope.text("Error"), scope.text("Cause"))
        output = scope.at_path("OutputPath", output)
        check_size(as_json(output), scope.name)
        return output, state.get("Next")


def _with_result(scope: StateScope, result: Any) -> Any:
    path = scope.state.get("ResultPath", "$")
    return scope.input_data if path is None else put(path, scope.input_data, result)


def _caught(scope: StateScope, error: StateError) -> tuple[Any, str]:
    """Return the output and the next state of the Catch for *error*.

    Raises:
        StateError: there is no such Catch.
    """
    for catcher in scope.state.get("Catch", ()):
        if is_among(error.error, catcher["ErrorEquals"]):
            members = {"Error": error.error, "Cause": error.cause}
            path = catcher.get("ResultPath", "$")
            output = scope.input_data if path is None else put(path, scope.input_data, members)
            scope.exit(output)
            return output, catcher["Next"]
    raise error


def _choice(state: StateDefinition, path_scope: PathScope) -> str:
    for rule in state["Choices"]:
        if choices.fits(rule, path_scope):
            return str(rule["Next"])
    if "Default" not in state:
        raise StateError(CHOICE, "No choice rule fits, and there is no Default")
    return str(state["Default"])
