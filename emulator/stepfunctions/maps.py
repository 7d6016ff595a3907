"""Distributed Map states: read items, and start a child execution for each.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import inf
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from emulator.stepfunctions.executions import FAILED, SUCCEEDED, Execution, MapRun
from emulator.stepfunctions.language import templates
from emulator.stepfunctions.language.definition import machine_of
from emulator.stepfunctions.language.failures import BRANCH, ITEM_READER, RUNTIME, StateError
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.paths import PathError, PathScope
from emulator.stepfunctions.payloads import check_size, parsed
from emulator.stepfunctions.roles import calls_of
from emulator.stepfunctions.state_scope import StateScope

_WIDEST = 10_000
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Maps:
    """Does the work of Map states.

    Attributes:
        open: makes a Map Run known, before its items are read.
        begin: starts its children, and continues its parent at the end.
    """

    open: Callable[[MapRun], None]
    begin: Callable[[MapRun], None]

    def work(self, scope: StateScope) -> Generator[timedelta | None, None, Any]:
        """Run a child for each item; return their outputs, in the order of the items.

        Raises:
            StateError: the items cannot be read, or too many children failed.
        """
        history = scope.execution.history
        width, given = int(scope.number("MaxConcurrency") or _WIDEST), _given(scope)
        history.add("MapStateStarted", "mapStateStarted", length=len(given))
        run = _run_of(scope, width)
        history.add("MapRunStarted", "mapRunStarted", mapRunArn=run.arn)
        self.open(run)
        try:
            yield from self._run(run, scope, given)
        except StateError as error:
            history.add("MapRunFailed", "mapRunFailed", error=error.error, cause=error.cause)
            history.add("MapStateFailed")
            raise
        history.add("MapRunSucceeded")
        history.add("MapStateSucceeded")
        return _result(scope, run)

    def _run(self, run: MapRun, scope: StateScope, given: list[Any]) -> Generator[timedelta | None, None, None]:
        try:
            reader = scope.state.get("ItemReader")
            run.inputs = _inputs(scope, given if reader is None else _read(scope, reader))
            self.begin(run)
        except StateError:
            run.end(FAILED)
            raise
        while run.ended_at is None:
            yield None
        if run.status == FAILED:
            raise StateError(BRANCH, "The specified tolerated failure threshold was exceeded")


def child_of(run: MapRun, index: int) -> Execution:
    """Return a new execution for one of the items of *run*."""
    parent, name = run.parent.root, str(uuid4())
    prefix, _, machine = parent.machine_arn.partition(":stateMachine:")
    return Execution(
        arn=f"{prefix}:execution:{machine}/{run.label}:{name}",
        name=name,
        machine_arn=f"{parent.machine_arn}/{run.label}",
        machine=run.processor,
        role_arn=parent.role_arn,
        input_text=run.inputs[index],
        map_run=run,
    )


def _result(scope: StateScope, run: MapRun) -> list[Any]:
    outputs = [child.output or "null" for child in run.children]
    check_size(",".join(outputs), scope.name)  # also if ResultPath drops it
    if scope.state.get("ResultPath", "$") is None:
        return []
    if any(child.status != SUCCEEDED for child in run.children):
        cause = "the emulator does not know the result of a Map Run with tolerated failures: set ResultPath to null"
        raise StateError(RUNTIME, cause)
    return [parsed(output) for output in outputs]


def _run_of(scope: StateScope, width: int) -> MapRun:
    state, execution = scope.state, scope.execution
    prefix, _, name = execution.root.machine_arn.partition(":stateMachine:")
    label = str(state.get("Label") or sha256(scope.name.encode()).hexdigest()[:32])
    count = scope.number("ToleratedFailureCount")
    return MapRun(
        arn=f"{prefix}:mapRun:{name}/{label}:{uuid4()}",
        parent=execution,
        label=label,
        processor=machine_of(state["ItemProcessor"]),
        width=width,
        tolerated_percentage=_tolerated_percentage(scope),
        tolerated_count=None if count is None else int(count),
    )


def _tolerated_percentage(scope: StateScope) -> float | None:
    found = scope.number("ToleratedFailurePercentage", whole=False, least=-inf)
    if found is not None and not 0 <= found <= _WHOLE:
        raise StateError(RUNTIME, "ToleratedFailurePercentage must be between 0 and 100.")
    return found


def _inputs(scope: StateScope, items: list[Any]) -> tuple[str, ...]:
    """Return the input of each child: the item, or the result of ItemSelector."""
    texts = []
    context = scope.context()
    for index, item in enumerate(items):
        known = {**context, "Map": {"Item": {"Index": index, "Value": item}}}
        selector = scope.state.get("ItemSelector")
        given = item if selector is None else templates.fill(selector, PathScope(scope.data, known))
        texts.append(as_json(given))
        check_size(texts[-1], scope.name)
    return tuple(texts)


def _given(scope: StateScope) -> list[Any]:
    """Return the items that the state has from its input: none if it reads them, whatever its ItemsPath says."""
    if "ItemReader" in scope.state:
        return []
    try:
        found = scope.path_scope.read(scope.state.get("ItemsPath", "$"))
    except PathError as error:
        raise StateError(RUNTIME, f"Invalid path '{scope.state['ItemsPath']}' : {error}") from error
    if not isinstance(found, list):
        raise StateError(RUNTIME, f"Map state input must be an array but was: {as_json(found)}")
    return found


def _read(scope: StateScope, reader: Mapping[str, Any]) -> list[Any]:
    where = templates.fill(reader.get("Parameters", {}), scope.path_scope)
    try:
        answer: Any = calls_of(scope.execution).call("s3", "GetObject", **where)
        items = json.loads(answer["Body"].read())
    except (BotoCoreError, ClientError, ValueError) as error:
        raise StateError(ITEM_READER, f"The object {where} cannot be read: {error}") from error
    if not isinstance(items, list):
        raise StateError(ITEM_READER, "Attempting to map over non-iterable node.")
    return items[: reader["ReaderConfig"].get("MaxItems")]
