"""What is left out of the packages that go to Lambda: models of other services, and parts that no function loads."""

import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from bundling.archives import AssetError

_UNUSED = (
    "aws_lambda_powertools/event_handler",
    "boto3/data",
    "boto3/examples",
    "bin",  # names this machine's Python
    ".lock",
    "*.dist-info/RECORD",  # lists what was left out, too
)
_POWERTOOLS_UTILITIES = frozenset({"batch", "data_classes", "jmespath_utils", "typing"})


def trim(site: Path, services: Iterable[str]) -> None:
    """Delete from the folder *site* what the functions do not need.

    Args:
        site: the folder of the installed packages.
        services: botocore's names of all services that the functions call.

    Raises:
        AssetError: botocore does not have such a service.
    """
    for pattern in _UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _keep_only(site / "aws_lambda_powertools" / "utilities", _POWERTOOLS_UTILITIES)
    if wanted := frozenset(services):
        _keep_services(site / "botocore" / "data", wanted)


def _keep_services(data: Path, services: frozenset[str]) -> None:
    """Delete the models and the endpoints of all other services: botocore reads all endpoints at the first client."""
    if unknown := sorted(service for service in services if not (data / service).is_dir()):
        raise AssetError(f"botocore has no model of {', '.join(unknown)}: is the service's name right in the manifest?")
    _keep_only(data, services)
    models = (json.loads(gzip.decompress(path.read_bytes())) for path in data.glob("*/*/service-2.json.gz"))
    prefixes = {model["metadata"]["endpointPrefix"] for model in models}
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: at for name, at in partition["services"].items() if name in prefixes}
    (data / "endpoints.json").write_text(json.dumps(endpoints), encoding="utf-8")


def _keep_only(folder: Path, names: frozenset[str]) -> None:
    """Delete the other folders in *folder*."""
    for path in folder.glob("*/"):
        if path.name not in names:
            shutil.rmtree(path)
