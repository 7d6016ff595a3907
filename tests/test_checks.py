"""What holds for every check of the catalog: its texts can be filled in, its command is AWS's, its page is there."""

import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import Session

from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.shared.automation import ACCOUNT_UNREADABLE, UNREADABLE, Automation, Check
from tests.alerts import (
    RUNBOOKS,
    assert_aws_has,
    assert_hostile_values_act_nowhere,
    assert_page_is_whole,
    assert_supersedes_only_less,
)

ROOT = Path(__file__).parents[1]
OF_EVERY_FINDING = {"name", "account", "region", "resource", "occurrence", "automation"}
OF_EVERY_AUTOMATION = (UNREADABLE, ACCOUNT_UNREADABLE)
OWN = [(automation, check) for automation in FUNCTIONS for check in automation.checks]

every_check = pytest.mark.parametrize(
    "check", [*(check for _, check in OWN), *OF_EVERY_AUTOMATION], ids=lambda check: check.id
)
every_own_check = pytest.mark.parametrize(("automation", "check"), OWN, ids=[check.id for _, check in OWN])


def members(shape: Shape, seen: set[str]) -> set[str]:
    """Return the names of all members of a shape, at any depth; those of shapes that were *seen* are known."""
    if shape.name in seen:
        return set()
    seen.add(shape.name)
    match shape:
        case StructureShape():
            return set(shape.members).union(*(members(inner, seen) for inner in shape.members.values()))
        case ListShape():
            return members(shape.member, seen)
        case MapShape():
            return members(shape.value, seen)
        case _:
            return set()


@cache
def words_of_aws(*services: str) -> frozenset[str]:
    """Return the names that AWS's models of services give to members of requests and answers."""
    models = map(Session().get_service_model, services)
    operations = (model.operation_model(name) for model in models for name in model.operation_names)
    shapes = (shape for each in operations for shape in (each.input_shape, each.output_shape) if shape)
    seen: set[str] = set()
    return frozenset(name for shape in shapes for name in members(shape, seen))


@cache
def words_of_ours(automation: str) -> frozenset[str]:
    """Return the names that an automation itself gives to members of the evidence: keywords and keys in its source."""
    folder = ROOT / "functions" / automation
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.stem != "manifest"]
    found = re.findall(r"\"(\w+)\"|\b(\w+)=", "\n".join(sources))
    return frozenset(word for pair in found for word in pair if word)


def places(*templates: str) -> set[str]:
    """Return the names that stand in braces in templates."""
    return {name for template in templates for _, name, _, _ in Formatter().parse(template) if name is not None}


@every_own_check
def test_a_text_names_only_what_a_finding_can_have(automation: Automation, check: Check) -> None:
    named = places(check.title, check.next_step, check.command, check.console)
    assert named - OF_EVERY_FINDING - words_of_aws(*automation.services) - words_of_ours(automation.name) == set()


@every_check
def test_a_title_says_which_thing_it_is_about(check: Check) -> None:
    assert places(check.title)


@every_check
def test_a_next_step_is_made_of_sentences(check: Check) -> None:
    assert re.fullmatch(r"(?:[A-Z{`].*?[.](?: |$))+", check.next_step)
    assert "unknown" not in check.next_step


@every_own_check
def test_a_command_is_one_that_aws_has_whatever_the_finding_holds(automation: Automation, check: Check) -> None:
    assert check.command, automation.name
    assert_hostile_values_act_nowhere(check)


@every_check
def test_a_check_has_its_page(check: Check) -> None:
    assert_page_is_whole(check)


def test_every_page_is_about_a_check() -> None:
    known = {check.id for check in (*(check for _, check in OWN), *OF_EVERY_AUTOMATION)}
    assert {page.stem for page in RUNBOOKS.glob("*.md")} - {"README"} == known


@pytest.mark.parametrize("automation", AUTOMATIONS, ids=lambda automation: automation.name)
def test_what_takes_the_place_of_another_is_no_less(automation: Automation) -> None:
    assert_supersedes_only_less(automation)


def test_a_planted_command_is_caught() -> None:
    for command in (
        "aws ram list-resource --region us-east-1",
        "aws ram list-resources --region us-east-1",
        "aws ram list-resources --region us-east-1 --resource-owner SELF --resource-share arn:1",
        "aws ram list-resources --resource-owner SELF",
        "aws ram list-resources --region 'us-east-1 --resource-owner SELF",
    ):
        with pytest.raises((AssertionError, KeyError)):
            assert_aws_has(command)
