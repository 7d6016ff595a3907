"""Packages of the lock, installed for the Python of the Lambda runtime, below ``build/``."""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bundling.archives import AssetError
from bundling.interpreter import compile_tree, lambda_python
from bundling.layer import uv

ROOT = Path(__file__).parents[1]

_LOCK = ROOT / "requirements" / "dev.txt"
_OPTIONS = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy")


def installed(name: str, packages: frozenset[str], *, compiled: bool) -> Path:
    """Return a folder with these packages, as locked; it is made once.

    Args:
        name: of the folder, before its key.
        packages: by their names in the lock, all of them: nothing that they need is added.
        compiled: whether their `.pyc` files are there too.

    Raises:
        AssetError: there is no such Python, or they cannot be installed.
    """
    lock = _part_of_lock(packages)
    key = hashlib.sha256(f"{lambda_python()}\n{lock}".encode()).hexdigest()[:16]
    folder = ROOT / "build" / "packages" / f"{name}-{key}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as workshop:
            site = Path(workshop, "site")
            _install(lock, site)
            if compiled:
                compile_tree(site, mounted_at=str(folder))
            _keep(site, folder)
    return folder


def _keep(site: Path, folder: Path) -> None:
    """Put what was made into its place, unless another process was faster."""
    try:
        site.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def _part_of_lock(packages: frozenset[str]) -> str:
    blocks = re.split(r"\n(?=\S)", _LOCK.read_text(encoding="utf-8"))
    return "\n".join(block for block in blocks if block.partition("==")[0] in packages) + "\n"


def _install(lock: str, site: Path) -> None:
    requirements = site.with_name("requirements.txt")
    requirements.write_text(lock, encoding="utf-8")
    places = ("--python", str(lambda_python()), "--target", str(site), "--requirements", str(requirements))
    command = [uv(), "pip", "install", *_OPTIONS, *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        raise AssetError(f"uv cannot install what {sys.executable} has of the lock: {done.stderr.strip()}")
