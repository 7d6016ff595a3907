"""The packages that are held against ours: as locked, whole, for the runtime's Python, below ``build/``."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.errors import CannotMeasureError
from infra.assets import ROOT
from infra.interpreter import compile_tree, lambda_python

_LOCK = ROOT / "requirements" / "dev.txt"
_RUNTIME = frozenset({"awslambdaric", "simplejson", "snapshot-restore-py", "time-machine"})
_WHOLE = frozenset(
    {
        "aws-lambda-powertools",
        "boto3",
        "botocore",
        "jmespath",
        "python-dateutil",
        "s3transfer",
        "six",
        "typing-extensions",
        "urllib3",
    }
)


def runtime() -> Path:
    """Return a folder with Lambda's runtime interface client, compiled, as Lambda has it.

    What moves the clock of a process lies there besides: the emulator's sandbox takes the same folder.
    """
    return _installed("runtime", _RUNTIME, compiled=True)


def whole(*, compiled: bool) -> Path:
    """Return a folder with all of boto3, botocore and Powertools, with their `.pyc` files or without."""
    return _installed("compiled" if compiled else "customary", _WHOLE, compiled=compiled)


def durable() -> Path:
    """Return a folder with all of boto3, botocore and AWS's library for durable functions, with their `.pyc` files."""
    return _installed("durable", _WHOLE | {"aws-durable-execution-sdk-python"}, compiled=True)


def _installed(name: str, packages: frozenset[str], *, compiled: bool) -> Path:
    lock = _part_of_lock(packages)
    key = hashlib.sha256(f"{lambda_python()}\n{lock}".encode()).hexdigest()[:16]
    folder = ROOT / "build" / "benchmarks" / f"{name}-{key}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as workshop:
            site = Path(workshop, "site")
            _install(lock, site)
            if compiled:
                compile_tree(site, mounted_at=str(folder))
            site.rename(folder)
    return folder


def _part_of_lock(packages: frozenset[str]) -> str:
    blocks = re.split(r"\n(?=\S)", _LOCK.read_text(encoding="utf-8"))
    return "\n".join(block for block in blocks if block.partition("==")[0] in packages) + "\n"


def _install(lock: str, site: Path) -> None:
    requirements = site.with_name("requirements.txt")
    requirements.write_text(lock, encoding="utf-8")
    options = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy")
    places = ("--python", lambda_python(), "--target", site, "--requirements", requirements)
    done = subprocess.run([_uv(), "pip", "install", *options, *places], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMeasureError(f"uv cannot install what is held against ours: {done.stderr.strip()}")


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not found:
        raise CannotMeasureError("uv was not found: it is in requirements/dev.txt")
    return found
