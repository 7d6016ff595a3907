"""What goes where: read from what functions load, by import or by name."""

from pathlib import Path

import pytest

from bundling.archives import AssetError
from bundling.assets import ROOT, _handlers
from bundling.modules import BY_NAME, Modules, reached, shared
from functions.catalog import AUTOMATIONS, FUNCTIONS

WATCHER = "functions.watcher.handler.lambda_handler"
SWEEPER = "functions.sweeper.handler.lambda_handler"
BY_TOYS_NAME = {"functions.sweeper.loading": ["functions.watcher.handler.run"]}
TOY = {
    "__init__": '"""The toy."""',
    "shared/__init__": "",
    "shared/house": "",
    "shared/wakes": "",
    "watcher/__init__": '"""Watches."""',
    "watcher/handler": "from functions.shared import house\ndef run(): from functions.watcher import decision; house",
    "watcher/decision": "import json",
    "sweeper/__init__": "",
    "sweeper/handler": "import functions.shared.run.hub, functions.shared.run.events, functions.sweeper.loading",
    "sweeper/loading": "from importlib import import_module\nload = import_module",
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    for name, text in TOY.items():
        source = tmp_path / "functions" / f"{name}.py"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
    return tmp_path


def names(modules: Modules) -> set[str]:
    return {source.relative_to(modules.root / "functions").with_suffix("").as_posix() for source in modules.sources}


def test_imports_are_followed_wherever_they_stand(toy: Path) -> None:
    assert names(reached(toy, WATCHER)) == {"watcher/handler", "watcher/decision", "shared/house"}


@pytest.mark.parametrize(
    ("used", "is_loaded"),
    [
        ("X: Wake = 1", False),
        ("class C:\n x: Wake", False),
        ("def f(x: Wake) -> Wake:\n y: Wake = x", False),
        ("Wake()", True),
    ],
)
def test_what_only_annotations_need_is_not_loaded(toy: Path, used: str, is_loaded: bool) -> None:  # noqa: FBT001
    toy.joinpath("functions/watcher/decision.py").write_text(f"from functions.shared.run.events import Wake\n{used}")
    assert ("shared/wakes" in names(reached(toy, WATCHER))) is is_loaded


def test_what_is_loaded_by_name_is_followed_too(toy: Path) -> None:
    own = {"sweeper/handler", "sweeper/loading", "shared/house", "shared/wakes"}
    assert names(reached(toy, SWEEPER, BY_TOYS_NAME)) == own | {"watcher/handler", "watcher/decision"}


def test_who_loads_by_names_that_nobody_has_told_is_refused(toy: Path) -> None:
    with pytest.raises(AssetError, match=r"functions\.sweeper\.loading loads modules by name: say in infra/modules"):
        reached(toy, SWEEPER)


def test_what_two_functions_load_is_shared_by_import_or_by_name(toy: Path) -> None:
    modules = shared(toy, [WATCHER, SWEEPER], BY_TOYS_NAME)
    assert names(modules) == {"watcher/handler", "watcher/decision", "shared/house"}
    assert names(reached(toy, WATCHER) - modules) == set()
    assert names(reached(toy, SWEEPER, BY_TOYS_NAME) - modules) == {
        "sweeper/handler",
        "sweeper/loading",
        "shared/wakes",
    }


def test_a_module_that_is_not_there_is_named(toy: Path) -> None:
    (toy / "functions" / "watcher" / "decision.py").write_text("import functions.shared.gone")
    with pytest.raises(AssetError, match=r"functions\.shared\.gone is loaded by a function and is not there"):
        reached(toy, WATCHER)


def test_a_package_that_holds_code_is_refused_for_it_would_not_be_shipped(toy: Path) -> None:
    (toy / "functions" / "shared" / "__init__.py").write_text('"""Words."""\nLIMIT = 1')
    with pytest.raises(AssetError, match=r"shared/__init__\.py holds code"):
        reached(toy, WATCHER)


def test_who_sweeps_many_accounts_shares_all_that_the_automations_run() -> None:
    (loader,) = BY_NAME
    modules = shared(ROOT, [*_handlers(), f"{loader}.lambda_handler"])
    for automation in AUTOMATIONS:
        assert reached(ROOT, automation.run).sources <= modules.sources
    own = {function.name: names(reached(ROOT, function.handler) - modules) for function in FUNCTIONS}
    assert {name for name, left in own.items() if left} == {"notifications"}
    assert not any(name.startswith("notifications/") for name in names(modules))
