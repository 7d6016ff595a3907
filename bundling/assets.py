"""All that is deployed, built under ``build/``: one layer, and a zip of what is each function's own.

``python -m bundling.assets [SETTINGS.json]`` builds only: the layer and what it cannot hold, and with a
compiled configuration the functions too.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundling.archives import Asset, AssetError, pack
from bundling.interpreter import compile_lean
from bundling.layer import build_beside_layer, build_layer
from bundling.modules import Modules, reached, shared
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Automation, DurableFunction, Step
from functions.shared.settings import SETTINGS_FILE, Settings

ROOT = Path(__file__).parents[1]
"""The repository."""

_TASK = "/var/task"


@dataclass(frozen=True, slots=True)
class Assets:
    """What a hub's stack deploys.

    Attributes:
        layer: the dependencies of every function, and the modules that two or more of the functions load.
        functions: the zip of each function, by its automation's name.
        pollers: the zip of each durable function, by the name of the automation that starts it.
        steps: the zip of each step of the compliance run, by its name.
    """

    layer: Asset
    functions: Mapping[str, Asset]
    pollers: Mapping[str, Asset]
    steps: Mapping[str, Asset]


def build(
    settings: Settings,
    *,
    automations: Iterable[Automation] = FUNCTIONS,
    root: Path = ROOT,
    into: Path | None = None,
) -> Assets:
    """Build the layer and the zip of each of the *automations*.

    Args:
        settings: the compiled configuration; it goes into every function's zip.
        automations: whose functions are built.
        root: the repository to build from.
        into: folder of the zips; ``build/assets`` of the repository if absent.

    Raises:
        AssetError: something to build from or to build with is missing.
    """
    folder = into or root / "build" / "assets"
    wanted, in_layer = tuple(automations), modules_in_layer(root)
    functions = {automation.name: build_function(automation, settings, in_layer, folder) for automation in wanted}
    pollers = {a.name: build_poller(a.name, a.poller, settings, in_layer, folder) for a in wanted if a.poller}
    steps = {step.name: build_step(step, settings, in_layer, folder) for step in COMPLIANCE_RUN.steps}
    return Assets(build_shared_layer(in_layer, folder), functions, pollers, steps)


def build_shared_layer(in_layer: Modules, into: Path | None = None) -> Asset:
    """Build the layer that serves every function of the catalog, whatever the configuration says and switches off."""
    of_functions = [each.services for each in FUNCTIONS] + [each.services for each in COMPLIANCE_RUN.steps]
    services = {service for called in of_functions for service in called}
    lock, folder = in_layer.root / "requirements" / "lambda.txt", into or in_layer.root / "build" / "assets"
    return build_layer(lock, services, in_layer, folder)


def build_packages(root: Path = ROOT, into: Path | None = None) -> Asset:
    """Build what durable functions carry and the layer does not hold."""
    return build_beside_layer(root / "requirements", "poller.txt", _TASK, into or root / "build" / "assets")


def modules_in_layer(root: Path = ROOT) -> Modules:
    """Return the modules of the repository at *root* that two or more of the functions load: no zip needs them."""
    return shared(root, _handlers())


def build_function(automation: Automation, settings: Settings, in_layer: Modules, into: Path) -> Asset:
    """Zip what one function has for itself: the modules that no other function loads, and its configuration.

    Args:
        automation: whose function it is.
        settings: the compiled configuration.
        in_layer: as `modules_in_layer` returns them.
        into: folder of the zip.
    """
    with tempfile.TemporaryDirectory() as workshop:
        _fill(Path(workshop), automation.handler, _needed(automation, settings), in_layer)
        return pack(Path(workshop), into, automation.name)


def build_step(step: Step, settings: Settings, in_layer: Modules, into: Path) -> Asset:
    """Zip what a step of the compliance run has for itself, and its configuration; else as `build_function`."""
    told = settings if step.runs_automations else _with_modes_alone(settings)
    with tempfile.TemporaryDirectory() as workshop:
        _fill(Path(workshop), step.handler, told, in_layer)
        return pack(Path(workshop), into, f"{COMPLIANCE_RUN.name}-{step.name}")


def build_poller(name: str, poller: DurableFunction, settings: Settings, in_layer: Modules, into: Path) -> Asset:
    """Zip what the durable function of the automation *name* runs: as any other, with what no layer holds for it."""
    with tempfile.TemporaryDirectory() as workshop:
        shutil.unpack_archive(build_packages(in_layer.root, into).path, workshop)
        _fill(Path(workshop), poller.handler, _without_next_steps(settings), in_layer)
        return pack(Path(workshop), into, f"{name}-poller")


def _needed(automation: Automation, settings: Settings) -> Settings:
    """What sweeps tells nobody what to do next."""
    return _without_next_steps(settings) if automation.run else settings


def _without_next_steps(settings: Settings) -> Settings:
    return Settings({name: section for name, section in settings.document.items() if name != "next_steps"})


def _with_modes_alone(settings: Settings) -> Settings:
    """Leave of the automations' sections what says whether they are on, and nothing of how the stacks are made."""
    on = {name: {"mode": settings.section(name)["mode"]} for name in settings.document["runs"]}
    return Settings({**{name: each for name, each in settings.document.items() if name != "deployment"}, **on})


def _fill(task: Path, handler: str, settings: Settings, in_layer: Modules) -> None:
    (reached(in_layer.root, handler) - in_layer).copy_to(task)
    compile_lean(task, mounted_at=_TASK)
    compiled = json.dumps(settings.document, sort_keys=True, separators=(",", ":"))
    (task / SETTINGS_FILE).write_text(compiled, encoding="utf-8")


def _handlers() -> Iterator[str]:
    """Yield the handler of every function that the catalog deploys."""
    for automation in FUNCTIONS:
        yield automation.handler
        if automation.poller:
            yield automation.poller.handler
    yield from (step.handler for step in COMPLIANCE_RUN.steps)


def main(arguments: list[str]) -> int:
    """Build, print each zip with its size, and return the exit status."""
    try:
        built = {"layer": build_shared_layer(modules_in_layer()), "beside the layer": build_packages()}
        if arguments:
            assets = build(Settings.read(Path(arguments[0])))
            built |= assets.functions
            built |= {f"{name}-poller": asset for name, asset in assets.pollers.items()}
            built |= {f"{COMPLIANCE_RUN.name}-{name}": asset for name, asset in assets.steps.items()}
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, asset in built.items():
        sys.stdout.write(f"{name}\t{asset.path.stat().st_size}\t{asset.digest[:16]}\t{asset.path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
