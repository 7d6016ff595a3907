"""The intrinsic functions of a template, evaluated for one stack.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloudformation.templates import Template, TemplateError

_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class TemplateScope:
    """The values of names in a template.

    Attributes:
        template: with the expressions.
        values: of parameters and pseudo parameters, by name.
        refs: what ``Ref`` returns, by resource.
        attributes: what ``Fn::GetAtt`` returns, by resource.
        exports: what ``Fn::ImportValue`` returns.
    """

    template: Template
    values: Mapping[str, Any]
    refs: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """Return *value* with all expressions evaluated; ``AWS::NoValue`` is left out.

        Raises:
            TemplateError: a name or a function is unknown.
        """
        match value:
            case {"Ref": name} if len(value) == 1:
                return self._ref(name)
            case dict() if len(value) == 1 and (function := next(iter(value))).startswith("Fn::"):
                return self._call(function, value[function])
            case {"Condition": str(name)} if len(value) == 1:
                return self.holds(name)
            case dict():
                return {key: inner for key, raw in value.items() if (inner := self.resolve(raw)) is not _NOTHING}
            case list():
                return [inner for raw in value if (inner := self.resolve(raw)) is not _NOTHING]
        return value

    def holds(self, condition: str) -> bool:
        """Tell whether a condition of the template holds."""
        try:
            return bool(self.resolve(self.template.section("Conditions")[condition]))
        except KeyError:
            raise TemplateError(f"Unresolved condition dependency {condition}") from None

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        for known in (self.values, self.refs):
            if name in known:
                return known[name]
        raise TemplateError(f"Unresolved resource dependencies [{name}]")

    def _attribute(self, resource: str, attribute: str) -> Any:
        if resource not in self.attributes:
            raise TemplateError(f"Unresolved resource dependencies [{resource}]")
        if attribute not in self.attributes[resource]:
            raise TemplateError(f"the emulator does not have the attribute {attribute} of {resource}")
        return self.attributes[resource][attribute]

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Fn::If":
            condition, yes, no = argument
            return self.resolve(yes if self.holds(condition) else no)
        if function == "Fn::GetAtt":
            resource, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
            return self._attribute(resource, str(self.resolve(attribute)))
        if function == "Fn::Sub":
            return self._sub(argument)
        if function not in _FUNCTIONS and function not in ("Fn::FindInMap", "Fn::ImportValue"):
            raise TemplateError(f"the emulator does not have the function {function}")
        resolved = self.resolve(argument)
        if function == "Fn::FindInMap":
            return self._find(*resolved)
        if function == "Fn::ImportValue":
            return self._import(resolved)
        return _FUNCTIONS[function](resolved)

    def _find(self, name: str, first: str, second: str) -> Any:
        try:
            return self.template.section("Mappings")[name][first][second]
        except KeyError as missing:
            raise TemplateError(f"Mapping {name} has no {first}.{second}") from missing

    def _import(self, name: str) -> str:
        if name not in self.exports:
            raise TemplateError(f"No export named {name} found.")
        return self.exports[name]

    def _sub(self, argument: Any) -> str:
        text, values = argument if isinstance(argument, list) else (argument, {})
        more = self.resolve(values)

        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in more:
                return str(more[name])
            resource, dot, attribute = name.partition(".")
            return str(self._attribute(resource, attribute) if dot else self._ref(name))

        return _SUBSTITUTION.sub(value_of, text)


def _join(argument: list[Any]) -> str:
    separator, parts = argument
    return str(separator).join(map(_text, parts if isinstance(parts, list) else [parts]))


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _select(argument: list[Any]) -> Any:
    index, values = argument
    return values[int(index)]


_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::And": all,
    "Fn::Base64": lambda text: b64encode(text.encode()).decode(),
    "Fn::Contains": lambda argument: argument[1] in argument[0],
    "Fn::Equals": lambda argument: _text(argument[0]) == _text(argument[1]),
    "Fn::Join": _join,
    "Fn::Not": lambda argument: not argument[0],
    "Fn::Or": any,
    "Fn::Select": _select,
    "Fn::Split": lambda argument: argument[1].split(argument[0]),
    "Fn::ToJsonString": lambda argument: json.dumps(argument, separators=(",", ":")),
}
