"""Who imports whom, read from the sources: between the modules, and between the rooms of each folder.

``python -m tests.rooms`` draws the rooms again in CONTRIBUTING.md.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("functions", "bundling", "infra", "emulator", "cli")
OURS = (*PACKAGES, "tests", "benchmarks", "app")
DRAWN = ("", "functions", "functions/shared", "infra", "cli", "emulator")
"""The folders that CONTRIBUTING draws; the first is the repository."""

Graph = Mapping[str, frozenset[str]]
"""Who imports whom: by name, the names of what each takes something from."""

_BETWEEN = re.compile(r"(<!-- rooms: made by python -m tests.rooms -->\n).*?(<!-- end of rooms -->)", re.DOTALL)


def files() -> list[Path]:
    """Return every source file of the packages; the tests of the emulator are none of it."""
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if not path.is_relative_to(ROOT / "emulator" / "tests")]


def module_of(path: Path) -> str:
    """Return the dotted name of a file of the repository."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(module: str, source: str) -> Iterator[str]:
    """Yield everything that *source* imports, wherever it does: modules, and what is taken from them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            yield from (_origin_or_module(origin, alias.name) for alias in node.names)


def _origin_or_module(origin: str, name: str) -> str:
    """Tell a module that is taken from a package of ours from a name that is taken from a module."""
    place = ROOT.joinpath(*origin.split("."))
    is_module = place.joinpath(name).is_dir() or place.joinpath(f"{name}.py").is_file()
    return f"{origin}.{name}" if origin.split(".", maxsplit=1)[0] in OURS and is_module else origin


@cache
def modules() -> Graph:
    """Return who imports whom among the modules of the packages and ``app``."""
    sources = {module_of(path): path for path in [*files(), ROOT / "app.py"]}
    imports = {module: set(imports_of(module, path.read_text(encoding="utf-8"))) for module, path in sources.items()}
    return {module: frozenset((names & sources.keys()) - {module}) for module, names in imports.items()}


def rooms(folder: str) -> Graph:
    """Return who imports whom among the entries of a folder: a subfolder counts as one room."""
    inside = folder.replace("/", ".") + "." if folder else ""
    graph: dict[str, set[str]] = {}
    for module, names in modules().items():
        if module.startswith(inside) and module != inside.rstrip("."):
            room = module.removeprefix(inside).split(".")[0]
            others = {name.removeprefix(inside).split(".")[0] for name in names if name.startswith(inside)}
            graph.setdefault(room, set()).update(others - {room})
    return {room: frozenset(others) for room, others in graph.items()}


def circle(graph: Graph) -> list[str]:
    """Return the names of a circle, the first one again at its end; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floors(graph: Graph) -> dict[str, int]:
    """Return the floor of each room, from 1: each is above all that it imports.

    Raises:
        CycleError: some import each other in a circle.
    """
    found: dict[str, int] = {}
    for room in TopologicalSorter(graph).static_order():
        found[room] = 1 + max((found[each] for each in graph.get(room, ())), default=0)
    return found


def folders() -> list[str]:
    """Return every folder of the packages, from the repository's root."""
    inside = {path.parent.relative_to(ROOT).as_posix() for path in files()}
    return ["", *sorted(inside)]


def drawing(folder: str) -> str:
    """Draw the rooms of a folder for Mermaid; an arrow that others already lead to is left out."""
    graph = rooms(folder)
    lines = [f"    {room} --> {other}" for room in sorted(graph) for other in sorted(_direct(graph, room))]
    alone = [f"    {room}" for room in sorted(graph) if not graph[room] and not _is_imported(graph, room)]
    return "\n".join(["```mermaid", "flowchart TD", *lines, *alone, "```"])


def _direct(graph: Graph, room: str) -> Iterable[str]:
    others = graph[room]
    return others - {far for other in others for far in _reached(graph, other)}


def _reached(graph: Graph, room: str) -> set[str]:
    return {far for other in graph[room] for far in (other, *_reached(graph, other))}


def _is_imported(graph: Graph, room: str) -> bool:
    return any(room in others for others in graph.values())


def drawn(text: str) -> str:
    """Return the text of CONTRIBUTING with the drawings as the sources are now."""
    parts = [f"\n**`{folder or 'the repository'}`**\n\n{drawing(folder)}\n" for folder in DRAWN]
    return _BETWEEN.sub(lambda found: found[1] + "".join(parts) + found[2], text)


if __name__ == "__main__":
    page = ROOT / "CONTRIBUTING.md"
    page.write_text(drawn(page.read_text(encoding="utf-8")), encoding="utf-8")
