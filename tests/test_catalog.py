"""What holds for every function of the catalog: those that stand in it, and each that is added to it."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from moto.awslambda.models import lambda_backends
from moto.events.models import EventPattern

from cli.configuration.loading import compiled
from cli.configuration.schema import compose
from cli.hubs.emulated_hub import emulated_hub
from emulator.aws import Emulator
from emulator.iam.rights import rights_of
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import (
    UNREADABLE,
    Automation,
    EventTrigger,
    Permission,
    ScheduleTrigger,
    StreamTrigger,
)
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.deployment.permissions import common_permissions
from functions.shared.deployment.statements import statements
from tests.conftest import REGION, US, settings

ROOT = Path(__file__).parents[1]
HEADINGS = (
    "What it watches",
    "What triggers it",
    "The decision table",
    "Failure modes",
    "Runbook",
    "Sources",
)
NO_RESOURCE = "takes no resource"

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
every_automation = pytest.mark.parametrize("automation", AUTOMATIONS, ids=lambda automation: automation.name)


def folder_of(function: Automation) -> Path:
    return ROOT / "functions" / function.name


def readme_of(function: Automation) -> str:
    return (folder_of(function) / "README.md").read_text(encoding="utf-8")


def section_of(readme: str, heading: str) -> str:
    return readme.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def part_of(function: Automation, name: str) -> ModuleType:
    return import_module(f"functions.{function.name}.{name}")


def source_of(function: Automation, name: str) -> str:
    return (folder_of(function) / name).read_text(encoding="utf-8")


def events_of(function: Automation) -> dict[str, Any]:
    paths = sorted((folder_of(function) / "events").iterdir())
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def selections(function: Automation, event: Mapping[str, Any]) -> bool:
    """Tell whether one of the function's rules matches *event*."""
    rules = [trigger.pattern for trigger in function.triggers if isinstance(trigger, EventTrigger)]
    return any(_matches(pattern, event) for pattern in rules)


def _matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return bool(EventPattern.load(json.dumps(pattern)).matches_event(dict(event)))


# The folder


@every_function
def test_the_folder_is_whole(function: Automation) -> None:
    wanted = {"__init__.py", "README.md", "manifest.py", "decision.py", "effects.py", "handler.py", "events"}
    assert wanted <= {path.name for path in folder_of(function).iterdir()}
    assert events_of(function)
    twin = {path.name for path in (ROOT / "tests" / function.name).iterdir()}
    assert {"test_decision.py", "test_effects.py", "test_handler.py", "stories.py"} <= twin


@every_function
def test_the_manifest_names_what_is_in_its_own_folder(function: Automation) -> None:
    assert part_of(function, "manifest").AUTOMATION is function
    assert function.handler == f"functions.{function.name}.handler.lambda_handler"
    assert callable(part_of(function, "handler").lambda_handler)
    if function.run:
        assert function.run == f"functions.{function.name}.handler.run"
        assert callable(part_of(function, "handler").run)


def test_every_folder_stands_in_the_catalog_once() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/manifest.py")}
    assert sorted([*(function.name for function in FUNCTIONS), COMPLIANCE_RUN.name]) == sorted(folders)


@every_automation
def test_an_automation_sweeps_and_something_wakes_it_at_least_daily(automation: Automation) -> None:
    assert automation.run
    rates = [trigger.every.days for trigger in automation.triggers if isinstance(trigger, ScheduleTrigger)]
    assert min(rates) <= 1


@every_function
def test_the_readme_has_its_headings_in_their_order(function: Automation) -> None:
    readme = readme_of(function)
    assert re.findall(r"^## (.+)$", readme, re.MULTILINE) == [*HEADINGS]
    assert all(section_of(readme, heading).strip() for heading in HEADINGS)
    assert "https://docs.aws.amazon.com/" in section_of(readme, "Sources")


@every_automation
@pytest.mark.usefixtures("printed")
def test_an_event_of_an_unknown_shape_is_a_normal_end(automation: Automation) -> None:
    assert part_of(automation, "handler").lambda_handler({"source": "aws.x"}, None) == {"coverage": []}


# The checks


@every_automation
def test_the_checks_are_those_that_the_decision_names(automation: Automation) -> None:
    named = {value for value in vars(part_of(automation, "decision")).values() if isinstance(value, str)}
    assert {check.id for check in automation.checks} == {
        value for value in named if re.fullmatch(r"[a-z]+(-[a-z]+)+", value)
    }


@every_automation
def test_the_readme_tells_each_check_with_its_severity_and_no_other(automation: Automation) -> None:
    severities = {check.id: check.severity for check in (*automation.checks, UNREADABLE)}
    told = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)` ([A-Z]{3,})\b", readme_of(automation)))
    assert told == {*severities.items()}


@every_function
def test_each_check_says_what_a_person_does_next(function: Automation) -> None:
    for check in function.checks:
        assert check.next_step.endswith(".")
        assert "\n" not in check.next_step
        assert check.next_step[0].isupper()
        assert not check.title.endswith(".")
        assert check.title[0].isupper()


def test_no_two_automations_have_a_check_of_the_same_id() -> None:
    ids = [check.id for function in FUNCTIONS for check in function.checks]
    assert len(ids) == len(set(ids))
    assert UNREADABLE.id not in ids


# What triggers it


@every_function
def test_each_rule_matches_an_event_of_its_own_and_none_of_another(function: Automation) -> None:
    for trigger in function.triggers:
        if isinstance(trigger, EventTrigger):
            own = [*events_of(function).values()]  # two functions may file, and be woken by, the same event
            assert any(_matches(trigger.pattern, event) for event in own)
            others = [event for other in FUNCTIONS if other is not function for event in events_of(other).values()]
            assert not any(_matches(trigger.pattern, event) for event in others if event not in own)


@every_function
def test_each_event_wakes_the_function_that_it_is_filed_under(function: Automation) -> None:
    schedules = [trigger for trigger in function.triggers if isinstance(trigger, ScheduleTrigger)]
    filters = [f for trigger in function.triggers if isinstance(trigger, StreamTrigger) for f in trigger.filters]
    for name, event in events_of(function).items():
        if event == SWEEP_EVENT:
            assert schedules, name
        elif "Records" in event:
            assert all(any(_matches(f, record) for f in filters) for record in event["Records"]), name
        else:
            assert selections(function, event), name
        assert name.endswith(".synthetic.json") or event == SWEEP_EVENT, f"{name}: where does it come from?"


@every_function
def test_each_filter_of_the_stream_lets_an_event_of_ours_through(function: Automation) -> None:
    records = [record for event in events_of(function).values() for record in event.get("Records", ())]
    for trigger in function.triggers:
        if isinstance(trigger, StreamTrigger):
            assert all(any(_matches(pattern, record) for record in records) for pattern in trigger.filters)


# What it may do


def story_of(function: Automation) -> ModuleType:
    """Return the function's story: ``SECTIONS``, and ``play``, which yields whenever the function shall look."""
    return import_module(f"tests.{function.name}.stories")


def called(function: Automation, section: Mapping[str, Any]) -> set[str]:
    """Return the rights that the calls of the function took in its story, by the emulator's log."""
    others = {other.name: {"mode": "off"} for other in AUTOMATIONS if other is not function}
    document = settings(**others, **{function.name: dict(section)}).document
    taken: set[str] = set()
    with Emulator() as aws, emulated_hub(aws, compiled(document), US):
        for _ in story_of(function).play(aws):
            aws.calls.clear()
            outcome = aws.functions.invoke(lambda_backends[US][REGION].get_function(function.name), dict(SWEEP_EVENT))
            assert not outcome.failed, outcome.error
            for call in aws.calls:
                taken |= rights_of(call.name, call.parameters)
    return taken


def declared(function: Automation, section: Mapping[str, Any]) -> set[str]:
    """Return the rights that the role holds in this configuration, beside those that every function has."""
    whole = settings(**{function.name: dict(section)})
    return {s.action for s in statements(function.permissions, whole.section(function.name), [REGION])}


def hub(function: Automation) -> set[str]:
    """Return the rights to the hub's own ledger."""
    return {permission.action for permission in common_permissions(function, settings())}


def configurations(*, with_shipped: bool) -> list[Any]:
    shipped: dict[str, Any] = {"as shipped": {}} if with_shipped else {}
    return [
        pytest.param(function, section, id=f"{function.name}: {name}")
        for function in FUNCTIONS
        for name, section in (shipped | story_of(function).SECTIONS).items()
    ]


@pytest.mark.usefixtures("one_session")
@pytest.mark.parametrize(("function", "section"), configurations(with_shipped=True))
def test_no_call_is_made_without_a_declared_right(function: Automation, section: Mapping[str, Any]) -> None:
    made = called(function, section)
    assert made - hub(function) - declared(function, section) == set()


@pytest.mark.usefixtures("one_session")
@pytest.mark.parametrize(("function", "section"), configurations(with_shipped=False))
def test_no_right_is_declared_that_no_call_needs(function: Automation, section: Mapping[str, Any]) -> None:
    assert declared(function, section) - called(function, section) == set()


@every_function
def test_each_right_is_held_in_some_configuration_of_the_story(function: Automation) -> None:
    held = {action for section in story_of(function).SECTIONS.values() for action in declared(function, section)}
    assert held == {permission.action for permission in function.permissions}


def unreasoned(permissions: Iterable[Permission]) -> list[str]:
    """Return the rights to everything whose reason does not say that nothing narrower works."""
    return [p.action for p in permissions if "*" in p.resources and NO_RESOURCE not in p.reason]


@every_function
def test_a_right_to_everything_says_that_the_action_takes_no_resource(function: Automation) -> None:
    assert unreasoned((*function.permissions, *common_permissions(function, settings()))) == []


def test_a_right_to_everything_without_its_reason_is_caught() -> None:
    assert unreasoned([Permission("sqs:SendMessage", reason="sends")]) == ["sqs:SendMessage"]


@every_function
def test_a_right_is_one_action_by_its_name_and_has_a_reason(function: Automation) -> None:
    for permission in function.permissions:
        assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]+", permission.action)
        assert permission.reason
        assert all(key in function.settings["properties"] for key in permission.needs)


# The decision is pure, and the manifest is data

IMPURE_MODULES = {
    *("asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket"),
    *("subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid"),
}
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "now", "utcnow", "today"}
DATA_MODULES = frozenset({"collections", "datetime", "typing"})


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def impurities(source: str) -> list[str]:
    """Return what makes a module depend on more than its arguments."""
    found = [
        name
        for name in imported(source)
        if (root := name.split(".", maxsplit=1)[0]) in IMPURE_MODULES
        or (root not in sys.stdlib_module_names and name not in {"functions.shared.finding", "functions.shared.trust"})
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found += [name] if name in IMPURE_CALLS else []
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found += node.names
    return found


@every_function
def test_the_decision_is_pure(function: Automation) -> None:
    assert impurities(source_of(function, "decision.py")) == []


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import environ",
        "import boto3",
        "from functions.shared.aws.calls import Calls",
        "from . import effects",
        "import logging",
        "now = datetime.now(UTC)",
        "today = date.today()",
        "print('x')",
        "text = open('x').read()",
        "def f():\n    global x",
    ],
)
def test_a_decision_that_is_not_pure_is_caught(line: str) -> None:
    assert impurities(f"from datetime import UTC, date, datetime\n{line}\n")


@every_function
def test_the_manifest_is_data(function: Automation) -> None:
    source = source_of(function, "manifest.py")
    roots = {name if name.startswith("functions") else name.split(".")[0] for name in imported(source)}
    assert roots - DATA_MODULES == {"functions.shared.automation"}
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]


# The settings


def fragments(fragment: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield each key of a section, with its schema and whether it has to be given."""
    for key, inner in fragment.get("properties", {}).items():
        yield f"{path}.{key}", inner, key in fragment.get("required", ())
        yield from fragments(inner, f"{path}.{key}")
    if "items" in fragment:
        yield from fragments(fragment["items"], f"{path}[*]")


@every_function
def test_the_settings_are_json_schema_that_takes_its_own_defaults(function: Automation) -> None:
    schema = compose(FUNCTIONS)
    Draft202012Validator.check_schema(schema)
    whole = {**schema, "required": []}
    defaults = {key: inner["default"] for key, inner in function.settings["properties"].items()}
    assert not [*Draft202012Validator(whole).iter_errors({function.name: defaults})]


@every_function
def test_each_setting_is_described_and_says_what_its_absence_means(function: Automation) -> None:
    assert function.settings["description"]
    for path, fragment, is_required in fragments(function.settings, function.name):
        assert fragment["description"].endswith("."), path
        assert is_required or "default" in fragment or "Absent:" in fragment["description"], path
    assert all("default" in fragment for fragment in function.settings["properties"].values())


@every_function
def test_an_unknown_setting_is_an_error_at_every_level(function: Automation) -> None:
    sections = [function.settings, *(inner for _, inner, _ in fragments(function.settings, ""))]
    sections += [inner["items"] for inner in sections if "items" in inner]
    assert all(inner["additionalProperties"] is False for inner in sections if "properties" in inner)


@every_automation
def test_an_automation_can_be_switched_off(automation: Automation) -> None:
    modes = automation.settings["properties"]["mode"]
    assert "off" in modes["enum"]
    changes = any("mode" in permission.needs for permission in automation.permissions)
    assert modes["default"] == ("plan" if changes else "apply")


# The asset


@cache
def locked() -> frozenset[str]:
    """Return the top names in site-packages of all that ships in the layer."""
    lock = (ROOT / "requirements" / "lambda.txt").read_text(encoding="utf-8")
    files = [
        file for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE) for file in distribution(name).files or ()
    ]
    return frozenset(str(file).split("/", maxsplit=1)[0] for file in files if not str(file).startswith("."))


IMPORT_ALONE = """
import importlib, json, sys
sys.path[:0] = sys.argv[1:3]
importlib.import_module(sys.argv[3])
print(json.dumps(sorted(sys.modules)))
"""


@every_function
def test_the_asset_imports_with_nothing_else_on_the_path(function: Automation, tmp_path: Path) -> None:
    asset, layer = tmp_path / "asset", tmp_path / "layer"
    left_here = shutil.ignore_patterns("events", "*.md", "__pycache__")
    for name in ("shared", function.name):
        shutil.copytree(ROOT / "functions" / name, asset / "functions" / name, ignore=left_here)
    shutil.copy(ROOT / "functions" / "__init__.py", asset / "functions")
    layer.mkdir()
    site = Path(str(distribution("botocore").locate_file("")))
    for name in locked():
        (layer / name).symlink_to(site / name)
    module = function.handler.rpartition(".")[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    command = [sys.executable, "-I", "-S", "-c", IMPORT_ALONE, str(asset), str(layer), module]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)  # noqa: S603
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert module in loaded
    forbidden = {"boto3", "s3transfer", "pydantic", "aws_xray_sdk", "yaml", "jsonschema", "functions.catalog"}
    assert loaded & forbidden == set()
    assert {name for name in loaded if re.fullmatch(r"functions\.(?!shared\b)\w+", name)} == {module.rpartition(".")[0]}
