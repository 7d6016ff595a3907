"""The zips for Lambda: the same files make the same bytes."""

import filecmp
import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE_FILE = 0o100644 << 16


class AssetError(Exception):
    """A zip cannot be built; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A zip that is ready for Lambda.

    Attributes:
        path: of the zip.
        digest: SHA-256 over the names and contents of its files, in hexadecimal.
    """

    path: Path
    digest: str


def pack(tree: Path, into: Path, stem: str, *, below: str = "") -> Asset:
    """Zip every file of a folder, whatever the folder *into* has under that name already: it is not believed.

    The zip is written whole or not at all.

    Args:
        tree: the folder whose files are zipped.
        into: the folder of the zip.
        stem: beginning of the zip's name; the digest ends it, so that other files never get the same name.
        below: the folder inside the zip that holds the files.
    """
    files = {Path(below, name).as_posix(): content for name, content in _contents(tree).items()}
    digest = _digest(files)
    asset = Asset(into / f"{stem}-{digest[:16]}.zip", digest)
    into.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=into, suffix=".unfinished")
    os.close(handle)
    try:
        _write(files, Path(unfinished))
        if asset.path.exists() and not filecmp.cmp(unfinished, asset.path, shallow=False):
            sys.stderr.write(f"warning: {asset.path} did not hold what its name says, and was made again\n")
        Path(unfinished).replace(asset.path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return asset


def tree_digest(tree: Path) -> str:
    """Return the SHA-256 over the names and contents of all files in a folder, in hexadecimal."""
    return _digest({name.as_posix(): content for name, content in _contents(tree).items()})


def _contents(tree: Path) -> dict[Path, bytes]:
    return {path.relative_to(tree): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def _digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
    return total.hexdigest()


def _write(files: Mapping[str, bytes], to: Path) -> None:
    with zipfile.ZipFile(to, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _OLDEST_DATE)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)
