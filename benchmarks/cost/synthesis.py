"""The templates of a configuration, and what their resources cost all month, used or not."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.cost.usage import Meter, Usage
from bundling.archives import Asset, pack
from bundling.assets import Assets
from functions.shared.settings import Settings

Template = Mapping[str, Any]


def synthesized(settings: Settings) -> dict[str, Template]:
    """Return all templates of a configuration by name, with placeholders for the zips that they name."""
    from aws_cdk import App  # noqa: PLC0415  # starts node

    from infra.hub import add_hub  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        tree, out = Path(folder, "tree"), Path(folder, "cdk.out")
        tree.mkdir()
        (tree / "placeholder.txt").write_text("placeholder")
        asset: Asset = pack(tree, Path(folder), "placeholder")
        app = App(outdir=str(out))
        add_hub(app, settings, Assets(asset, *(defaultdict(lambda: asset) for _ in range(3))))
        app.synth()
        return {
            path.relative_to(out).as_posix().removesuffix(".template.json"): json.loads(path.read_text())
            for path in out.rglob("*.template.json")
        }


def fixed_usage(template: Template) -> Usage:
    """Return the monthly fixed usage of a template's resources, as it is shipped."""
    return _usage(each for each in _resources(template) if "Condition" not in each)


def optional_usage(template: Template) -> Usage:
    """Return the monthly fixed usage of the resources that are made only if a parameter says so."""
    return _usage(each for each in _resources(template) if "Condition" in each)


def _resources(template: Template) -> Iterable[Template]:
    resources: Mapping[str, Template] = template["Resources"]
    return resources.values()


def _usage(resources: Iterable[Template]) -> Usage:
    found = [(each["Type"], each["Properties"]) for each in resources]
    alarms = sum(_metrics_under(properties) for kind, properties in found if kind == "AWS::CloudWatch::Alarm")
    dashboards = sum(kind == "AWS::CloudWatch::Dashboard" for kind, _ in found)
    return Usage({Meter.ALARM_MONTHS: alarms, Meter.DASHBOARD_MONTHS: dashboards})


def _metrics_under(alarm: Mapping[str, Any]) -> int:
    """Return how many metrics an alarm is billed for: an expression for each metric in it."""
    return sum("MetricStat" in each for each in alarm["Metrics"]) if "Metrics" in alarm else 1
