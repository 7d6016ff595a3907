"""What a target gets instead of the event: Input, InputPath or InputTransformer.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.delivery.targets import UndeliverableError

RESERVED = frozenset(
    {
        "aws.events.rule-arn",
        "aws.events.rule-name",
        "aws.events.event.ingestion-time",
        "aws.events.event",
        "aws.events.event.json",
    }
)
"""The variables that EventBridge has of itself."""

_WAYS = ("Input", "InputPath", "InputTransformer")
_MOST_PATHS = 100
_STEP = re.compile(r"\.(?P<name>[A-Za-z0-9_-]+)|\[(?P<index>[0-9]+)\]|\['(?P<quoted>[^']+)'\]")
_SUBSTITUTION = re.compile(r"<(?P<name>[A-Za-z0-9_.-]+)>")
_ABSENT = object()
_DECODER = json.JSONDecoder()


class InputError(ValueError):
    """AWS does not accept the input of a target."""


def check(target: Mapping[str, Any]) -> None:
    """Check the input of a target, in the form of PutTargets.

    Raises:
        InputError: AWS does not accept it.
    """
    name = target["Id"]
    if sum(bool(target.get(way)) for way in _WAYS) > 1:
        raise InputError(f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}.")
    if target.get("Input"):
        try:
            json.loads(target["Input"])
        except ValueError as error:
            raise InputError(f"JSON syntax error in input for target {name} : {error}") from error
    if transformer := target.get("InputTransformer"):
        paths = transformer.get("InputPathsMap") or {}
        if len(paths) > _MOST_PATHS or any(path.lower().startswith("aws.") for path in paths):
            raise InputError(f"InputPathsMap for target {name} has too many or reserved names.")
        for found in _SUBSTITUTION.finditer(transformer["InputTemplate"]):
            if found["name"] not in paths.keys() | RESERVED:
                raise InputError(f"InputTemplate for target {name} contains invalid placeholder {found['name']}.")


def text_for(target: Mapping[str, Any], event: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Return what *target* gets for *event*.

    Args:
        target: in the form of PutTargets.
        event: in the form of EventBridge.
        known: values of AWS's own variables, such as ``aws.events.rule-arn``.

    Raises:
        UndeliverableError: a transformer makes no valid JSON of the event; AWS delivers nothing then.
    """
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        found = at_path(event, target["InputPath"])
        return json.dumps({} if found is _ABSENT else found)
    if transformer := target.get("InputTransformer"):
        paths = transformer.get("InputPathsMap") or {}
        found = {name: at_path(event, path) for name, path in paths.items()}
        variables = {name: value for name, value in found.items() if value is not _ABSENT}
        return fill(transformer["InputTemplate"], {**known, **variables})
    return json.dumps(event)


def at_path(event: Any, path: str) -> Any:
    """Return the value at *path*, such as ``$.detail.name`` or ``$.resources[0]``; a marker if there is none."""
    value = event
    for step in _STEP.finditer(path.removeprefix("$")):
        key = step["name"] or step["quoted"]
        if key is not None and isinstance(value, dict) and key in value:
            value = value[key]
        elif step["index"] is not None and isinstance(value, list) and int(step["index"]) < len(value):
            value = value[int(step["index"])]
        else:
            return _ABSENT
    return value


def fill(template: str, variables: Mapping[str, Any]) -> str:
    """Put *variables* into *template*, an object or list in JSON, or one or more texts in quotes.

    Inside quotes a value stands as it is, without any escape; an object or list among texts loses its own quotes, and
    inside the quotes of a JSON template it makes the whole invalid. Outside of quotes a value stands as JSON. What is
    absent is an empty text.

    Raises:
        UndeliverableError: the result is not valid JSON.
    """
    is_json = template.lstrip()[:1] in ("{", "[")

    def put(found: re.Match[str]) -> str:
        value = variables.get(found["name"], "")
        if not _in_string(template, found.start()):
            return json.dumps(value)
        return _inside_quotes(value, is_json=is_json)

    filled = _SUBSTITUTION.sub(put, template)
    if not _is_valid(filled):
        raise UndeliverableError("INVALID_JSON", f"the input transformer makes no valid JSON: {filled}")
    return filled


def _inside_quotes(value: Any, *, is_json: bool) -> str:
    if isinstance(value, str):
        return value
    plain = json.dumps(value, separators=(",", ":"))
    if not isinstance(value, dict | list):
        return plain
    if is_json:
        raise UndeliverableError("INVALID_JSON", f"an object or list stands inside quotes: {plain}")
    return plain.replace('"', "")


def _in_string(template: str, position: int) -> bool:
    before = re.sub(r"\\.", "", template[:position])
    return before.count('"') % 2 == 1


def _is_valid(text: str) -> bool:
    """Tell whether a text is one JSON value or more, as several lines of text in quotes are."""
    rest = text.strip()
    while rest:
        try:
            _, end = _DECODER.raw_decode(rest)
        except ValueError:
            return False
        rest = rest[end:].lstrip()
    return bool(text.strip())
