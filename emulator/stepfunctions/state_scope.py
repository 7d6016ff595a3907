"""The scope of one state of an execution: its input, its data and the context object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.stepfunctions.executions import Execution
from emulator.stepfunctions.language import templates
from emulator.stepfunctions.language.definition import StateDefinition
from emulator.stepfunctions.language.failures import RUNTIME, ExecutionError, StateError
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.paths import PathError, PathScope
from emulator.stepfunctions.payloads import parsed
from emulator.wire.times import iso_milliseconds

_INVALID = "Invalid path '{path}' : {problem}"
_TRIED_AGAIN = frozenset({"Map", "Task"})


@dataclass(slots=True)
class StateScope:
    """A state as one execution runs it.

    Attributes:
        execution: that runs it.
        name: of the state.
        state: its definition.
        input_data: its input before InputPath.
        data: the document of ``$``.
        retries: how often it was retried.
        event: id of the event of its start.
        entered_at: time of the start.
    """

    execution: Execution
    name: str
    state: StateDefinition
    input_data: Any
    data: Any = None
    retries: int = 0
    event: int = 0
    entered_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def path_scope(self) -> PathScope:
        """The documents from which paths read."""
        return PathScope(self.data, self.context())

    def context(self, **more: Any) -> Mapping[str, Any]:
        """Return the context object, with the additions of a Map state.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
        """
        execution = self.execution
        tried = {"RetryCount": self.retries} if self.state["Type"] in _TRIED_AGAIN else {}
        return {
            "Execution": {
                "Id": execution.arn,
                "Input": parsed(execution.input_text),
                "Name": execution.name,
                "RedriveCount": 0,
                "RoleArn": execution.role_arn,
                "StartTime": iso_milliseconds(execution.started_at),
            },
            "State": {"EnteredTime": iso_milliseconds(self.entered_at), "Name": self.name, **tried},
            "StateMachine": {
                "Id": execution.root.machine_arn,
                "Name": execution.root.machine_arn.rpartition(":")[2],
            },
            **more,
        }

    def enter(self) -> None:
        """Record the start in the history."""
        kind = f"{self.state['Type']}StateEntered"
        self.event = self.execution.history.add(
            kind, "stateEntered", name=self.name, input=as_json(self.input_data), inputDetails={"truncated": False}
        )

    def exit(self, output: Any) -> None:
        """Record the end in the history."""
        kind = f"{self.state['Type']}StateExited"
        self.execution.history.add(
            kind, "stateExited", name=self.name, output=as_json(output), outputDetails={"truncated": False}
        )

    def located(self, error: StateError) -> StateError:
        """Return *error* as Step Functions tells it: what went wrong at run time names the state."""
        if error.error != RUNTIME or isinstance(error, ExecutionError):
            return error
        where = f"while executing the state '{self.name}' (entered at the event id #{self.event})"
        return StateError(RUNTIME, f"An error occurred {where}. {error.cause}")

    def at_path(self, member: str, document: Any) -> Any:
        """Return the part of *document* that InputPath or OutputPath selects.

        Raises:
            StateError: the path finds nothing.
        """
        path = self.state.get(member, "$")
        if path is None:
            return {}
        try:
            return templates.read(path, PathScope(document, self.context()))
        except PathError as error:
            raise StateError(RUNTIME, _INVALID.format(path=path, problem=error)) from error

    def filled(self, member: str, document: Any, **more: Any) -> Any:
        """Return the template *member* filled from *document*, or the document if there is no such template.

        Raises:
            StateError: the template cannot be filled.
        """
        if member not in self.state:
            return document
        return templates.fill(self.state[member], PathScope(document, self.context(**more)))

    def value(self, member: str, missing: str = _INVALID) -> Any:
        """Return the value of *member* or of its ``…Path``; None if there is neither.

        Args:
            member: its name.
            missing: the cause of the error of a path that finds nothing.

        Raises:
            StateError: the path finds nothing.
        """
        field = f"{member}Path"
        path = self.state.get(field)
        if path is None:
            return self.state.get(member)
        try:
            return templates.read(path, self.path_scope)
        except PathError as error:
            known = {"path": path, "field": field, "problem": error, "document": as_json(self.data)}
            raise StateError(RUNTIME, missing.format(**known)) from error

    def number(self, member: str, *, whole: bool = True, least: float = 0) -> float | None:
        """Return the number of *member* or of its ``…Path``; None if there is neither.

        Raises:
            StateError: it is not a number, or not a *whole* one, or below the *least*.
        """
        found, field = self.value(member), f"{member}Path"
        if found is None and field not in self.state:
            return None
        if isinstance(found, bool) or not isinstance(found, int if whole else int | float):
            shown, kind = found if isinstance(found, str) else as_json(found), "integer" if whole else "float"
            cause = f'The {field} field refers to value "{shown}" which is not a valid {kind}: {self.state[field]}'
            raise StateError(RUNTIME, cause)
        if found < least:
            raise StateError(RUNTIME, f"{member} cannot be negative.")
        return found

    def text(self, member: str) -> str:
        """Return the text of *member* or of its ``…Path``; empty if there is neither.

        Raises:
            StateError: it is not text.
        """
        found = self.value(member, templates.NOT_FOUND)
        if found is not None and not isinstance(found, str):
            raise StateError(RUNTIME, f"{member} is not text: {found!r}")
        return found or ""
