"""The zips that would be deployed, and the folders to which Lambda unpacks them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.population import configuration, settings
from bundling.archives import Asset
from bundling.assets import Assets, build


def assets(into: Path) -> Assets:
    """Build everything that is deployed into a folder."""
    return build(settings(configuration()), into=into)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What Lambda finds on its path.

    Attributes:
        task_root: the function, as ``/var/task``.
        path: all folders of Python's path, in order.
    """

    task_root: Path
    path: tuple[Path, ...]

    def without_pyc(self, into: Path) -> "Unpacked":
        """Copy the sources alone to the folder *into*."""
        copies = [into / str(number) for number in range(len(self.path))]
        for folder, copy in zip(self.path, copies, strict=True):
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        return Unpacked(copies[0], tuple(copies))


def unpacked(function: Asset, layer: Asset, into: Path) -> Unpacked:
    """Unpack one function and the layer."""
    shutil.unpack_archive(function.path, into / "task")
    shutil.unpack_archive(layer.path, into / "opt")
    return Unpacked(into / "task", (into / "task", into / "opt" / "python"))
