"""The CPython of the Lambda runtime: no other version writes `.pyc` files that the runtime can load."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bundling.archives import AssetError

VERSION = "3.13"
"""Version of Python in the functions' runtime."""

HOW_TO_GET_IT = (
    f"Install one (uv python install {VERSION}, or pyenv install {VERSION}): it is found on the PATH, in UV_PYTHON, in "
    f"pyenv and in uv. Or name one: WATCHKEEPER_PYTHON313=/path/to/python{VERSION}"
)

_PRINT_VERSION = "import sys; print(sys.implementation.name, '.'.join(map(str, sys.version_info[:2])))"


@cache
def find_python() -> Path | None:
    """Return a CPython of the runtime's version, or none if this machine has none.

    It is ``WATCHKEEPER_PYTHON313`` if that is set. If not, these are searched: the running interpreter, the path,
    ``UV_PYTHON``, pyenv's versions and uv's own.

    Raises:
        AssetError: ``WATCHKEEPER_PYTHON313`` is not a CPython of that version.
    """
    if named := os.environ.get("WATCHKEEPER_PYTHON313"):
        if _fits(named):
            return Path(named)
        raise AssetError(f"WATCHKEEPER_PYTHON313={named} is not a CPython {VERSION}")
    return next((Path(candidate) for candidate in _candidates() if _fits(candidate)), None)


def lambda_python() -> Path:
    """Return a CPython of the runtime's version, to run what Lambda would run.

    Raises:
        AssetError: there is none.
    """
    if found := find_python():
        return found
    raise AssetError(f"no CPython {VERSION} was found, the runtime of the functions. {HOW_TO_GET_IT}")


def compile_tree(tree: Path) -> None:
    """Write the `.pyc` of every module below *tree* beside it, if this machine has a CPython of the runtime's version.

    Python does not compare them with their sources: in a zip, the dates of files mean nothing. A `.pyc` names its
    source relative to *tree*; Python puts the whole path into tracebacks. A traceback shows the line and no column,
    which would make each `.pyc` a fifth larger.

    Raises:
        AssetError: a module does not compile.
    """
    if python := find_python():
        options = ("-q", "--invalidation-mode", "unchecked-hash", "-s", str(tree))
        done = _run([str(python), "-S", "-X", "no_debug_ranges", "-m", "compileall", *options, str(tree)])
        if done.returncode:
            raise AssetError(f"Python {VERSION} cannot compile it: {(done.stdout or done.stderr).strip()}")


def _candidates() -> Iterator[str]:
    yield sys.executable
    if on_path := shutil.which(f"python{VERSION}"):
        yield on_path
    if chosen := os.environ.get("UV_PYTHON"):
        yield shutil.which(chosen) or chosen
    if pyenv := _output_of("pyenv", "root"):
        yield from map(str, Path(pyenv, "versions").glob(f"{VERSION}*/bin/python"))
    if managed := _output_of("uv", "python", "find", "--no-python-downloads", VERSION):
        yield managed


def _fits(candidate: str) -> bool:
    try:
        done = _run([candidate, "-c", _PRINT_VERSION])
    except OSError:  # not a program
        return False
    return done.stdout.split() == ["cpython", VERSION]


def _output_of(program: str, *arguments: str) -> str:
    found = shutil.which(program)
    return _run([found, *arguments]).stdout.strip() if found else ""


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run *command* without this process's Python settings and with a fixed hash seed: it writes the same bytes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(  # noqa: S603  # no shell
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PYTHONHASHSEED": "0"},
    )
