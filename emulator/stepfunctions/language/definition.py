"""The definitions of state machines, parsed and checked.

Source: https://states-language.net/
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.stepfunctions.language import choices, grammar, templates
from emulator.stepfunctions.language.paths import PathError, is_definite, steps_of

StateDefinition = Mapping[str, Any]


class DefinitionError(ValueError):
    """A definition is invalid."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine, or what a Map state does with each item.

    Attributes:
        start_at: the name of its first state.
        states: by their names.
        timeout_seconds: of an execution; None for no limit.
    """

    start_at: str
    states: Mapping[str, StateDefinition]
    timeout_seconds: int | None = None


def read(text: str) -> Machine:
    """Parse a definition.

    Raises:
        DefinitionError: AWS would not accept it.
        NotImplementedError: AWS might accept it, but the emulator does not run it.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DefinitionError(f"INVALID_JSON_DESCRIPTION: {error}") from error
    if not isinstance(document, dict):
        raise DefinitionError("INVALID_JSON_DESCRIPTION: the definition is not an object")
    problems = list(_problems_of_machine(document, ""))
    if problems:
        raise DefinitionError("; ".join(f"SCHEMA_VALIDATION_FAILED: {problem}" for problem in problems))
    return machine_of(document)


def machine_of(document: Mapping[str, Any]) -> Machine:
    """Return the machine of a checked definition or ItemProcessor."""
    return Machine(document["StartAt"], document["States"], document.get("TimeoutSeconds"))


def targets_of(state: StateDefinition) -> Iterator[str]:
    """Yield the names of the states that may follow."""
    if "Next" in state:
        yield state["Next"]
    for each in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield each["Next"]
    if "Default" in state:
        yield state["Default"]


def _problems_of_machine(document: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from grammar.problems_of_members(document, grammar.PROCESSOR if at else grammar.MACHINE, at or "/")
    if missing := [name for name in ("States", "StartAt") if name not in document]:
        yield f"These fields are required: [{', '.join(missing)}] at {at or '/'}"
        return
    states = document["States"]
    if not isinstance(states, dict) or not states:
        yield f"States are missing at {at}/States"
        return
    for name, state in states.items():
        if "Timestamp" in state and not grammar.is_timestamp(state["Timestamp"]):
            yield f"String does not match RFC3339 timestamp at {at}/States/{name}/Timestamp"
        yield from (f"{problem} at {at}/States/{name}" for problem in _problems_of(state))
        if state.get("Type") == "Map" and "ItemProcessor" in state:
            yield from _problems_of_machine(state["ItemProcessor"], f"{at}/States/{name}/ItemProcessor")
    yield from _problems_of_ways(document, states, at)


def _problems_of_ways(document: Mapping[str, Any], states: Mapping[str, StateDefinition], at: str) -> Iterator[str]:
    """Yield the missing states, and those that are never reached."""
    start = str(document.get("StartAt"))
    named = {start} | {target for state in states.values() for target in targets_of(state)}
    yield from (f"MISSING_TRANSITION_TARGET: Missing target {name} at {at}" for name in sorted(named - states.keys()))
    reached, ahead = set[str](), [start] if start in states else []
    while ahead:
        name = ahead.pop()
        reached.add(name)
        ahead += [target for target in targets_of(states[name]) if target in states and target not in reached]
    yield from (f"State {name} is not reachable at {at}" for name in sorted(states.keys() - reached))


def _problems_of(state: StateDefinition) -> Iterator[str]:
    yield from grammar.problems_of_state(state)
    for member in grammar.TEMPLATES & state.keys():
        yield from templates.problems_of(state[member])
    yield from templates.problems_of(state.get("ItemReader", {}).get("Parameters"))
    for member in grammar.PATHS & state.keys():
        yield from _problems_of_path(member, state[member])
    for rule in state.get("Choices", ()):
        yield from choices.problems_of(rule)
    for each in state.get("Catch", ()):
        yield from _problems_of_path("ResultPath", each.get("ResultPath", "$"))


def _problems_of_path(member: str, path: Any) -> Iterator[str]:
    if path is None and member in grammar.MAY_BE_NULL:
        return
    problem = templates.problem_of(path)
    if problem is not None:
        yield f"{member}: {problem}"
    elif member == "ResultPath" and not _is_reference(path):
        yield f"{member} is not a Reference Path: {path!r}"


def _is_reference(path: str) -> bool:
    try:
        return is_definite(steps_of(path))
    except PathError:  # a call of an intrinsic function
        return False
