"""Templates in JSON or YAML."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from moto.cloudformation.utils import yaml_tag_constructor

_SECTIONS = frozenset(
    {
        *("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions"),
        *("Resources", "Outputs"),
    }
)
_NAME = re.compile("[a-zA-Z0-9]+")


class TemplateError(Exception):
    """A template is malformed, or uses something that the emulator does not have; the message says where."""


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as ``!Sub``."""


_Loader.add_multi_constructor("", yaml_tag_constructor)
_Loader.add_constructor("!Condition", lambda _, node: {"Condition": str(node.value)})
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Template:
    """A template.

    Attributes:
        text: the original.
        body: its sections.
    """

    text: str
    body: Mapping[str, Any]

    @classmethod
    def read(cls, text: str) -> "Template":
        """Parse JSON or YAML.

        Raises:
            TemplateError: it is neither, has no resources, has an unknown section, or names what it does not have.
        """
        try:
            body = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, _Loader)  # noqa: S506
        except (ValueError, yaml.YAMLError) as error:
            raise TemplateError(f"Template format error: {error}") from error
        if not isinstance(body, Mapping) or not body.get("Resources"):
            raise TemplateError("Template format error: At least one Resources member must be defined.")
        if unknown := body.keys() - _SECTIONS:
            raise TemplateError(f"Invalid template property or properties {sorted(unknown)}")
        _check_names(body)
        return cls(text, body)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section; an absent section is empty."""
        found: Mapping[str, Any] = self.body.get(name) or {}
        return found


def _check_names(body: Mapping[str, Any]) -> None:
    """Make sure that resources have names that AWS takes, and that every name that is used stands in the template.

    Raises:
        TemplateError: that is not so.
    """
    resources = body["Resources"]
    if odd := [name for name in resources if _NAME.fullmatch(str(name)) is None]:
        raise TemplateError(f"Template format error: Resource name {odd[0]} is non alphanumeric.")
    known = {*resources, *(body.get("Parameters") or ())}
    used = {
        "Resources": [name for each in resources.values() for name in references(each.get("Properties"))],
        "Outputs": [name for each in (body.get("Outputs") or {}).values() for name in references(each)],
    }
    missing = {name for each in resources.values() for name in dependencies(each)} - set(resources)
    for block, names in used.items():
        missing |= {name for name in names if name not in known and not name.startswith("AWS::")}
        if missing:
            listed = ", ".join(sorted(missing))
            reason = f"Unresolved resource dependencies [{listed}] in the {block} block of the template"
            raise TemplateError(f"Template format error: {reason}")


def dependencies(definition: Mapping[str, Any]) -> list[str]:
    """Return the resources that a resource says that it depends on."""
    depends = definition.get("DependsOn", [])
    return [depends] if isinstance(depends, str) else list(depends)


def references(value: Any) -> Iterator[str]:
    """Yield the names of resources, parameters and pseudo parameters in an expression."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), attribute]}:
            yield name
            yield from references(attribute)
        case {"Fn::GetAtt": str(path)}:
            yield path.split(".", 1)[0]
        case {"Fn::Sub": [str(text), dict(given)]}:
            yield from (name for name in substitutions_in(text) if name not in given)
            yield from references(given)
        case {"Fn::Sub": str(text)}:
            yield from substitutions_in(text)
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def substitutions_in(text: str) -> Iterator[str]:
    """Yield the names in ``${…}`` in a text of ``Fn::Sub``, each without its attribute."""
    for part in text.split("${")[1:]:
        name = part.partition("}")[0]
        if not name.startswith("!"):
            yield name.split(".", 1)[0]
