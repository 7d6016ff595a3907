"""Everything that is deployed to Lambda, built under ``build/``: a zip for each function, and one layer.

A function's zip holds its own modules as the repository has them, beside their `.pyc`. The layer holds the packages.
``python -m bundling.assets`` installs those packages: all that needs the network.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundling.archives import Asset, AssetError, pack
from bundling.interpreter import HOW_TO_GET_IT, VERSION, compile_tree, find_python
from bundling.modules import needed
from bundling.packages import ROOT, layer_packages, poller_packages
from functions.catalog import AUTOMATIONS, COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Step
from functions.shared.settings import SETTINGS_FILE, Settings

_SERVICES_OF_ALL = frozenset({"dynamodb", "ssm", "sts"})
"""What every function may call beside the services of its manifest: for its ledger and for its roles."""

_SOURCES_ALONE = (
    f"warning: no CPython {VERSION} was found, so the zips hold no .pyc files, and a cold start takes 2 to 2.6 times "
    f"as long (measured: docs/benchmarks.md). {HOW_TO_GET_IT}\n"
)


@dataclass(frozen=True, slots=True)
class Assets:
    """What a hub's stack deploys.

    Attributes:
        layer: the packages that all functions load.
        functions: the zip of each function, by its automation's name.
        pollers: the zip of each durable function, by the name of the automation that starts it.
        steps: the zip of each step of the compliance run, by its name.
    """

    layer: Asset
    functions: Mapping[str, Asset]
    pollers: Mapping[str, Asset]
    steps: Mapping[str, Asset]


def build(settings: Settings, *, root: Path = ROOT, into: Path = ROOT / "build" / "assets") -> Assets:
    """Build the layer and the zip of each function.

    Without a CPython of the runtime's version they hold no `.pyc` files, and a line on standard error says so.

    Args:
        settings: the compiled configuration; it goes into every function's zip.
        root: the repository whose ``functions`` are built.
        into: folder of the zips.

    Raises:
        AssetError: a package cannot be installed, or something does not compile.
    """
    if find_python() is None:
        sys.stderr.write(_SOURCES_ALONE)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(root / "functions", Path(folder, "functions"), ignore=shutil.ignore_patterns("__pycache__"))
        compile_tree(Path(folder))
        ours = _OurModules(Path(folder), settings, into)
        return Assets(
            pack(layer_packages(services()), into, "layer", below="python"),
            {each.name: ours.zip(each.name, [each.handler]) for each in FUNCTIONS},
            {
                each.name: ours.zip(f"{each.name}-poller", [each.poller.handler], poller_packages())
                for each in FUNCTIONS
                if each.poller
            },
            {each.name: ours.zip_step(each) for each in COMPLIANCE_RUN.steps},
        )


@dataclass(frozen=True, slots=True)
class _OurModules:
    """All modules of the functions, compiled.

    Attributes:
        tree: the folder that holds the package ``functions``.
        settings: go into each zip.
        into: folder of the zips.
    """

    tree: Path
    settings: Settings
    into: Path

    def zip(
        self, stem: str, functions: Iterable[str], packages: Path | None = None, *, sources_alone: bool = False
    ) -> Asset:
        """Zip the modules that these functions load, beside the *packages* that are not in the layer."""
        with tempfile.TemporaryDirectory() as folder:
            task = Path(folder, "task")
            shutil.copytree(packages, task) if packages else task.mkdir()
            for source in needed(self.tree, functions):
                compiled = () if sources_alone else source.parent.glob(f"__pycache__/{source.stem}.*")
                for file in (source, *compiled):
                    copy = task / file.relative_to(self.tree)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, copy)
            document = json.dumps(self.settings.document, sort_keys=True, separators=(",", ":"))
            (task / SETTINGS_FILE).write_text(document, encoding="utf-8")
            return pack(task, self.into, stem)

    def zip_step(self, step: Step) -> Asset:
        """Zip a step, without `.pyc`, which would double it: the sweep would have 400 KB, the report 300.

        A step starts once in a run, and works for seconds to minutes: a cold start that takes 60 ms longer is no loss.
        """
        runs = [automation.run for automation in AUTOMATIONS if step.runs_automations]
        stem = f"{COMPLIANCE_RUN.name}-{step.name}"
        return self.zip(stem, [step.handler, *runs], sources_alone=True)


def services() -> frozenset[str]:
    """Return botocore's names of all services that the functions of the catalog call, whatever is switched off."""
    of_functions = [each.services for each in FUNCTIONS] + [each.services for each in COMPLIANCE_RUN.steps]
    return _SERVICES_OF_ALL.union(*of_functions)


def main() -> int:
    """Install the packages, and return the exit status."""
    try:
        sys.stdout.writelines(f"{folder}\n" for folder in (layer_packages(services()), poller_packages()))
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
