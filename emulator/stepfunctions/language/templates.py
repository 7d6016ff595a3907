"""Payload templates: JSON in which the values of members named ``….$`` are evaluated.

Source: https://states-language.net/#payload-template
"""

from collections.abc import Iterator
from typing import Any

from emulator.stepfunctions.language import intrinsics
from emulator.stepfunctions.language.failures import RUNTIME, StateError
from emulator.stepfunctions.language.functions import as_json
from emulator.stepfunctions.language.intrinsics import IntrinsicError
from emulator.stepfunctions.language.paths import PathError, PathScope, steps_of

_READ = ".$"


NOT_FOUND = "The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{document}'"
"""Why a template cannot be filled."""


def fill(template: Any, scope: PathScope) -> Any:
    """Return *template* with its expressions evaluated.

    Raises:
        StateError: a path finds nothing, which no Catch takes, or a function fails.
    """
    match template:
        case dict():
            return {_name(key): _member(key, value, scope) for key, value in template.items()}
        case list():
            return [fill(each, scope) for each in template]
        case _:
            return template


def read(expression: str, scope: PathScope) -> Any:
    """Evaluate a path or a call of an intrinsic function.

    Raises:
        PathError: the path finds nothing.
        StateError: a function fails.
    """
    return intrinsics.evaluate(expression, scope) if expression.startswith("States.") else scope.read(expression)


def problems_of(template: Any) -> Iterator[str]:
    """Yield what is wrong with the expressions in *template*."""
    match template:
        case dict():
            for key, value in template.items():
                if not key.endswith(_READ):
                    yield from problems_of(value)
                elif (problem := problem_of(value)) is not None:
                    yield f"The value for the field '{key}' must be a valid JSONPath or intrinsic function: {problem}"
        case list():
            for each in template:
                yield from problems_of(each)


def problem_of(expression: Any) -> str | None:
    """Return what is wrong with a path or a call; None if nothing is."""
    if not isinstance(expression, str):
        return f"not text: {expression!r}"
    try:
        if expression.startswith("States."):
            intrinsics.parse(expression)
        else:
            steps_of(expression[1:] if expression.startswith("$$") else expression)
    except (IntrinsicError, PathError) as error:
        return str(error)
    return None


def _name(key: str) -> str:
    return key.removesuffix(_READ)


def _member(key: str, value: Any, scope: PathScope) -> Any:
    if not key.endswith(_READ):
        return fill(value, scope)
    try:
        return read(value, scope)
    except PathError as error:
        found = NOT_FOUND.format(path=value, field=key, document=as_json(scope.data))
        raise StateError(RUNTIME, found) from error
