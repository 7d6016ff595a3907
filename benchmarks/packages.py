"""Packages: how large each zip is that would be deployed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import deployed
from benchmarks.errors import CannotMeasureError
from benchmarks.results import BudgetResult
from bundling.archives import Asset, AssetError

_FUNCTION_BYTES = 250 * 1024  # as Lambda counts its quotas
_POLLER_BYTES = 1024**2
_LAYER_BYTES = 4 * 1024**2


def measure() -> Iterator[BudgetResult]:
    """Weigh the zip of each function, and the layer."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            assets = deployed.assets(Path(folder))
            for name, asset in assets.functions.items():
                yield _result(f"size of the function {name}", asset, _FUNCTION_BYTES)
            for name, asset in assets.steps.items():
                yield _result(f"size of the compliance run's step {name}", asset, _FUNCTION_BYTES)
            for name, asset in assets.pollers.items():
                yield _result(f"size of the poller of {name}", asset, _POLLER_BYTES)
            yield _result("size of the layer", assets.layer, _LAYER_BYTES)
    except AssetError as error:
        raise CannotMeasureError(str(error)) from error


def _result(budget: str, asset: Asset, most: int) -> BudgetResult:
    return BudgetResult(budget, ours=asset.path.stat().st_size, reference=most, limit=1.0, unit="bytes")
