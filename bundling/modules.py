"""Which files of ours a function needs: its zip holds no others."""

from collections.abc import Iterable
from modulefinder import ModuleFinder
from pathlib import Path


def needed(root: Path, functions: Iterable[str]) -> frozenset[Path]:
    """Return the modules that these functions load, directly or not, and the files that those modules read.

    A module reads the files beside it that have its name and another ending, such as a page's template.

    Args:
        root: the folder that holds the package ``functions``.
        functions: dotted paths of functions, such as a ``lambda_handler``.
    """
    finder = ModuleFinder(path=[str(root)])
    for function in functions:
        finder.import_hook(function.rpartition(".")[0])
    sources = (getattr(module, "__file__", None) for module in finder.modules.values())
    modules = [Path(source) for source in sources if source]
    return frozenset(file for module in modules for file in module.parent.glob(f"{module.stem}.*"))
