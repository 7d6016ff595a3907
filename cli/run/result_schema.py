"""Checks a JSON value against the types of a result document, and says where it differs."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from cli.command.nearest import question
from functions.report.result import DateOrMoment, FindingId, Moment, MomentOrNothing, MomentOrNull

Validator = Callable[[Any], None]
"""Raises MisfitError for a value that does not fit."""

_LONGEST_FOUND = 60
_FINDING_ID = re.compile("[0-9a-f]{64}")


class MisfitError(Exception):
    """A value does not fit its type.

    Attributes:
        place: such as ``findings[3].severity``; empty for the document itself.
        found: the value, as JSON.
        expected: what is expected, as the end of a sentence.
    """

    def __init__(self, value: Any, expected: str) -> None:
        """Stand for the value itself; whatever holds it adds the place."""
        found = json.dumps(value)
        self.place = ""
        self.found = found if len(found) <= _LONGEST_FOUND else f"{found[:_LONGEST_FOUND]}…"
        self.expected = expected
        super().__init__(self.found, expected)

    def within(self, step: str) -> "MisfitError":
        """Put the step that leads to the value before the place."""
        joint = "." if self.place and not self.place.startswith("[") else ""
        self.place = f"{step}{joint}{self.place}"
        return self


@cache
def validator_of(kind: Any) -> Validator:
    """Return the validator of *kind*: a type of `functions.report.result`, or of its members."""
    origin, parts = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        return _members(kind)
    if origin is Literal:
        return _one_of(parts)
    if origin is Iterable:
        return _list_of(validator_of(parts[0]))
    return validator_of(parts[0]) if origin is NotRequired else _SIMPLE[Mapping if origin is Mapping else kind]


def _members(kind: Any) -> Validator:
    hints = get_type_hints(kind, include_extras=True)
    validators = {name: validator_of(hint) for name, hint in hints.items()}
    required = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired]

    def check(value: Any) -> None:
        _object(value)
        for name in required:
            if name not in value:
                near = question(name, [other for other in value if other not in validators])
                raise MisfitError(value, f'"{name}" is missing in it{near}')
        for name, validate in validators.items():
            if name in value:
                try:
                    validate(value[name])
                except MisfitError as misfit:
                    raise misfit.within(name) from None

    return check


def _list_of(validate: Validator) -> Validator:
    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise MisfitError(value, "expected a list")
        for number, item in enumerate(value):
            try:
                validate(item)
            except MisfitError as misfit:
                raise misfit.within(f"[{number}]") from None

    return check


def _one_of(words: tuple[str, ...]) -> Validator:
    def check(value: Any) -> None:
        if value not in words:
            raise MisfitError(value, f"expected one of {', '.join(words)}{question(str(value), words)}")

    return check


def _that(fits: Callable[[Any], bool], expected: str) -> Validator:
    def check(value: Any) -> None:
        if not fits(value):
            raise MisfitError(value, f"expected {expected}")

    return check


def _is_moment(value: Any) -> bool:
    return _is_date(value) and datetime.fromisoformat(value).tzinfo is not None


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


_object = _that(lambda value: isinstance(value, dict), "an object")
_A_MOMENT = "a moment such as 2026-11-20T09:00:00Z"
_SIMPLE: dict[Any, Validator] = {
    Mapping: _object,
    str: _that(lambda value: type(value) is str, "text"),
    int: _that(lambda value: type(value) is int, "a whole number"),
    bool: _that(lambda value: type(value) is bool, "true or false"),
    Moment: _that(_is_moment, _A_MOMENT),
    MomentOrNothing: _that(lambda value: value == "" or _is_moment(value), _A_MOMENT),
    MomentOrNull: _that(lambda value: value is None or _is_moment(value), f"null or {_A_MOMENT}"),
    object: lambda _: None,
    DateOrMoment: _that(_is_date, "a date or a moment, such as 2026-12-31"),
    FindingId: _that(
        lambda value: bool(isinstance(value, str) and _FINDING_ID.fullmatch(value)), "64 hexadecimal digits"
    ),
}
