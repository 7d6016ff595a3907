"""Says in plain words what the schema expects and what the file holds."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cli.configuration.regions import known_regions
from cli.configuration.schema import resolved
from cli.configuration.sections import DEFINITIONS
from cli.terminal.safe_text import quoted

_BOUNDS = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}


def found(value: Any, text: str) -> str:
    """Describe a value of the file.

    Args:
        value: as JSON has it.
        text: of a single value, as the file has it.
    """
    match value:
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a section" if value else "an empty section"
        case None:
            return text or "nothing"
        case bool():
            return text
        case str():
            return f"the text {quoted(value)}"
        case _:
            return f"the number {quoted(text)[1:-1]}"


def expected(schema: Mapping[str, Any], fragment: Any) -> str:
    """Describe what *fragment* allows.

    Its ``title`` says it in words; a fragment with a ``pattern`` needs one, others can do without.
    """
    fragment = resolved(schema, fragment)
    match fragment:
        case {"title": title}:
            return str(title)
        case {"const": value}:
            return _word(value)
        case {"enum": values}:
            return f"one of {', '.join(_word(value) for value in values)}"
        case {"anyOf": branches} | {"oneOf": branches}:
            return " or ".join(expected(schema, branch) for branch in branches)
        case {"type": list(types)}:
            return " or ".join(_of_type(schema, fragment, name) for name in types)
        case _:
            return _of_type(schema, fragment, str(fragment.get("type", "")))


def words(schema: Mapping[str, Any], fragment: Any) -> Iterator[str]:
    """Yield the words that *fragment* allows."""
    fragment = resolved(schema, fragment)
    for branch in (*fragment.get("anyOf", ()), *fragment.get("oneOf", ())):
        yield from words(schema, branch)
    yield from (value for value in (*fragment.get("enum", ()), fragment.get("const")) if isinstance(value, str))
    if is_region(fragment):
        yield from known_regions()


def is_region(fragment: Mapping[str, Any]) -> bool:
    """Say whether *fragment*, resolved, is that of a Region."""
    return bool(fragment.get("pattern") == DEFINITIONS["region"]["pattern"])


def listed(names: Iterable[str]) -> str:
    """Join names with commas and *and*."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


_SIMPLE_TYPES = {"boolean": "true or false", "integer": "a whole number", "number": "a number"}


def _of_type(schema: Mapping[str, Any], fragment: Mapping[str, Any], name: str) -> str:
    match name:
        case "array":
            return _a_list(schema, fragment)
        case "object":
            return f"a section (keys: {', '.join(fragment['properties'])})" if "properties" in fragment else "a section"
        case "string":
            return _text(fragment)
        case _:
            return _SIMPLE_TYPES.get(name, name or "something else") + _bounds(fragment)


def _a_list(schema: Mapping[str, Any], fragment: Mapping[str, Any]) -> str:
    text = "a list that is not empty" if fragment.get("minItems") else "a list"
    return f"{text}, each item {expected(schema, fragment['items'])}" if "items" in fragment else text


def _text(fragment: Mapping[str, Any]) -> str:
    if "pattern" in fragment:
        return str(fragment.get("description", "other text")).split(". ")[0].rstrip(".")
    return "text that is not empty" if fragment.get("minLength") else "text"


def _bounds(fragment: Mapping[str, Any]) -> str:
    if {"minimum", "maximum"} <= fragment.keys():
        return f" from {fragment['minimum']} to {fragment['maximum']}"
    limits = [f"{phrase} {fragment[keyword]}" for keyword, phrase in _BOUNDS.items() if keyword in fragment]
    return f" {' and '.join(limits)}" if limits else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
