"""Validates a document against the schema, and puts every error into words."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from cli.command.nearest import nearest
from cli.configuration.problems import KeyPath, Problem
from cli.configuration.schema import resolved
from cli.configuration.source import Source
from cli.configuration.values import BROKEN
from cli.configuration.wording import expected, found, listed, words
from cli.terminal.safe_text import quoted


def _matches(_validator: Any, pattern: str, instance: Any, _fragment: Any) -> Iterator[ValidationError]:
    r"""Read ``$`` as ECMAScript does, as JSON Schema says: not before a last line break."""
    strict = re.sub(r"\$$", r"\\Z", pattern)
    if isinstance(instance, str) and not re.search(strict, instance):
        yield ValidationError("no match")


def _is_whole(_checker: Any, instance: Any) -> bool:
    """Tell 50 from 50.0, unlike JSON Schema."""
    return isinstance(instance, int) and not isinstance(instance, bool)


_Validator = validators.extend(  # type: ignore[no-untyped-call]  # its stub has no types
    Draft202012Validator,
    {"pattern": _matches},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


class Validation:
    """Finds what the schema does not allow.

    Attributes:
        source: the document.
        schema: of the whole configuration.
    """

    def __init__(self, source: Source, schema: Mapping[str, Any]) -> None:
        """Keep the document and the schema."""
        self.source = source
        self.schema = schema
        self._validator = _Validator(schema)

    def problems(self) -> Iterator[Problem]:
        """Yield all mistakes."""
        for error in self._validator.iter_errors(self.source.values):
            yield from self._worded(error)

    def _worded(self, error: ValidationError) -> Iterator[Problem]:
        path = tuple(error.absolute_path)
        if error.instance is BROKEN:
            return
        match error.validator:
            case "additionalProperties":
                yield from self._unknown_keys(error, path)
            case "required":
                yield from self._missing_keys(error, path)
            case "not":
                yield self._incompatible_keys(error, path)
            case "uniqueItems":
                yield from self._repetitions(error, path)
            case "anyOf" | "oneOf" if inner := _only_matching_branch(error):
                for cause in inner:
                    yield from self._worded(cause)
            case _:
                yield self._wrong_value(error, path)

    def _unknown_keys(self, error: Any, path: KeyPath) -> Iterator[Problem]:
        known = error.schema.get("properties", {})
        forms = error.schema.get("patternProperties", {})
        for key in error.instance:
            if key not in known and not any(re.search(form, key) for form in forms):
                choice = f"one of {', '.join(known)}" if known else "no key at all"
                yield self.source.key_problem(
                    (*path, key), f"the unknown key {quoted(key)}", choice, nearest(key, known)
                )

    def _missing_keys(self, error: Any, path: KeyPath) -> Iterator[Problem]:
        for key in error.validator_value:
            if key not in error.instance:
                fragment = error.schema.get("properties", {}).get(key, {})
                yield self.source.key_problem(
                    (*path, key), "nothing: the key is missing", expected(self.schema, fragment)
                )

    def _incompatible_keys(self, error: Any, path: KeyPath) -> Problem:
        mentioned = {key for branch in error.validator_value["anyOf"] for key in branch["required"]}
        together = [key for key in error.instance if key in mentioned]
        at = (*path, together[-1])
        return self.source.key_problem(at, f"{listed(together)} together", expected(self.schema, error.validator_value))

    def _repetitions(self, error: Any, path: KeyPath) -> Iterator[Problem]:
        for index, item in enumerate(error.instance):
            if item in error.instance[:index] and item is not BROKEN:
                repeated = f"{found(item, self._text((*path, index)))} a second time"
                yield self.source.problem((*path, index), repeated, "each item once")

    def _wrong_value(self, error: Any, path: KeyPath) -> Problem:
        fragment = resolved(self.schema, error.schema)
        value, text = reduce(getitem, path, self.source.values), self._text(path)
        word = error.instance if isinstance(error.instance, str) else ""
        right = nearest(word, words(self.schema, fragment)) if word else ""
        hint = self._hint(text, value, fragment)
        return self.source.problem(path, found(value, text), expected(self.schema, fragment) + hint, right)

    def _hint(self, text: str, instance: Any, fragment: Mapping[str, Any]) -> str:
        """Return how to write what was probably meant."""
        allows = self._validator.evolve(schema=fragment).is_valid
        if instance is None or isinstance(instance, dict | list):
            return ""
        if not isinstance(instance, str) and allows(text):
            return f"; quote it: {json.dumps(text)}"
        return f"; write it as a list: {json.dumps([text])}" if allows([text]) else ""

    def _text(self, path: KeyPath) -> str:
        """Return a scalar as it was written."""
        return str(self.source.node(path).value)


def _only_matching_branch(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the one alternative for values of this type, if there is only one."""
    branches: dict[Any, list[ValidationError]] = {}
    for cause in error.context or ():
        branches.setdefault(cause.schema_path[0], []).append(cause)
    if not isinstance(error.instance, dict | list):
        return []
    fitting = [
        causes
        for causes in branches.values()
        if all(cause.path or cause.validator not in ("type", "const", "enum") for cause in causes)
    ]
    return fitting[0] if len(fitting) == 1 else []
