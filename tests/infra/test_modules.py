"""Which files a function needs: read from the imports."""

from pathlib import Path

import pytest

from bundling.modules import needed

WATCHER = "functions.watcher.handler.lambda_handler"
REPOSITORY = {
    "__init__.py": '"""The functions."""',
    "shared/__init__.py": "",
    "shared/hub.py": "",
    "shared/events.py": "",
    "watcher/__init__.py": "",
    "watcher/handler.py": "from functions.shared import hub\ndef run(): from functions.watcher import decision; hub",
    "watcher/decision.py": "import json",
    "watcher/decision.html": "<p>",
    "watcher/manifest.py": "",
    "sweeper/__init__.py": "",
    "sweeper/handler.py": "import botocore, functions.shared.events",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in REPOSITORY.items():
        file = tmp_path / "functions" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def names(root: Path, *functions: str) -> set[str]:
    return {file.relative_to(root / "functions").as_posix() for file in needed(root, functions)}


def test_imports_are_followed_wherever_they_stand_and_a_module_brings_the_files_that_it_reads(root: Path) -> None:
    packages = {"__init__.py", "shared/__init__.py", "watcher/__init__.py"}
    own = {"watcher/handler.py", "watcher/decision.py", "watcher/decision.html"}
    assert names(root, WATCHER) == packages | own | {"shared/hub.py"}


def test_what_several_functions_load_is_needed_together(root: Path) -> None:
    sweeper = "functions.sweeper.handler.run"
    assert names(root, WATCHER, sweeper) == names(root, WATCHER) | names(root, sweeper)
