"""The parameters and pseudo parameters of a stack, and the rules of a template."""

from collections.abc import Mapping
from typing import Any

from emulator.cloudformation.expressions import TemplateScope
from emulator.cloudformation.providers.provider import ResourceError, StackLocation
from emulator.cloudformation.stacks import Stack
from emulator.cloudformation.templates import Template, TemplateError

_FROM_SSM = "AWS::SSM::Parameter::Value<String>"
_LISTS = frozenset({"CommaDelimitedList", "List<String>"})
_TYPES = _LISTS | {"String", "Number", _FROM_SSM}


def resolved(stack: Stack, template: Template, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters and pseudo parameters of a stack.

    Args:
        stack: to be deployed.
        template: declares them.
        values: as texts.

    Raises:
        TemplateError: one is missing, undeclared, or breaks a rule of the template.
    """
    declared = template.section("Parameters")
    if unknown := values.keys() - declared.keys():
        raise TemplateError(f"Parameters: [{', '.join(sorted(unknown))}] do not exist in the template")
    if missing := [name for name, each in declared.items() if name not in values and "Default" not in each]:
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    found = {name: _value(stack.location, declared[name], text) for name, text in texts(template, values).items()}
    whole = found | _pseudo(stack)
    _check(TemplateScope(template, whole))
    return whole


def texts(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each declared parameter: the passed one, or its default."""
    declared = template.section("Parameters")
    return {name: values[name] if name in values else _text(each["Default"]) for name, each in declared.items()}


def _text(value: Any) -> str:
    """Write a value of a template as CloudFormation does: parameters are texts."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(location: StackLocation, declared: Mapping[str, Any], text: str) -> Any:
    kind = declared["Type"]
    if kind not in _TYPES:
        raise TemplateError(f"the emulator does not have parameters of type {kind}")
    allowed = declared.get("AllowedValues")
    if allowed is not None and text not in map(_text, allowed):
        raise TemplateError(f"Parameter value {text!r} is none of {allowed}")
    if kind == _FROM_SSM:
        return _from_ssm(location, text)
    return [part.strip() for part in text.split(",")] if kind in _LISTS else text


def _from_ssm(location: StackLocation, name: str) -> str:
    try:
        return str(location.call("ssm", "GetParameter", Name=name)["Parameter"]["Value"])
    except ResourceError as error:
        raise TemplateError(f"Unable to fetch parameters [{name}] from parameter store for this account.") from error


def _pseudo(stack: Stack) -> dict[str, Any]:
    location = stack.location
    suffix = "amazonaws.com.cn" if location.partition == "aws-cn" else "amazonaws.com"
    return {
        "AWS::AccountId": location.account,
        "AWS::Region": location.region,
        "AWS::Partition": location.partition,
        "AWS::StackName": stack.name,
        "AWS::StackId": stack.id,
        "AWS::URLSuffix": suffix,
        "AWS::NotificationARNs": [],
    }


def _check(scope: TemplateScope) -> None:
    for rule in scope.template.section("Rules").values():
        if "RuleCondition" in rule and not scope.resolve(rule["RuleCondition"]):
            continue
        for assertion in rule["Assertions"]:
            if not scope.resolve(assertion["Assert"]):
                raise TemplateError(f"Template validation error: {assertion.get('AssertDescription', 'a rule')}")
