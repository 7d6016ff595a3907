"""Templates in JSON or YAML."""

import json
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


class TemplateError(Exception):
    """A template is malformed, or uses something that the emulator does not have; the message says where."""


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as ``!Sub``."""


_Loader.add_multi_constructor("", yaml_tag_constructor)
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
            TemplateError: it is neither, has no resources, or has an unknown section.
        """
        try:
            body = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, _Loader)  # noqa: S506
        except (ValueError, yaml.YAMLError) as error:
            raise TemplateError(f"Template format error: {error}") from error
        if not isinstance(body, Mapping) or not body.get("Resources"):
            raise TemplateError("Template format error: At least one Resources member must be defined.")
        if unknown := body.keys() - _SECTIONS:
            raise TemplateError(f"Invalid template property or properties {sorted(unknown)}")
        return cls(text, body)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section; an absent section is empty."""
        found: Mapping[str, Any] = self.body.get(name) or {}
        return found


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
