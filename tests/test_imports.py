"""Who may import whom, by reading the imports of every file."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from tests.rooms import PACKAGES, ROOT, circle, drawn, files, floors, folders, imports_of, module_of, modules, rooms


@dataclass(frozen=True, slots=True)
class Wall:
    """What the modules behind it may import.

    Attributes:
        inside: the dotted names of the modules behind the wall; ``*`` may stand for more than one part.
        opens_to: what they may import; the standard library is always open, ``{own}`` is the module's own package.
        closes_to: what they may not import all the same.
    """

    inside: str
    opens_to: tuple[str, ...]
    closes_to: tuple[str, ...] = ()


SHARED = ("functions.shared.*", "botocore", "botocore.*", "aws_lambda_powertools", "aws_lambda_powertools.*")
WALLS = (
    Wall("functions", ()),
    Wall("functions.catalog", ("functions.*.manifest", "functions.shared.automation")),
    Wall("functions.shared*", SHARED),
    Wall("functions.*.decision", ("functions.shared.finding", "functions.shared.trust")),
    Wall("functions.*.manifest", ("functions.shared.automation",)),
    Wall("functions.*.effects", (*SHARED, "{own}.*"), ("{own}.handler", "{own}.manifest")),
    Wall(
        "functions.*.poller",
        (*SHARED, "{own}.*", "aws_durable_execution_sdk_python.*"),
        ("{own}.handler",),
    ),
    Wall("functions.report*", ("functions.report.*", "functions.shared.*")),
    Wall("functions.compliance_run.*", (*SHARED, "{own}.*", "functions.report.*")),
    Wall("functions.notifications.*", (*SHARED, "functions.notifications.*")),
    Wall("functions.*", (*SHARED, "{own}.*")),
    Wall("bundling*", ("bundling.*", "functions.catalog", "functions.shared.*")),
    Wall(
        "infra*",
        ("infra.*", "bundling.*", "functions.catalog", "functions.shared.*", "aws_cdk*", "cdk_nag", "constructs"),
    ),
    Wall("emulator*", ("*",), ("functions*", "infra*", "cli*", "tests*", "benchmarks*", "app")),
    Wall("cli*", ("*",), ("infra*", "tests*", "benchmarks*", "app", "aws_cdk*", "constructs*")),
)
"""The first wall whose inside matches is a module's wall."""

PLANTED = [
    ("functions.ram_invitations.decision", "import boto3"),
    ("functions.ram_invitations.decision", "from functions.shared.aws.calls import CallError"),
    ("functions.ram_invitations.decision", "from functions.ram_invitations.effects import Ram"),
    ("functions.ram_invitations.manifest", "from botocore.session import Session"),
    ("functions.ram_invitations.manifest", "from functions.ram_invitations.decision import UNTRUSTED"),
    ("functions.ram_invitations.effects", "from functions.ram_invitations.handler import run"),
    ("functions.ram_invitations.effects", "from functions.notifications.effects import Topic"),
    ("functions.ram_invitations.effects", "import boto3.session"),
    ("functions.ram_invitations.handler", "from functions.notifications import decision"),
    ("functions.ram_invitations.handler", "def late():\n    from functions.catalog import AUTOMATIONS"),
    ("functions.mrap_operations.poller", "import boto3"),
    ("functions.mrap_operations.poller", "from functions.mrap_operations.handler import run"),
    ("functions.mrap_operations.handler", "from aws_durable_execution_sdk_python.config import Duration"),
    ("functions.notifications.messages", "import emulator.aws"),
    ("functions.report.html.page", "import botocore"),
    ("functions.report.ocsf", "from functions.catalog import FUNCTIONS"),
    ("functions.shared.run.sweep", "from functions.ram_invitations import decision"),
    ("functions.shared.run.sweep", "from functions import catalog"),
    ("functions.shared.run.sweep", "from ...notifications.decision import Record"),
    ("functions.shared.aws.calls", "import moto"),
    ("functions.catalog", "from functions.ram_invitations.handler import run"),
    ("functions", "from functions import shared"),
    ("bundling.assets", "from infra.hub import HubStack"),
    ("bundling.packages", "import aws_cdk"),
    ("infra.hub", "from functions.ram_invitations.handler import run"),
    ("infra.hub", "from functions.ram_invitations.manifest import AUTOMATION"),
    ("infra.hub", "from cli.configuration.loading import load"),
    ("infra.hub", "if True:\n    import emulator"),
    ("emulator.aws", "import functions"),
    ("emulator.ram.models", "from cli import hub"),
    ("emulator.delivery.topics", "from infra.hub import HubStack"),
    ("cli.main", "import infra"),
    ("cli.verbs.plan", "from aws_cdk import App"),
    ("cli.demo.day", "from tests.conftest import NOW"),
]


def wall_of(module: str) -> Wall:
    """Return the wall that *module* stands behind."""
    return next(wall for wall in WALLS if fnmatchcase(module, wall.inside))


def breaches(module: str, source: str) -> list[str]:
    """Return what *module* imports through its wall."""
    wall, own = wall_of(module), module.rpartition(".")[0]
    return [name for name in imports_of(module, source) if not _passes(wall, own, name)]


def _passes(wall: Wall, own: str, name: str) -> bool:
    if name.split(".", maxsplit=1)[0] in sys.stdlib_module_names:
        return True
    opens = any(fnmatchcase(name, pattern.format(own=own)) for pattern in wall.opens_to)
    return opens and not any(fnmatchcase(name, pattern.format(own=own)) for pattern in wall.closes_to)


def modules_of_the_cdk(source: str) -> Iterator[str]:
    """Yield the CDK's modules that *source* imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "aws_cdk":
            yield node.module
            yield from (f"aws_cdk.{alias.name}" for alias in node.names if alias.name.startswith("aws_"))


FILES = files()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_goes_through_a_wall(package: str) -> None:
    ours = [path for path in FILES if path.relative_to(ROOT).parts[0] == package]
    found = {module_of(path): breaches(module_of(path), path.read_text(encoding="utf-8")) for path in ours}
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(("module", "line"), PLANTED)
def test_a_planted_import_is_caught(module: str, line: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    source = next(p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()).read_text(encoding="utf-8")
    assert breaches(module, source) == []
    assert len(breaches(module, f"{source}\n{line}\n")) == 1


def test_no_wall_stands_for_nothing() -> None:
    assert {wall_of(module_of(path)) for path in FILES} == set(WALLS)


def test_every_file_of_ours_stands_behind_a_wall() -> None:
    assert len(FILES) > 100
    assert all(wall_of(module_of(path)) for path in FILES)


def test_what_is_used_of_the_cdk_is_what_mypy_reads_of_it() -> None:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["overrides"]
    (read,) = (set(each["module"]) for each in overrides if each.get("follow_imports") == "normal")
    sources = [path.read_text(encoding="utf-8") for path in (*FILES, ROOT / "app.py")]
    assert {name for source in sources for name in modules_of_the_cdk(source)} == read


ENTRIES = {"functions/shared": 10, "infra": 15, "cli": 13, "emulator": 22}
"""The most rooms that a folder may have; any other has about 20 loose modules at most."""


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(modules()) == []


@pytest.mark.parametrize("folder", folders())
def test_no_rooms_of_a_folder_import_each_other_in_a_circle(folder: str) -> None:
    assert circle(rooms(folder)) == []


@pytest.mark.parametrize("folder", folders())
def test_no_folder_is_a_flat_drawer(folder: str) -> None:
    loose = [room for room in rooms(folder) if (ROOT / folder / f"{room}.py").is_file()]
    assert len(loose) <= 20, sorted(loose)
    assert len(rooms(folder)) <= ENTRIES.get(folder, 30), sorted(rooms(folder))


def test_what_all_functions_share_stands_on_three_floors() -> None:
    assert max(floors(rooms("functions/shared")).values()) <= 3


def test_contributing_draws_the_rooms_as_they_are() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert drawn(text) == text, "python -m tests.rooms draws them again"
    assert text.count("```mermaid") == 6


def test_a_circle_is_found() -> None:
    graph = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("a"), "d": frozenset("a")}
    assert set(circle(graph)) == {"a", "b", "c"}
    assert circle({"a": frozenset("b"), "b": frozenset()}) == []
