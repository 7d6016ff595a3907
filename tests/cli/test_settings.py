"""A configuration becomes complete settings whose hash says what they are."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from cli.configuration.defaults import completed
from cli.configuration.loading import check, load
from cli.configuration.schema import compose
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.shared.automation import Check
from tests.cli.conftest import Accept, Write

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yaml"))


def test_everything_but_version_and_scope_has_a_default(accepted: Accept) -> None:
    document = accepted("version: 1\nscope: {}\n").settings.document
    assert document["hub"] == {"account": "self", "region": "us-east-1"}
    assert document["scope"] == {
        "accounts": ["self"],
        "exclude_accounts": [],
        "regions": ["us-east-1", "eu-west-1"],
        "spoke_role": "watchkeeper-spoke",
        "external_id": "",
    }
    assert document["ram_invitations"] == {
        "mode": "plan",
        "trust": [],
        "untrusted": "hold",
        "accept_limit_per_run": 50,
        "flood_limit": 200,
        "warn_at_remaining": 0.5,
    }
    assert document["notifications"]["minimum_severity"] == "MEDIUM"
    assert (document["mutes"], document["removal"]) == ([], "retain")
    assert document["report"] == {"retention_days": 400, "object_lock": False}


@pytest.mark.parametrize("way", ["organization: true", "organizational_units: [ou-ab12-cd34ef56]"])
def test_another_way_to_name_accounts_takes_the_place_of_self(accepted: Accept, way: str) -> None:
    assert "accounts" not in accepted(f"version: 1\nscope: {{{way}}}\n").settings.scope


def test_items_of_lists_get_their_defaults_too(accepted: Accept) -> None:
    rule = '{name: a, accounts: ["210987654321"]}'
    settings = accepted(f"version: 1\nscope: {{}}\nram_invitations: {{trust: [{rule}]}}\n").settings
    assert settings.section("ram_invitations")["trust"] == [
        {"name": "a", "accounts": ["210987654321"], "allow_irreversible": False}
    ]


def test_off_is_a_mode_and_no_falsehood(accepted: Accept) -> None:
    assert (
        accepted("version: 1\nscope: {}\nram_invitations: {mode: off}\n").settings.section("ram_invitations")["mode"]
        == "off"
    )


def test_the_hash_is_that_of_everything_else(accepted: Accept) -> None:
    document = dict(accepted("version: 1\nscope: {}\n").settings.document)
    config_hash = document.pop("config_hash")
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    assert config_hash == sha256(canonical.encode()).hexdigest()[:16]


def test_order_comments_and_spelled_out_defaults_leave_the_hash_alone(accepted: Accept) -> None:
    first = accepted("version: 1\nscope: {}\n").settings.config_hash
    assert accepted("# hello\nscope: {accounts: [self]}\nremoval: retain\nversion: 1\n").settings.config_hash == first
    assert accepted("version: 1\nscope: {}\nremoval: destroy\n").settings.config_hash != first


def test_a_new_automation_brings_its_own_section(write: Write) -> None:
    fragment = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "mode": {"enum": ["off", "apply"], "default": "apply"},
            "limits": {"type": "object", "properties": {"creating": {"type": "integer", "default": 60}}},
            "allowed": {
                "anyOf": [{"type": "array", "items": {"$ref": "#/$defs/region"}}, {"type": "null"}],
                "default": None,
            },
        },
    }
    toy = replace(
        FUNCTIONS[0],
        name="toys",
        settings=fragment,
        checks=(Check("toy-broken", "LOW", "Toy is broken", "Repair it."),),
    )
    mute = "{resource: r, check: toy-broken, reason: r, owner: o, expires: 2099-01-01}"
    path = write(f"version: 1\nscope: {{}}\ntoys: {{allowed: [eu-west-1]}}\nmutes: [{mute}]\n")
    settings = load(path, (*FUNCTIONS, toy))
    assert settings.section("toys") == {"mode": "apply", "limits": {"creating": 60}, "allowed": ["eu-west-1"]}


def test_an_automation_without_any_setting_has_an_empty_section(write: Write) -> None:
    bare = replace(FUNCTIONS[0], name="bare", settings={"type": "object", "additionalProperties": False}, checks=())
    assert load(write("version: 1\nscope: {}\n"), (bare,)).section("bare") == {}


def test_completing_leaves_what_was_given_untouched() -> None:
    given = {"version": 1, "scope": {}, "ram_invitations": {"trust": [{"name": "a", "accounts": []}]}}
    before = json.dumps(given)
    completed(compose(), given)["ram_invitations"]["trust"][0]["accounts"].append("x")
    assert json.dumps(given) == before


def test_the_shipped_configuration_trusts_nobody_and_changes_nothing() -> None:
    configuration = check(ROOT / "watchkeeper.yaml")
    section = configuration.settings.section("ram_invitations")
    assert (section["trust"], configuration.warnings) == ([], ())
    changing = [a.name for a in AUTOMATIONS if any(permission.changes for permission in a.permissions)]
    assert {configuration.settings.section(name)["mode"] for name in changing} == {"plan"}
    assert "ram_invitations" in changing


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_and_warns_of_nothing(path: Path) -> None:
    assert check(path).warnings == ()


def test_there_is_an_example_of_one_account_of_several_of_an_organization_and_a_strict_one() -> None:
    assert {path.stem for path in EXAMPLES} == {"single-account", "several-accounts", "organization", "strict"}
    sections = {path.stem: load(path) for path in EXAMPLES}
    assert len(sections["several-accounts"].scope["accounts"]) > 1
    assert sections["strict"].section("ram_invitations")["untrusted"] == "reject"
    assert sections["single-account"].section("ram_invitations")["trust"]
