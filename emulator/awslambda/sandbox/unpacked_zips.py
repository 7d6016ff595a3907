"""The folders into which zips are unpacked, each once."""

import io
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock

from moto.awslambda.models import LambdaFunction

from emulator.awslambda.configuration import layers_of
from emulator.awslambda.functions import NoCodeError


class UnpackedZips:
    """Unpacks zips into folders that all processes read."""

    def __init__(self, folder: Path) -> None:
        """Keep them below *folder*."""
        self._folder = folder
        self._lock = Lock()

    def task_of(self, function: LambdaFunction) -> Path:
        """Return the folder for ``/var/task``.

        Raises:
            NoCodeError: the function has no zip, or a broken one.
        """
        if function.package_type != "Zip" or not function.code_bytes:
            raise NoCodeError(f"{function.function_arn} has no zip")
        return self._unpacked("task", [(function.code_sha_256, function.code_bytes)])

    def opt_of(self, function: LambdaFunction) -> Path:
        """Return the folder for ``/opt``: all layers, later ones over earlier ones.

        Raises:
            NoCodeError: the zip of a layer is broken.
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
