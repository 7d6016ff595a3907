"""Saves the sweeps of an interrupted run until the same command resumes it."""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import BinaryIO

from cli.command.options import Options
from cli.errors import UsageError
from functions.compliance_run.decision import Job
from functions.compliance_run.journal import Journal
from functions.compliance_run.sweeper import Swept
from functions.shared.run.hub import Hub


def is_interrupted(hub: Hub, options: Options) -> bool:
    """Say whether a run of this command was interrupted."""
    return _path(hub, options).exists()


def nothing_to_resume() -> UsageError:
    """Return the error of a command that is to resume a run, where none was interrupted."""
    hint = "leave out --resume: only the same command with the same configuration can be resumed"
    return UsageError("no interrupted run to resume", hint)


@dataclass(slots=True)
class ResumeFile:
    """The sweeps of a run, on disk.

    Attributes:
        journal: of the sweeps of this run and of the one that it resumes.
        done: the sweeps of the run that it resumes; they are not made again.
    """

    journal: Journal
    done: frozenset[Job] = frozenset()

    @classmethod
    @contextmanager
    def opened(cls, hub: Hub, options: Options) -> "Iterator[ResumeFile]":
        """Save the sweeps within the block; delete them at its end, unless that is an error or Ctrl-C.

        The format and the file of the result may be others when the run is resumed.

        Raises:
            UsageError: no run of this command was interrupted.
        """
        path = _path(hub, options)
        if options.resume and not is_interrupted(hub, options):
            raise nothing_to_resume()
        with _opened(path, fresh=not options.resume) as file:
            journal = Journal(file)
            coverage = (line["coverage"] for line in journal.lines())
            done = frozenset(Job(each["automation"], each["account"], each["region"]) for each in coverage)
            try:
                with _announced_interrupt():
                    yield cls(journal, done)
            except BaseException:
                if path.exists() and (sweeps := sum(1 for _ in journal.lines())):
                    more = "run the same command with --resume to continue"
                    sys.stderr.write(f"watchkeeper: {sweeps:,} sweeps are saved; {more}\n")
                raise
        path.unlink(missing_ok=True)

    def save(self, swept: Swept) -> None:
        """Write a sweep to the file."""
        self.journal.write(swept.document())


@contextmanager
def _announced_interrupt() -> Iterator[None]:
    """Say at the first Ctrl-C that the calls in progress are finished first; the second one ends them.

    Nothing is changed where signals are ignored, or are handled elsewhere.
    """
    ours = signal.default_int_handler
    if signal.getsignal(signal.SIGINT) is not ours or current_thread() is not main_thread():
        yield
        return

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, ours)
        sys.stderr.write("\nwatchkeeper: finishing the calls in progress; press Ctrl-C again to stop at once\n")
        ours(number, frame)

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, ours)


def _path(hub: Hub, options: Options) -> Path:
    """Return where the run of this command with this configuration is saved.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    what = [options.verb, hub.dry_run, hub.account, hub.settings.config_hash]
    which = [*options.automations, "", *options.accounts, "", *options.regions]
    return state / "watchkeeper" / f"{sha256(json.dumps([what, which]).encode()).hexdigest()[:16]}.jsonl"


@contextmanager
def _opened(path: Path, *, fresh: bool) -> Iterator[BinaryIO]:
    """Open the file of a run, which only its owner can read; where it cannot be written, a temporary one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if fresh else 0), 0o600)
    except OSError:
        with tempfile.TemporaryFile() as file:
            yield file
        return
    with os.fdopen(handle, "r+b") as file:
        _drop_broken_end(file)
        yield file


def _drop_broken_end(file: BinaryIO) -> None:
    """Cut off a last line that was written in part."""
    whole = 0
    for line in file:
        whole += len(line) if line.endswith(b"\n") else 0
    file.truncate(whole)
    file.seek(whole)
