"""All that is deployed, built under ``build/``: one layer, and a zip for each function with its configuration inside.

``python -m infra.assets [SETTINGS.json]`` builds only: the layer, and with a compiled configuration the functions too.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Automation, DurableFunction, Step
from functions.shared.settings import SETTINGS_FILE, Settings
from infra.archives import Asset, AssetError, pack
from infra.interpreter import compile_bare, compile_lean
from infra.layer import build_layer, install_beside_layer
from infra.modules import reached

ROOT = Path(__file__).parents[1]
"""The repository."""

_TASK = "/var/task"


@dataclass(frozen=True, slots=True)
class Assets:
    """What a hub's stack deploys.

    Attributes:
        layer: the dependencies of every function.
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
    wanted = tuple(automations)
    functions = {automation.name: build_function(automation, settings, root, folder) for automation in wanted}
    pollers = {a.name: build_poller(a.name, a.poller, settings, root, folder) for a in wanted if a.poller}
    steps = {step.name: build_step(step, settings, root, folder) for step in COMPLIANCE_RUN.steps}
    return Assets(build_shared_layer(root, folder), functions, pollers, steps)


def build_shared_layer(root: Path = ROOT, into: Path | None = None) -> Asset:
    """Build the layer that serves every function of the catalog, whatever the configuration switches off."""
    of_functions = [each.services for each in FUNCTIONS] + [each.services for each in COMPLIANCE_RUN.steps]
    services = {service for called in of_functions for service in called}
    return build_layer(root / "requirements" / "lambda.txt", services, into or root / "build" / "assets")


def build_function(automation: Automation, settings: Settings, root: Path, into: Path) -> Asset:
    """Zip exactly what one function runs: the modules that it imports, and its configuration."""
    with tempfile.TemporaryDirectory() as workshop:
        _fill(Path(workshop), [automation.handler], _needed(automation, settings), root)
        return pack(Path(workshop), into, automation.name)


def build_step(step: Step, settings: Settings, root: Path, into: Path) -> Asset:
    """Zip what a step of the compliance run runs; one that runs automations loads them by the names in its settings."""
    with tempfile.TemporaryDirectory() as workshop:
        loaded = [*settings.sweeping.values()] if step.runs_automations else []
        _fill(Path(workshop), [step.handler, *loaded], settings, root)
        return pack(Path(workshop), into, f"{COMPLIANCE_RUN.name}-{step.name}")


def build_poller(name: str, poller: DurableFunction, settings: Settings, root: Path, into: Path) -> Asset:
    """Zip what the durable function of the automation *name* runs: as any other, with what no layer holds for it."""
    with tempfile.TemporaryDirectory() as workshop:
        install_beside_layer(root / "requirements", "poller.txt", Path(workshop))
        compile_bare(Path(workshop), mounted_at=_TASK)
        _fill(Path(workshop), [poller.handler], _without_next_steps(settings), root)
        return pack(Path(workshop), into, f"{name}-poller")


def _needed(automation: Automation, settings: Settings) -> Settings:
    """What sweeps tells nobody what to do next."""
    return _without_next_steps(settings) if automation.run else settings


def _without_next_steps(settings: Settings) -> Settings:
    return Settings({name: section for name, section in settings.document.items() if name != "next_steps"})


def _fill(task: Path, loaded: Iterable[str], settings: Settings, root: Path) -> None:
    for source in set[Path]().union(*(reached(root, path) for path in loaded)):
        copy = task / source.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    compile_lean(task, mounted_at=_TASK)
    compiled = json.dumps(settings.document, sort_keys=True, separators=(",", ":"))
    (task / SETTINGS_FILE).write_text(compiled, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Build, print each zip with its size, and return the exit status."""
    try:
        built = {"layer": build_shared_layer()}
        if arguments:
            assets = build(Settings.read(Path(arguments[0])))
            built |= assets.functions
            built |= {f"{name}-poller": asset for name, asset in assets.pollers.items()}
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, asset in built.items():
        sys.stdout.write(f"{name}\t{asset.path.stat().st_size}\t{asset.digest[:16]}\t{asset.path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
