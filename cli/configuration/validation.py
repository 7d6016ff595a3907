"""Holds the nodes of a file against the schema, and puts every difference into words."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from cli.command.nearest import nearest
from cli.configuration.nodes import BROKEN, Node, ScalarNode, find, key_mark, plain
from cli.configuration.problems import Path, Problem, dotted
from cli.configuration.schema import resolved
from cli.configuration.wording import expected, found, listed, words
from cli.terminal.safe_text import quoted


def _matches(_validator: Any, pattern: str, instance: Any, _fragment: Any) -> Iterator[ValidationError]:
    r"""Read ``$`` as ECMAScript does, which JSON Schema names: not before a last line's end."""
    strict = re.sub(r"\$$", r"\\Z", pattern)
    if isinstance(instance, str) and not re.search(strict, instance):
        yield ValidationError("another form")


def _is_whole(_checker: Any, instance: Any) -> bool:
    """Tell 50 from 50.0, which JSON Schema does not, but a program that counts does."""
    return isinstance(instance, int) and not isinstance(instance, bool)


_Validator = validators.extend(  # type: ignore[no-untyped-call]  # its stub has no types
    Draft202012Validator,
    {"pattern": _matches},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


class Validation:
    """Finds what the schema does not allow.

    Attributes:
        file: as it was named on the command line.
        root: the document.
        schema: of the whole configuration.
    """

    def __init__(self, file: str, root: Node, schema: Mapping[str, Any]) -> None:
        """Keep the document and what it is held against."""
        self.file = file
        self.root = root
        self.schema = schema
        self._validator = _Validator(schema)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong."""
        for error in self._validator.iter_errors(plain(self.root)):
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
            case "anyOf" | "oneOf" if inner := _only_fitting_branch(error):
                for cause in inner:
                    yield from self._worded(cause)
            case _:
                yield self._wrong_value(error, path)

    def _unknown_keys(self, error: Any, path: Path) -> Iterator[Problem]:
        known = error.schema.get("properties", {})
        forms = error.schema.get("patternProperties", {})
        for key in error.instance:
            if key not in known and not any(re.search(form, key) for form in forms):
                choice = f"one of {', '.join(known)}" if known else "no key at all"
                yield self._at_key((*path, key), f"the unknown key {quoted(key)}", choice, nearest(key, known))

    def _missing_keys(self, error: Any, path: Path) -> Iterator[Problem]:
        for key in error.validator_value:
            if key not in error.instance:
                fragment = error.schema.get("properties", {}).get(key, {})
                yield self._at_key((*path, key), "nothing: the key is missing", expected(self.schema, fragment), "")

    def _incompatible_keys(self, error: Any, path: Path) -> Problem:
        mentioned = {key for branch in error.validator_value["anyOf"] for key in branch["required"]}
        together = [key for key in error.instance if key in mentioned]
        at = (*path, together[-1])
        return self._at_key(at, f"{listed(together)} together", expected(self.schema, error.validator_value), "")

    def _repetitions(self, error: Any, path: Path) -> Iterator[Problem]:
        seen: list[Any] = []
        for place, item in enumerate(error.instance):
            if item in seen:
                at = (*path, place)
                yield self._problem(at, f"{found(find(self.root, at))} a second time", "each item once")
            seen.append(item)

    def _wrong_value(self, error: Any, path: Path) -> Problem:
        fragment = resolved(self.schema, error.schema)
        node = find(self.root, path)
        word = error.instance if isinstance(error.instance, str) else ""
        right = nearest(word, words(self.schema, fragment)) if word else ""
        hint = self._hint(node, error.instance, fragment)
        return self._problem(path, found(node), expected(self.schema, fragment) + hint, right)

    def _hint(self, node: Node, instance: Any, fragment: Mapping[str, Any]) -> str:
        """Say how to write what was probably meant."""
        allows = self._validator.evolve(schema=fragment).is_valid
        if not isinstance(node, ScalarNode) or instance is None:
            return ""
        if node.plain and not isinstance(instance, str) and allows(node.text):
            return f"; quote it: {json.dumps(node.text)}"
        return f"; write it as a list: {json.dumps([node.text])}" if allows([node.text]) else ""

    def _at_key(self, path: Path, found_text: str, expected_text: str, right: str) -> Problem:
        mark = key_mark(self.root, path)
        return Problem(self.file, mark.line, mark.column, dotted(path), found_text, expected_text, right)

    def _problem(self, path: Path, found_text: str, expected_text: str, right: str = "") -> Problem:
        mark = find(self.root, path).mark
        return Problem(self.file, mark.line, mark.column, dotted(path), found_text, expected_text, right)


def _only_fitting_branch(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the one alternative that is at least for values of this kind, if there is just one."""
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
