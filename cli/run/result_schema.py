"""Holds a value of JSON against the types that a result document has, and says where it does not fit."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from cli.command.nearest import question
from functions.report.result import DateOrMoment, FindingId, Moment, MomentOrNothing

Form = Callable[[Any], None]
"""Returns for a value that fits, and raises MisfitError for another."""

_WORDS: dict[Any, str] = {str: "text", int: "a whole number", bool: "true or false"}
_LONGEST_FOUND = 60
_FINDING_ID = re.compile("[0-9a-f]{64}")


class MisfitError(Exception):
    """A value does not fit where it stands.

    Attributes:
        place: such as ``findings[3].severity``; empty for the document itself.
        found: what stands there, as JSON.
        expected: what should, as the end of a sentence.
    """

    def __init__(self, found: str, expected: str) -> None:
        """Stand for the value itself; whoever holds it says where it is."""
        super().__init__(found, expected)
        self.place = ""
        self.found = found
        self.expected = expected

    def within(self, step: str) -> "MisfitError":
        """Put the step that leads to the value before the place."""
        joint = "." if self.place and not self.place.startswith("[") else ""
        self.place = f"{step}{joint}{self.place}"
        return self


@cache
def form_of(kind: Any) -> Form:
    """Return what holds values against *kind*: a type of `functions.report.result`, or of its members."""
    origin, parts = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        return _members(kind)
    if origin is Literal:
        return _one_of(parts)
    if origin is Iterable:
        return _list_of(form_of(parts[0]))
    if origin is NotRequired:
        return form_of(parts[0])
    return _object if origin is Mapping else _ANNOTATED.get(kind) or _plain(kind)


def _members(kind: Any) -> Form:
    hints = get_type_hints(kind, include_extras=True)
    forms = {name: form_of(hint) for name, hint in hints.items()}
    required = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired]

    def check(value: Any) -> None:
        _object(value)
        for name in required:
            if name not in value:
                near = question(name, [other for other in value if other not in forms])
                raise _misfit(value, f'"{name}" is missing in it{near}')
        for name, form in forms.items():
            if name in value:
                try:
                    form(value[name])
                except MisfitError as misfit:
                    raise misfit.within(name) from None

    return check


def _list_of(form: Form) -> Form:
    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise _misfit(value, "expected a list")
        for number, row in enumerate(value):
            try:
                form(row)
            except MisfitError as misfit:
                raise misfit.within(f"[{number}]") from None

    return check


def _one_of(words: tuple[str, ...]) -> Form:
    def check(value: Any) -> None:
        if value not in words:
            raise _misfit(value, f"expected one of {', '.join(words)}{question(str(value), words)}")

    return check


def _plain(kind: Any) -> Form:
    def check(value: Any) -> None:
        if type(value) is not kind:
            raise _misfit(value, f"expected {_WORDS[kind]}")

    return check


def _object(value: Any) -> None:
    if not isinstance(value, dict):
        raise _misfit(value, "expected an object")


def _moment(value: Any) -> None:
    read = _read(value) if isinstance(value, str) else None
    if read is None or read.tzinfo is None:
        raise _misfit(value, "expected a moment such as 2026-11-20T09:00:00Z")


def _moment_or_nothing(value: Any) -> None:
    if value:
        _moment(value)
    else:
        form_of(str)(value)


def _date_or_moment(value: Any) -> None:
    if not isinstance(value, str) or _read(value) is None:
        raise _misfit(value, "expected a date or a moment, such as 2026-12-31")


def _finding_id(value: Any) -> None:
    if not isinstance(value, str) or not _FINDING_ID.fullmatch(value):
        raise _misfit(value, "expected 64 hexadecimal digits")


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _misfit(value: Any, expected: str) -> MisfitError:
    found = json.dumps(value)
    return MisfitError(found if len(found) <= _LONGEST_FOUND else f"{found[:_LONGEST_FOUND]}…", expected)


_ANNOTATED: dict[Any, Form] = {
    Moment: _moment,
    MomentOrNothing: _moment_or_nothing,
    DateOrMoment: _date_or_moment,
    FindingId: _finding_id,
}
