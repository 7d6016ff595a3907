"""What the configuration of resource shares says, and what it refuses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.configuration.loading import load
from cli.configuration.problems import ConfigurationError
from functions.resource_shares.decision import Policy
from functions.resource_shares.manifest import AUTOMATION
from functions.shared.deployment.statements import statements
from tests.conftest import REGION, settings

SCOPE = 'version: 1\nscope: {accounts: [self], regions: ["us-east-1"]}\n'


def _load(tmp_path: Path, section: str) -> Mapping[str, Any]:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text(f"{SCOPE}resource_shares:\n{section}", encoding="utf-8")
    return load(path).section("resource_shares")


@pytest.mark.parametrize("section", ["  mode: apply\n", "  mode: apply\n  allowed_principals: null\n"])
def test_apply_demands_a_list_of_allowed_principals(tmp_path: Path, section: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, section)
    (problem,) = caught.value.problems
    assert problem.path == "resource_shares.allowed_principals"
    assert problem.found == "no list of allowed principals, with mode: apply"
    assert "[] for nobody" in problem.expected


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("  mode: plan\n", None),
        ("  mode: plan\n  allowed_principals: null\n", None),
        ("  mode: apply\n  allowed_principals: []\n", []),
        ('  mode: apply\n  allowed_principals: ["123456789012"]\n', ["123456789012"]),
    ],
)
def test_null_and_an_empty_list_are_two_things(tmp_path: Path, given: str, read: list[str] | None) -> None:
    section = _load(tmp_path, given)
    assert section["allowed_principals"] == read
    assert Policy.from_settings(section, []).allowed == (None if read is None else frozenset(read))


@pytest.mark.parametrize(
    "principal",
    ["123456789012345", "*", "arn:aws:iam::123456789012:role/*", "arn:aws:s3:::bucket", "o-abcdefghij", ""],
)
def test_what_is_no_principal_is_refused(tmp_path: Path, principal: str) -> None:
    with pytest.raises(ConfigurationError):
        _load(tmp_path, f'  mode: apply\n  allowed_principals: ["{principal}"]\n')


@pytest.mark.parametrize(
    ("section", "conditions"),
    [
        ({"mode": "plan", "allowed_principals": ["123456789012"]}, None),
        ({"mode": "apply", "allowed_principals": None}, None),
        ({"mode": "apply", "allowed_principals": []}, {"Null": {"ram:Principal": ("false",)}}),
        (
            {"mode": "apply", "allowed_principals": ["222222222222", "111111111111"]},
            {
                "Null": {"ram:Principal": ("false",)},
                "StringNotEquals": {"ram:Principal": ("111111111111", "222222222222")},
            },
        ),
    ],
)
def test_the_role_can_remove_only_whom_the_configuration_does_not_allow(
    section: dict[str, Any], conditions: Mapping[str, Any] | None
) -> None:
    whole = settings(resource_shares=section).section("resource_shares")
    held = [
        s
        for s in statements(AUTOMATION.permissions, whole, [REGION])
        if s.action.endswith(":DisassociateResourceShare")
    ]
    here = {"StringEquals": {"aws:RequestedRegion": (REGION,)}}
    assert [statement.conditions for statement in held] == ([] if conditions is None else [{**conditions, **here}])
    assert all("{account}" in resource for statement in held for resource in statement.resources)
