"""What is deployed is a zip: the same files make the same bytes, on every machine and in every build."""

import hashlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

_OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE_FILE = 0o100644 << 16


class AssetError(Exception):
    """What shall be deployed cannot be built; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A zip that is ready for Lambda.

    Attributes:
        path: of the zip.
        digest: SHA-256 over the names and contents of its files, in hexadecimal; their compression does not count.
    """

    path: Path
    digest: str

    @classmethod
    def of(cls, path: Path) -> "Asset":
        """Read the digest of the zip at *path*."""
        total = hashlib.sha256()
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                total.update(f"{name}\0{hashlib.sha256(archive.read(name)).hexdigest()}\n".encode())
        return cls(path, total.hexdigest())


def pack(tree: Path, into: Path, stem: str) -> Asset:
    """Zip every file below *tree* into the folder *into*, under a name that *stem* begins and the digest ends.

    The zip appears whole or not at all, and no other content ever gets its name.
    """
    into.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=into, suffix=".unfinished")
    os.close(handle)
    try:
        _write(tree, Path(unfinished))
        digest = Asset.of(Path(unfinished)).digest
        return Asset(Path(unfinished).replace(into / f"{stem}-{digest[:16]}.zip"), digest)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _write(tree: Path, to: Path) -> None:
    files = {path.relative_to(tree).as_posix(): path for path in tree.rglob("*") if path.is_file()}
    with zipfile.ZipFile(to, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _OLDEST_DATE)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE
            archive.writestr(entry, files[name].read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
