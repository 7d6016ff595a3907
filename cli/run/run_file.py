"""The file of one run: only its owner can read it, and only one process at a time may write it."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cli.errors import UsageError


def folder() -> Path:
    """Return where runs are saved.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "watchkeeper"


@contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """Open a file and keep other processes out of it; where it cannot be written, open a temporary one.

    The operating system ends the lock with the process, however that ends.

    Raises:
        UsageError: another process has it.

    Source: https://man7.org/linux/man-pages/man2/flock.2.html
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _only_ours(path)
    except BlockingIOError as error:
        hint = "wait for its end; or give one of them another --automation, --account or --region"
        raise UsageError("another run of this command is going on", hint) from error
    except OSError:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed below
    with file:
        yield file


def _only_ours(path: Path) -> BinaryIO:
    """Open and lock the file that stands at *path*: one that another process deletes meanwhile is not it."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except OSError:
            file.close()
            raise
        file.close()
