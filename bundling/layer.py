"""The one layer, and what no layer holds: what a lock says, installed once, and the modules that functions share."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from bundling.archives import Asset, AssetError, pack
from bundling.interpreter import VERSION, compile_bare, compile_lean, compile_tree, lambda_python
from bundling.modules import Modules
from bundling.trimming import BASIC_SERVICES, trim, trim_task

_MAKERS = ("archives.py", "interpreter.py", "layer.py", "lean_compiler.py", "trimming.py")
_MOUNTED_AT = "/opt"
_PACKAGES = "python"
_INSTALL = (
    *("pip", "install", "--quiet", "--python-platform", "aarch64-manylinux2014", "--python-version", VERSION),
    *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--link-mode", "copy"),
)


def build_layer(lock: Path, services: Iterable[str], ours: Modules, into: Path) -> Asset:
    """Build the layer, or take the one that the same sources, lock, services, builder and interpreter have made before.

    Args:
        lock: hashed requirements of all that ships to Lambda.
        services: botocore's names of the services that the functions call.
        ours: the modules that functions share.
        into: folder of the zip.

    Raises:
        AssetError: a dependency cannot be had, is not what the lock says, or cannot be compiled.
    """
    wanted = sorted(BASIC_SERVICES.union(services))
    key = _key([lock], wanted)

    def fill(opt: Path) -> None:
        with tempfile.TemporaryDirectory() as workshop:
            ours.copy_to(Path(workshop))
            compile_lean(Path(workshop), mounted_at=f"{_MOUNTED_AT}/{_PACKAGES}")
            shutil.copytree(workshop, opt / _PACKAGES)
        shutil.unpack_archive(_build_dependencies(lock, wanted, f"dependencies-{key}", into).path, opt)

    return _made_once(f"layer-{_key_with(ours, key)}", into, fill)


def _build_dependencies(lock: Path, services: list[str], stem: str, into: Path) -> Asset:
    """Zip the layer without any module of ours: the part that takes long, and seldom changes."""

    def fill(opt: Path) -> None:
        _install(lock, opt / _PACKAGES)
        trim(opt / _PACKAGES, services)
        compile_tree(opt, mounted_at=_MOUNTED_AT)

    return _made_once(stem, into, fill)


def _made_once(stem: str, into: Path, fill: Callable[[Path], None]) -> Asset:
    if built := next(into.glob(f"{stem}-*.zip"), None):
        return Asset.of(built)
    with tempfile.TemporaryDirectory() as workshop:
        fill(Path(workshop))
        return pack(Path(workshop), into, stem)


def build_beside_layer(locks: Path, lock: str, mounted_at: str, into: Path) -> Asset:
    """Zip what *lock* holds beyond the layer, or take the zip that the same locks, builder and interpreter have made.

    Args:
        locks: the folder of the hashed requirements.
        lock: name of those to install.
        mounted_at: where Lambda unpacks the function that carries it.
        into: folder of the zip.

    Raises:
        AssetError: a dependency cannot be had, is not what the lock says, or cannot be compiled.
    """
    in_layer = requirements(locks / "lambda.txt")
    beyond = {name: text for name, text in requirements(locks / lock).items() if name not in in_layer}

    def fill(task: Path) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as only:
            only.write("".join(beyond.values()))
            only.flush()
            _install(Path(only.name), task)
        trim_task(task)
        compile_bare(task, mounted_at=mounted_at)

    return _made_once(f"beside-layer-{_key([locks / 'lambda.txt', locks / lock], [mounted_at])}", into, fill)


def requirements(lock: Path) -> dict[str, str]:
    """Return the entry of each package in a lock, by its name and version."""
    found: dict[str, str] = {}
    for line in lock.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.startswith(" "):
            name = line.partition(" ")[0]
        found[name] = found.get(name, "") + line
    return found


def _key(locks: Iterable[Path], wanted: list[str]) -> str:
    made_from = hashlib.sha256()
    for source in (*locks, *(Path(__file__).with_name(maker) for maker in _MAKERS)):
        made_from.update(source.read_bytes())
    made_from.update(f"{lambda_python()} {wanted}".encode())
    return made_from.hexdigest()[:16]


def _key_with(ours: Modules, key: str) -> str:
    made_from = hashlib.sha256(key.encode())
    for source in sorted(ours.sources):
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        made_from.update(f"\n{source.relative_to(ours.root)} {digest}".encode())
    return made_from.hexdigest()[:16]


def _install(lock: Path, site: Path) -> None:
    command = [uv(), *_INSTALL, "--python", sys.executable, "--target", str(site), "--requirements", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        raise AssetError(f"uv cannot install {lock.name} for the layer: {done.stderr.strip()}")


def uv() -> str:
    """Return the program that installs what ships to Lambda.

    Raises:
        AssetError: it is nowhere.
    """
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if not found:
        raise AssetError("uv was not found, which installs what ships to Lambda: it is in requirements/dev.txt")
    return found
