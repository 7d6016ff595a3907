"""What a target gets instead of the event: Input, InputPath or InputTransformer."""

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.(?P<name>[A-Za-z0-9_-]+)|\[(?P<index>[0-9]+)\]|\['(?P<quoted>[^']+)'\]")
_SUBSTITUTION = re.compile(r"<(?P<name>[A-Za-z0-9_.-]+)>")
_ABSENT = object()


def text_for(target: Mapping[str, Any], event: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Return what *target* gets for *event*.

    Args:
        target: in the form of PutTargets.
        event: in the form of EventBridge.
        known: values of AWS's own variables, such as ``aws.events.rule-arn``.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = at_path(event, target["InputPath"])
        return json.dumps({} if found is _ABSENT else found)
    if transformer := target.get("InputTransformer"):
        paths = transformer.get("InputPathsMap", {})
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
    """Put *variables* into *template*: as text inside a JSON string, as JSON elsewhere, and nothing for absent ones."""
    is_json = template.lstrip()[:1] in ("{", "[", '"')

    def put(found: re.Match[str]) -> str:
        value = variables.get(found["name"], _ABSENT)
        if value is _ABSENT:
            return "" if _in_string(template, found.start()) or not is_json else '""'
        if not is_json:
            return value if isinstance(value, str) else json.dumps(value)
        if not _in_string(template, found.start()):
            return json.dumps(value)
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]

    return _SUBSTITUTION.sub(put, template)


def _in_string(template: str, position: int) -> bool:
    before = re.sub(r"\\.", "", template[:position])
    return before.count('"') % 2 == 1
