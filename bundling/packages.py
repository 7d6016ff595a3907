"""Packages as the locks name them, installed by uv: each set once, in a folder of its own below ``build/packages``."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from bundling.archives import AssetError, tree_digest
from bundling.interpreter import VERSION, compile_tree, find_python, lambda_python
from bundling.trimming import trim

ROOT = Path(__file__).parents[1]
"""The repository."""

_LOCKS = ROOT / "requirements"
_OPTIONS = (
    *("--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy"),
    "--no-installer-metadata",
)
_FOR_LAMBDA = ("--python", sys.executable, "--python-version", VERSION, "--python-platform", "aarch64-manylinux2014")


def layer_packages(services: Iterable[str], lock: Path = _LOCKS / "lambda.txt") -> Path:
    """Return the folder of the packages that all functions load.

    Args:
        services: botocore's names of all services that the functions call.
        lock: the hashed requirements.

    Raises:
        AssetError: a package cannot be installed, is not what the lock says, or does not compile.
    """
    return _for_lambda("layer", "".join(requirements(lock).values()), sorted(services))


def poller_packages() -> Path:
    """Return the folder of the packages that durable functions load and that are not in the layer.

    Raises:
        AssetError: as of `layer_packages`.
    """
    in_layer = requirements(_LOCKS / "lambda.txt")
    beyond = [text for name, text in requirements(_LOCKS / "poller.txt").items() if name not in in_layer]
    return _for_lambda("poller", "".join(beyond), [])


def local_packages(name: str, packages: Iterable[str]) -> Path:
    """Return a folder of packages for this machine, whole and compiled as pip does it.

    Args:
        name: of the folder, without its key.
        packages: by their names in the lock, all of them: what they depend on is not added.

    Raises:
        AssetError: there is no Python of the runtime's version, or they cannot be installed.
    """
    locked = {each.partition("==")[0]: text for each, text in requirements(_LOCKS / "dev.txt").items()}
    wanted = "".join(locked[each] for each in sorted(packages))
    return _installed(name, wanted, ("--python", str(lambda_python()), "--compile-bytecode"), lambda _: None)


def requirements(lock: Path) -> Mapping[str, str]:
    """Return the entry of each package in a lock, by its name and version."""
    entries = re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {entry.partition(" ")[0]: entry for entry in entries if entry}


def _for_lambda(name: str, locked: str, services: list[str]) -> Path:
    def finish(site: Path) -> None:
        trim(site, services)
        compile_tree(site)

    return _installed(f"{name}-{_digest(services)}", locked, _FOR_LAMBDA, finish)


def _installed(name: str, locked: str, target: Iterable[str], finish: Callable[[Path], None]) -> Path:
    """Return a folder of what is *locked*; its name tells it from what other sources or Pythons would make.

    A file beside it holds the digest of what was installed: a folder that has changed since is installed again.
    """
    makers = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    made = ROOT / "build" / "packages" / f"{name}-{_digest([locked, makers, find_python()])}"
    site, digest = made / "site", made / "installed.sha256"
    if made.exists() and not (digest.exists() and digest.read_text(encoding="utf-8") == tree_digest(site)):
        sys.stderr.write(f"warning: {site} has changed since it was installed, and is installed again\n")
        shutil.rmtree(made)
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as workshop:
            fresh = Path(workshop, "fresh")
            fresh.mkdir()
            _install(locked, target, fresh / site.name)
            finish(fresh / site.name)
            (fresh / digest.name).write_text(tree_digest(fresh / site.name), encoding="utf-8")
            _keep(fresh, made)
    return site


def _install(locked: str, target: Iterable[str], site: Path) -> None:
    lock = site.with_name("requirements.txt")
    lock.write_text(locked, encoding="utf-8")
    command = [_uv(), "pip", "install", *_OPTIONS, *target, "--target", str(site), "--requirements", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        raise AssetError(f"uv cannot install what is locked: {done.stderr.strip()}")


def _keep(fresh: Path, folder: Path) -> None:
    """Move what was made to its place, unless another process was faster."""
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if not found:
        raise AssetError("uv was not found, which installs the packages for Lambda: it is in requirements/dev.txt")
    return found


def _digest(made_from: object) -> str:
    return hashlib.sha256(repr(made_from).encode()).hexdigest()[:16]
