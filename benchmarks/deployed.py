"""The very zips that would be deployed, and the folders that Lambda unpacks them to."""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.population import configuration, settings
from bundling.archives import Asset
from bundling.assets import ROOT, build_function, build_poller, build_shared_layer, build_step, modules_in_layer
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.settings import SETTINGS_FILE


def layer() -> Asset:
    """Return the layer, which synth shares."""
    return build_shared_layer(modules_in_layer())


def functions(into: Path) -> dict[str, Asset]:
    """Build the zip of each function into a folder of one's own; by the function's name."""
    compiled, in_layer = settings(configuration()), modules_in_layer()
    return {function.name: build_function(function, compiled, in_layer, into) for function in FUNCTIONS}


def pollers(into: Path) -> dict[str, Asset]:
    """Build the zip of each durable function; by the name of the function that starts it."""
    compiled, in_layer = settings(configuration()), modules_in_layer()
    return {f.name: build_poller(f.name, f.poller, compiled, in_layer, into) for f in FUNCTIONS if f.poller}


def steps(into: Path) -> dict[str, Asset]:
    """Build the zip of each step of the compliance run; by the step's name."""
    compiled, in_layer = settings(configuration()), modules_in_layer()
    return {step.name: build_step(step, compiled, in_layer, into) for step in COMPLIANCE_RUN.steps}


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What Lambda finds on its path.

    Attributes:
        task_root: the function, as ``/var/task``.
        path: all folders of Python's path, in order.
    """

    task_root: Path
    path: tuple[Path, ...]


def unpacked(function: Asset, into: Path) -> Unpacked:
    """Unpack one function and the layer."""
    task, opt = into / "task", into / "opt"
    for asset, place in ((function, task), (layer(), opt)):
        with zipfile.ZipFile(asset.path) as archive:
            archive.extractall(place)
    return Unpacked(task, (task, opt / "python"))


def customary(name: str, whole: Path, into: Path) -> Unpacked:
    """Lay out the same function as most people pack one: sources, beside whole dependencies, and boto3's clients.

    Args:
        name: of the function.
        whole: folder of the dependencies.
        into: where `unpacked` has left the function that is deployed.
    """
    task = into / "customary"
    sources = shutil.ignore_patterns("__pycache__")
    for folder in ("shared", name):
        shutil.copytree(ROOT / "functions" / folder, task / "functions" / folder, ignore=sources)
    shutil.copy(ROOT / "functions" / "__init__.py", task / "functions")
    shutil.copy(into / "task" / SETTINGS_FILE, task)
    shutil.copy(Path(__file__).with_name("customary_handler.py"), task)
    return Unpacked(task, (task, whole))
