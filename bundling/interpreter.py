"""The CPython of the Lambda runtime: it alone writes the `.pyc` files that the runtime reads."""

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

_LEAN_COMPILER = Path(__file__).with_name("lean_compiler.py")
_WHO_ARE_YOU = "import sys; print(sys.implementation.name, '.'.join(map(str, sys.version_info[:2])))"
_MISSING = (
    f"no CPython {VERSION} was found, and only it can compile what the Lambda runtime python{VERSION} loads. Install "
    f"one (uv python install {VERSION}, or pyenv install {VERSION}), or name one: "
    f"WATCHKEEPER_PYTHON313=/path/to/python{VERSION}"
)


@cache
def lambda_python() -> Path:
    """Find a CPython of the runtime's version.

    It is looked for in ``WATCHKEEPER_PYTHON313``, as the running interpreter, on the path, in ``UV_PYTHON``, below
    pyenv's root and where uv keeps its own.

    Raises:
        AssetError: there is none, or ``WATCHKEEPER_PYTHON313`` is none.
    """
    if named := os.environ.get("WATCHKEEPER_PYTHON313"):
        if _fits(named):
            return Path(named)
        raise AssetError(f"WATCHKEEPER_PYTHON313={named} is no CPython {VERSION}")
    for candidate in _candidates():
        if _fits(candidate):
            return Path(candidate)
    raise AssetError(_MISSING)


def compile_tree(tree: Path, mounted_at: str) -> None:
    """Write the `.pyc` of every module below *tree*, for a folder that is read-only and whose dates mean nothing.

    Args:
        tree: the folder that Lambda unpacks.
        mounted_at: where Lambda unpacks it; the path in tracebacks.

    Raises:
        AssetError: there is no interpreter, or a module does not compile.
    """
    compiler = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")
    _compile(*compiler, "-s", str(tree), "-p", mounted_at, str(tree))


def compile_bare(tree: Path, mounted_at: str) -> None:
    """Replace every module below *tree* by its `.pyc`: as `compile_tree`, but without the source."""
    compiler = ("-m", "compileall", "-q", "-b", "--invalidation-mode", "unchecked-hash")
    _compile(*compiler, "-s", str(tree), "-p", mounted_at, str(tree))
    for source in tree.rglob("*.py"):
        source.unlink()


def compile_lean(tree: Path, mounted_at: str) -> None:
    """Replace every module of ours below *tree* by its `.pyc`, without docstrings and annotations: less than half.

    A traceback still names file, line and function. Asserts go too: there are none in the functions.

    Args:
        tree: the folder that Lambda unpacks.
        mounted_at: where Lambda unpacks it; the path in tracebacks.

    Raises:
        AssetError: there is no interpreter, or a module does not compile.
    """
    _compile(str(_LEAN_COMPILER), str(tree), mounted_at)


def _compile(*compiler: str) -> None:
    # without columns there is less to load
    done = _run([str(lambda_python()), "-S", "-X", "no_debug_ranges", *compiler])
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
        done = _run([candidate, "-c", _WHO_ARE_YOU])
    except OSError:  # not a program
        return False
    return done.stdout.split() == ["cpython", VERSION]


def _output_of(program: str, *arguments: str) -> str:
    found = shutil.which(program)
    return _run([found, *arguments]).stdout.strip() if found else ""


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run *command* under no Python setting of this process but a fixed hash seed, so that it writes the same bytes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(  # noqa: S603  # no shell
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PYTHONHASHSEED": "0"},
    )
