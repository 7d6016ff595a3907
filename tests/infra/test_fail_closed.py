"""A condition whose key AWS leaves out of a request allows nothing and forbids everything: no policy fails open."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Permission
from functions.shared.deployment import permissions
from functions.shared.deployment.permissions import common_permissions
from tests.infra.conftest import Compile, scope_of

GOLDEN = Path(__file__).parent / "golden"

IN_EVERY_REQUEST = {"aws:SecureTransport"}
"""Keys that AWS sends with each call.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


def statements_in(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every statement in a template, of whichever kind of policy."""
    match document:
        case {"Effect": _}:
            yield document
        case dict():
            for each in document.values():
                yield from statements_in(each)
        case list():
            for each in document:
                yield from statements_in(each)


def open_conditions(statement: Mapping[str, Any]) -> list[str]:
    """Return the conditions of a statement that are no limit where a key is absent."""
    blocks = [(operator, key) for operator, keys in statement.get("Condition", {}).items() for key in keys]
    demanded = {key for key, value in statement.get("Condition", {}).get("Null", {}).items() if value in FALSE}
    if statement["Effect"] == "Deny":
        return [
            f"{operator} {key}" for operator, key in blocks if _applies_not(operator) and key not in IN_EVERY_REQUEST
        ]
    whole = [name for name in ("NotAction", "NotResource", "NotPrincipal") if name in statement]
    return whole + [
        f"{operator} {key}"
        for operator, key in blocks
        if (operator == "Null" and key not in demanded) or (_holds_without(operator) and key not in demanded)
    ]


FALSE = ("false", ["false"], ("false",), False)


def _holds_without(operator: str) -> bool:
    """Say whether a condition holds for an absent key."""
    return "IfExists" in operator or "ForAllValues" in operator or "Not" in operator


def _applies_not(operator: str) -> bool:
    """Say whether a denial does not apply to an absent key."""
    return not _holds_without(operator) and operator != "Null"


@pytest.mark.parametrize("template", ["hub", "spoke_role", "forwarder"])
def test_no_policy_of_a_template_fails_open(template: str) -> None:
    found = list(statements_in(json.loads((GOLDEN / f"{template}.json").read_text(encoding="utf-8"))))
    assert len(found) > 3
    assert [(each, opened) for each in found if (opened := open_conditions(each))] == []


def declared(compile_settings: Compile) -> Iterator[Permission]:
    """Yield every permission that is written down anywhere, whatever the configuration calls for."""
    scope = {key: value for key, value in scope_of(organization=True).items() if key != "accounts"}
    settings = compile_settings(scope=scope, deployment={"organization_id": "o-exampleorgid"})
    for function in FUNCTIONS:
        yield from (*function.permissions, *common_permissions(function, settings))
        yield from function.poller.permissions if function.poller else ()
    for step in COMPLIANCE_RUN.steps:
        yield from step.permissions
    for written in vars(permissions).values():
        yield from written if isinstance(written, tuple) and all(isinstance(e, Permission) for e in written) else ()


def test_no_permission_fails_open_in_any_configuration(compile_settings: Compile) -> None:
    found = list(declared(compile_settings))
    assert {right.action for each in AUTOMATIONS for right in each.permissions} < {each.action for each in found}
    for permission in found:
        block: dict[str, dict[str, tuple[str, ...]]] = {}
        for condition in permission.conditions:
            block.setdefault(condition.operator, {})[condition.key] = condition.values
        assert open_conditions({"Effect": "Allow", "Condition": block}) == [], permission


@pytest.mark.parametrize(
    ("statement", "opened"),
    [
        ({"Effect": "Allow", "Condition": {"StringEquals": {"a:K": "v"}}}, []),
        ({"Effect": "Allow", "Condition": {"StringEqualsIfExists": {"a:K": "v"}}}, ["StringEqualsIfExists a:K"]),
        ({"Effect": "Allow", "Condition": {"StringNotEquals": {"a:K": "v"}}}, ["StringNotEquals a:K"]),
        ({"Effect": "Allow", "Condition": {"StringNotEquals": {"a:K": "v"}, "Null": {"a:K": "false"}}}, []),
        (
            {"Effect": "Allow", "Condition": {"ForAllValues:StringLike": {"a:K": "v"}, "Null": {"a:L": "false"}}},
            ["ForAllValues:StringLike a:K"],
        ),
        ({"Effect": "Allow", "Condition": {"Null": {"a:K": "true"}}}, ["Null a:K"]),
        ({"Effect": "Allow", "NotAction": "a:*"}, ["NotAction"]),
        ({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, []),
        ({"Effect": "Deny", "Condition": {"StringEquals": {"a:K": "v"}}}, ["StringEquals a:K"]),
        ({"Effect": "Deny", "Condition": {"StringNotEquals": {"a:K": "v"}}}, []),
    ],
)
def test_what_fails_open_is_found(statement: dict[str, Any], opened: list[str]) -> None:
    assert open_conditions(statement) == opened
