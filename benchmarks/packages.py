"""Packages: how large each zip is that would be deployed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import deployed
from benchmarks.errors import CannotMeasureError
from benchmarks.lines import Line
from bundling.archives import Asset, AssetError

_FUNCTION_BYTES = 60 * 1024  # as Lambda counts its quotas
_POLLER_BYTES = 1024**2
_LAYER_BYTES = 4 * 1024**2


def measure() -> Iterator[Line]:
    """Weigh the zip of each function, and the layer."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, asset in deployed.functions(Path(folder)).items():
                yield _line(f"size of the function {name}", asset, _FUNCTION_BYTES)
            for name, asset in deployed.steps(Path(folder)).items():
                yield _line(f"size of the compliance run's step {name}", asset, _FUNCTION_BYTES)
            for name, asset in deployed.pollers(Path(folder)).items():
                yield _line(f"size of the poller of {name}", asset, _POLLER_BYTES)
        yield _line("size of the layer", deployed.layer(), _LAYER_BYTES)
    except AssetError as error:
        raise CannotMeasureError(str(error)) from error


def _line(budget: str, asset: Asset, most: int) -> Line:
    return Line(budget, ours=asset.path.stat().st_size, reference=most, limit=1.0, unit="bytes")
