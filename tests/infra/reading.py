"""How the tests read a template."""

import json
from collections.abc import Iterator
from typing import Any

from cfnlint.api import ManualArgs, lint

Template = dict[str, Any]


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of one type, by logical id."""
    resources = template["Resources"].items()
    return {name: resource["Properties"] for name, resource in resources if resource["Type"] == f"AWS::{kind}"}


def arn_of(logical_id: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def statements_of(template: Template, role: str) -> Iterator[dict[str, Any]]:
    """All that a role allows, from its managed policies."""
    policies = of_type(template, "IAM::ManagedPolicy")
    for reference in of_type(template, "IAM::Role")[role]["ManagedPolicyArns"]:
        yield from policies[reference["Ref"]]["PolicyDocument"]["Statement"]


def function_of(template: Template, name: str) -> tuple[str, dict[str, Any]]:
    ((logical_id, properties),) = (
        (logical_id, properties)
        for logical_id, properties in of_type(template, "Lambda::Function").items()
        if properties["Handler"] == f"functions.{name}.handler.lambda_handler"
    )
    return logical_id, properties


def rights_of(template: Template, name: str) -> dict[str, dict[str, Any]]:
    """The statements of a function's role, by action."""
    role = function_of(template, name)[1]["Role"]["Fn::GetAtt"][0]
    return {statement["Action"]: statement for statement in statements_of(template, role)}


def lint_messages(template: Template, region: str = "us-east-1") -> list[str]:
    return [str(match) for match in lint(json.dumps(template), config=ManualArgs(regions=[region]))]


def policies_of(template: Template) -> Iterator[tuple[str, str]]:
    """The policies of a template: whether they are ``trust`` or ``identity``, and their text."""
    for properties in of_type(template, "IAM::ManagedPolicy").values():
        yield "identity", json.dumps(_plain(properties["PolicyDocument"]))
    for properties in of_type(template, "IAM::Role").values():
        yield "trust", json.dumps(_plain(properties["AssumeRolePolicyDocument"]))
        for inline in properties.get("Policies", ()):
            yield "identity", json.dumps(_plain(inline["PolicyDocument"]))


def _plain(value: Any) -> Any:
    match value:
        case list():
            return [_plain(each) for each in value]
        case dict() if len(value) != 1 or next(iter(value)) not in ("Fn::Join", "Fn::GetAtt", "Ref"):
            return {name: _plain(each) for name, each in value.items()}
        case dict():
            return joined(value)
    return value


def joined(value: Any) -> str:
    """Write a text of a template with what is not known yet in angle brackets."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(joined(part) for part in parts)
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
    return str(value)
