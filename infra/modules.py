"""Which files of ours a function loads: read from the imports, so that no other is shipped."""

import ast
from collections.abc import Iterator
from pathlib import Path

from infra.archives import AssetError

_DATA = frozenset({".html", ".css", ".js"})
"""What a module may read that stands beside it."""


def reached(root: Path, handler: str) -> set[Path]:
    """Return the sources below *root* that the module of a handler imports, directly or not, with its own.

    What they may read goes with them: the pages, style sheets and scripts that stand beside them.

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
    data = {path for source in found for path in source.parent.iterdir() if path.suffix in _DATA}
    return found | {package for package in packages if package.exists()} | data


def _source(root: Path, module: str) -> Path:
    place = root.joinpath(*module.split("."))
    for source in (place.with_suffix(".py"), place / "__init__.py"):
        if source.is_file():
            return source
    raise AssetError(f"{module} is imported by a function and is not there")


def _imported(root: Path, source: Path) -> Iterator[str]:
    """Yield the modules of ours that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and _is_ours(node.module or ""):
            yield from _from(root, str(node.module), node)


def _from(root: Path, module: str, node: ast.ImportFrom) -> Iterator[str]:
    """Yield *module*, and what is imported from it if that is a module too."""
    yield module
    folder = root.joinpath(*module.split("."))
    yield from (f"{module}.{alias.name}" for alias in node.names if (folder / f"{alias.name}.py").is_file())


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "functions"
