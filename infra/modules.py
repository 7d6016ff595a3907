"""Which modules of ours a function loads: read from the imports, so that no other is shipped."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from infra.archives import AssetError


def reached(root: Path, handler: str) -> set[Path]:
    """Return the sources below *root* that the module of a handler imports, directly or not, with its own.

    Args:
        root: the repository.
        handler: dotted path of a ``lambda_handler``.

    Raises:
        AssetError: a module that is imported does not exist.
    """
    waiting, found = [handler.rpartition(".")[0]], set[Path]()
    while waiting:
        source = _source(root, waiting.pop())
        if source not in found:
            found.add(source)
            waiting += _imported(root, source)
    packages = {
        package / "__init__.py" for source in found for package in source.parents if package.is_relative_to(root)
    }
    return found | {package for package in packages if package.exists()}


def _source(root: Path, module: str) -> Path:
    place = root.joinpath(*module.split("."))
    for source in (place.with_suffix(".py"), place / "__init__.py"):
        if source.is_file():
            return source
    raise AssetError(f"{module} is imported by a function and is not there")


def _imported(root: Path, source: Path) -> Iterator[str]:
    """Yield the modules of ours that a source imports, and what it takes from one if that is a module too."""
    for module, taken in _imports(source.read_text(encoding="utf-8")):
        yield module
        folder = root.joinpath(*module.split("."))
        yield from (f"{module}.{name}" for name in taken if (folder / f"{name}.py").is_file())


@cache  # all functions share most of their modules
def _imports(source: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the modules of ours that a text imports, wherever in it, each with the names that it takes from it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", tuple(alias.name for alias in node.names)))
    return tuple(each for each in found if _is_ours(each[0]))


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "functions"
