"""Where zips are unpacked, each once."""

import io
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock

from moto.awslambda.models import LambdaFunction

from emulator.awslambda.configuration import layers_of
from emulator.awslambda.functions import NoCodeError


class Shelf:
    """Folders of what was unpacked, for everybody to read."""

    def __init__(self, folder: Path) -> None:
        """Keep them below *folder*."""
        self._folder = folder
        self._lock = Lock()

    def task_of(self, function: LambdaFunction) -> Path:
        """Return the folder that stands for ``/var/task``.

        Raises:
            NoCodeError: the function has no zip, or one that is none.
        """
        if function.package_type != "Zip" or not function.code_bytes:
            raise NoCodeError(f"the emulated Lambda holds no zip of {function.function_arn}")
        return self._unpacked("task", [(function.code_sha_256, function.code_bytes)])

    def opt_of(self, function: LambdaFunction) -> Path:
        """Return the folder that stands for ``/opt``: all layers, the later ones over the earlier.

        Raises:
            NoCodeError: a layer is no zip.
        """
        return self._unpacked("opt", [(layer.code_sha_256, layer.code_bytes) for layer in layers_of(function)])

    def _unpacked(self, name: str, zips: Sequence[tuple[str, bytes]]) -> Path:
        key = sha256("\n".join(digest for digest, _ in zips).encode()).hexdigest()[:16]
        folder = self._folder / f"{name}-{key}"
        with self._lock:
            if not folder.exists():
                unfinished = folder.with_suffix(".unfinished")
                unfinished.mkdir(parents=True)
                for _, content in zips:
                    _unpack(content, unfinished)
                unfinished.rename(folder)
        return folder


def _unpack(content: bytes, into: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(into)
    except zipfile.BadZipFile as error:
        raise NoCodeError(f"a zip cannot be unpacked: {error}") from error
