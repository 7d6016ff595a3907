"""Which modules of ours a function loads: read from the imports, so that no other is shipped, and none twice."""

import ast
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bundling.archives import AssetError
from bundling.lean_compiler import lean
from functions.catalog import AUTOMATIONS

BY_NAME: Mapping[str, Collection[str]] = {
    "functions.compliance_run.sweeper": [automation.run for automation in AUTOMATIONS],
}
"""What is loaded by name, where no import tells: by the module that loads it, dotted paths of functions."""

_LOADER = "importlib"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PACKAGE = "__init__.py"


@dataclass(frozen=True, slots=True)
class Modules:
    """Modules of ours.

    Attributes:
        root: the repository.
        sources: their files, below *root*. None is a package's own: Lambda finds our packages as namespaces, which a
            zip and the layer can share.
    """

    root: Path
    sources: frozenset[Path]

    def __sub__(self, other: "Modules") -> "Modules":
        """Return those that *other* has not."""
        return Modules(self.root, self.sources - other.sources)

    def copy_to(self, tree: Path) -> None:
        """Copy the sources into the folder *tree*, where they are found by the names that they have here."""
        for source in self.sources:
            copy = tree / source.relative_to(self.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
            for read in _belongings(source):
                copy.with_name(read.name).write_text(_bare(read.read_text(encoding="utf-8")), encoding="utf-8")


def reached(root: Path, handler: str, by_name: Mapping[str, Collection[str]] = BY_NAME) -> Modules:
    """Return the module of a handler, with all that it loads, directly or not.

    Args:
        root: the repository.
        handler: dotted path of a ``lambda_handler``.
        by_name: as `BY_NAME`.

    Raises:
        AssetError: a module that is loaded does not exist, or loads others by names that nobody has told; or a package
            holds code, which would not be shipped.
    """
    waiting, found = [_module_of(handler)], dict[str, Path]()
    while waiting:
        module = waiting.pop()
        if module not in found:
            found[module] = _source(root, module)
            waiting += _loaded(root, module, found[module], by_name)
    sources = frozenset(found.values())
    for package in {folder for source in sources for folder in source.parents if folder.is_relative_to(root)}:
        _refuse_code(package / _PACKAGE)
    return Modules(root, frozenset(source for source in sources if source.name != _PACKAGE))


def shared(root: Path, handlers: Iterable[str], by_name: Mapping[str, Collection[str]] = BY_NAME) -> Modules:
    """Return the modules that two or more of the functions with these *handlers* load.

    Raises:
        AssetError: as of `reached`.
    """
    users = Counter(source for handler in handlers for source in reached(root, handler, by_name).sources)
    return Modules(root, frozenset(source for source, count in users.items() if count > 1))


def _belongings(source: Path) -> Iterator[Path]:
    """Yield what a module reads: the files beside it that have its name and another ending."""
    yield from (file for file in source.parent.glob(f"{source.stem}.*") if file.suffix not in (".py", ".pyc"))


def _bare(text: str) -> str:
    """Take out of a page, a style sheet or a script what only people read: block comments and indentation."""
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def _module_of(function: str) -> str:
    return function.rpartition(".")[0]


def _source(root: Path, module: str) -> Path:
    place = root.joinpath(*module.split("."))
    for source in (place.with_suffix(".py"), place / _PACKAGE):
        if source.is_file():
            return source
    raise AssetError(f"{module} is loaded by a function and is not there")


def _loaded(root: Path, module: str, source: Path, by_name: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield the modules of ours that a module loads, wherever in it."""
    for imported, names in _imports(source.read_text(encoding="utf-8")):
        if imported.partition(".")[0] == _LOADER and module not in by_name:
            raise AssetError(
                f"{module} loads modules by name: say in bundling/modules.py which, or they are not shipped"
            )
        if imported.partition(".")[0] == "functions":
            yield imported
            folder = root.joinpath(*imported.split("."))
            yield from (f"{imported}.{name}" for name in names if (folder / f"{name}.py").is_file())
    yield from map(_module_of, by_name.get(module, ()))


@cache
def _imports(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each module that a source imports when it runs, with the names that it takes from it."""
    found = list[tuple[str, tuple[str, ...]]]()
    for node in ast.walk(lean(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "", tuple(alias.name for alias in node.names)))
    return tuple(found)


def _refuse_code(package: Path) -> None:
    body = ast.parse(package.read_text(encoding="utf-8")).body if package.exists() else []
    if any(not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)) for each in body):
        raise AssetError(f"{package} holds code: no package is shipped, only the modules in it")
