"""The JSON Schema is generated, committed, valid, and the one that editors are pointed to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from cli.configuration import sections
from cli.configuration.schema import COMMITTED, compose, text
from functions.catalog import FUNCTIONS
from functions.shared.automation import Automation, checks_of

ROOT = Path(__file__).parents[2]
CONFIGURATIONS = [ROOT / "watchkeeper.yaml", *sorted((ROOT / "docs" / "examples").glob("*.yaml"))]


def _fragments(fragment: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(fragment, dict):
        yield path, fragment
        for key, inner in fragment.items():
            yield from _fragments(inner, f"{path}/{key}")
    elif isinstance(fragment, list):
        for place, inner in enumerate(fragment):
            yield from _fragments(inner, f"{path}/{place}")


def test_it_keeps_to_the_metaschema() -> None:
    Draft202012Validator.check_schema(compose())


def test_the_committed_one_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), "make schema writes it again"


@pytest.mark.parametrize("automation", FUNCTIONS, ids=lambda automation: automation.name)
def test_a_manifest_alone_defines_its_section(automation: Automation) -> None:
    assert compose()["properties"][automation.name] == automation.settings


def test_every_check_of_every_manifest_can_be_muted() -> None:
    checks = {*checks_of(FUNCTIONS)}
    assert set(compose()["properties"]["mutes"]["items"]["properties"]["check"]["anyOf"][0]["enum"]) == checks


def test_every_default_is_allowed_by_its_own_fragment() -> None:
    schema = compose()
    for path, fragment in _fragments(schema):
        if "default" in fragment and not path.endswith("/properties"):
            Draft202012Validator({**fragment, "$defs": sections.DEFINITIONS}).validate(fragment["default"])


def test_every_key_is_described() -> None:
    for path, fragment in _fragments(compose()["properties"]):
        if path.endswith("/properties"):
            assert [key for key, rule in fragment.items() if "description" not in rule] == [], path


def test_what_has_a_pattern_says_in_words_what_it_wants() -> None:
    without_words = [
        p
        for p, f in _fragments(compose())
        if isinstance(f.get("pattern"), str) and not f.keys() & {"title", "description"}
    ]
    assert without_words == [], 'add a "title", such as "an e-mail address": it stands in error messages'


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_a_configuration_points_editors_to_it(path: Path) -> None:
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    marker, _, target = first_line.partition("=")
    assert marker == "# yaml-language-server: $schema"
    assert (path.parent / target).resolve() == COMMITTED.resolve()


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_a_plain_validator_agrees(path: Path) -> None:
    document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    Draft202012Validator(json.loads(COMMITTED.read_text(encoding="utf-8"))).validate(
        json.loads(json.dumps(document, default=str))
    )
