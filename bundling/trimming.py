"""What of the dependencies no function can reach is left out: models of other services, unused parts, prose."""

import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bundling.archives import AssetError

BASIC_SERVICES = frozenset({"dynamodb", "ssm", "sts"})
"""What every function may call beside the services of its manifest: for its ledger and for its roles."""

_POWERTOOLS = frozenset(
    {
        "__init__.py",
        "exceptions",
        "logging",
        "metrics",
        "middleware_factory",
        "package_logger.py",
        "shared",
        "tracing",  # a part of the package's own namespace; its SDK is not installed
        "warnings",
    },
)
_UTILITIES = frozenset({"__init__.py", "batch", "data_classes", "jmespath_utils", "serialization.py", "typing"})
_HTTP2 = Path("urllib3", "http2", "__init__.py")
"""Switches HTTP/2 on, which botocore never does; to be ready for it, it loads the reader of package metadata."""

_MODEL_EXAMPLES = "examples-1.json"


def trim(site: Path, services: Iterable[str]) -> None:
    """Trim the dependencies that were installed into *site*.

    Args:
        site: the folder that holds the packages.
        services: botocore's names of all services that are called.

    Raises:
        AssetError: botocore has no such service.
    """
    _drop_metadata(site)
    _keep_only(site / "aws_lambda_powertools", _POWERTOOLS | {"utilities"})
    _keep_only(site / "aws_lambda_powertools" / "utilities", _UTILITIES)
    _trim_botocore(site / "botocore" / "data", frozenset(services))
    _empty(site / _HTTP2)


def trim_task(site: Path) -> None:
    """Trim what a function carries beside the layer: boto3's resources and examples are never asked for."""
    _drop_metadata(site)
    for folder in (site / "boto3" / "data", site / "boto3" / "examples"):
        shutil.rmtree(folder, ignore_errors=True)


def _drop_metadata(site: Path) -> None:
    for folder in (*site.glob("*.dist-info"), site / "bin"):
        shutil.rmtree(folder, ignore_errors=True)
    (site / ".lock").unlink(missing_ok=True)


def _empty(module: Path) -> None:
    """Leave a module that is imported for its package alone.

    Raises:
        AssetError: the package is laid out in another way; look whether the cut is still right.
    """
    if not module.exists():
        raise AssetError(f"{module} is not there: urllib3 has changed, see bundling/trimming.py")
    module.write_text("", encoding="utf-8")


def _keep_only(folder: Path, names: frozenset[str]) -> None:
    for path in folder.iterdir():
        if path.name in names:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _trim_botocore(data: Path, services: frozenset[str]) -> None:
    if unknown := sorted(service for service in services if not (data / service).is_dir()):
        raise AssetError(f"botocore has no model of {', '.join(unknown)}: is the service's name right in the manifest?")
    _keep_only(data, services | {path.name for path in data.glob("*.json")})
    prefixes = {_trim_service(data / service) for service in services}
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: at for name, at in partition["services"].items() if name in prefixes}
    _write(data / "endpoints.json", endpoints)


def _trim_service(folder: Path) -> str:
    """Keep the newest model, unpacked and without its prose, and return the prefix of its endpoints."""
    newest = max(path.name for path in folder.iterdir() if list(path.glob("service-2.json*")))
    _keep_only(folder, frozenset({newest}))
    for packed in (folder / newest).glob("*.json.gz"):
        document = _without_prose(json.loads(gzip.decompress(packed.read_bytes())))
        for parameter in document.get("clientContextParams", {}).values():
            parameter["documentation"] = ""  # botocore fails without it, at the first call
        _write(packed.with_suffix(""), document)
        packed.unlink()
    (folder / newest / _MODEL_EXAMPLES).unlink(missing_ok=True)
    return str(json.loads((folder / newest / "service-2.json").read_bytes())["metadata"]["endpointPrefix"])


def _without_prose(node: Any) -> Any:
    """Leave out every documentation text; a member that is *named* documentation is a mapping, and stays."""
    if isinstance(node, dict):
        return {
            key: _without_prose(value)
            for key, value in node.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return [_without_prose(value) for value in node] if isinstance(node, list) else node


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
