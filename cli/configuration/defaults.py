"""Adds the defaults of the schema to a configuration."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from cli.configuration.schema import resolved


def completed(schema: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return *document* with every default, in the schema's order.

    Args:
        schema: of the whole configuration.
        document: valid, or with mistakes that are left as they are.
    """
    sections = (key for key, fragment in schema["properties"].items() if fragment.get("type") == "object")
    filled: dict[str, Any] = _filled(schema, schema, {key: {} for key in sections} | dict(document))
    scope = filled["scope"]
    if isinstance(scope, dict) and scope.keys().isdisjoint(("accounts", "organization", "organizational_units")):
        scope["accounts"] = ["self"]
    return filled


def _filled(schema: Mapping[str, Any], fragment: Any, value: Any) -> Any:
    fragment = resolved(schema, fragment)
    for form in ("allOf", "anyOf", "oneOf"):
        for branch in fragment.get(form, ()):
            value = _filled(schema, branch, value)
    match value:
        case dict() if "properties" in fragment:
            return _filled_section(schema, fragment["properties"], value)
        case list() if "items" in fragment:
            return [_filled(schema, fragment["items"], item) for item in value]
        case _:
            return deepcopy(value)


def _filled_section(
    schema: Mapping[str, Any], properties: Mapping[str, Any], section: Mapping[str, Any]
) -> dict[str, Any]:
    filled = {}
    for key, fragment in properties.items():
        if key in section:
            filled[key] = _filled(schema, fragment, section[key])
        elif "default" in (rule := resolved(schema, fragment)):
            filled[key] = _filled(schema, rule, rule["default"])
        elif rule.get("type") == "object" and (inner := _filled(schema, rule, {})):
            filled[key] = inner
    return filled | {key: deepcopy(value) for key, value in section.items() if key not in filled}
