"""What a run has seen when somebody stops it, kept until the same command goes on."""

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
    """Say whether there is a run of this command that was interrupted."""
    return _place(hub, options).exists()


def nothing_to_resume() -> UsageError:
    """Return what is wrong where a run is to go on, and none was interrupted."""
    hint = "leave out --resume: only the same command with the same configuration goes on"
    return UsageError("there is no interrupted run to go on with", hint)


@dataclass(slots=True)
class Interruption:
    """The sweeps of a run, on disk.

    Attributes:
        journal: of what was swept, in this run and in the one that it goes on with.
        done: the sweeps of that one, which need not be made again.
    """

    journal: Journal
    done: frozenset[Job] = frozenset()

    @classmethod
    @contextmanager
    def of(cls, hub: Hub, options: Options) -> "Iterator[Interruption]":
        """Keep what is seen within the block; forget it at its end, unless that is an error or Ctrl-C.

        What is kept does not depend on the form or the file that the result was to have.

        Raises:
            UsageError: there is nothing to go on with.
        """
        path = _place(hub, options)
        if options.resume and not is_interrupted(hub, options):
            raise nothing_to_resume()
        with _opened(path, fresh=not options.resume) as file:
            journal = Journal(file)
            rows = (line["coverage"] for line in journal.lines())
            kept = cls(journal, frozenset(Job(row["automation"], row["account"], row["region"]) for row in rows))
            try:
                with _patience():
                    yield kept
            except BaseException:
                if path.exists() and (sweeps := sum(1 for _ in journal.lines())):
                    sys.stderr.write(
                        f"watchkeeper: {sweeps:,} sweeps are kept; the same command with --resume goes on\n"
                    )
                raise
        path.unlink(missing_ok=True)

    def keep(self, swept: Swept) -> None:
        """Write a sweep down."""
        self.journal.write(swept.document())


@contextmanager
def _patience() -> Iterator[None]:
    """Say at the first Ctrl-C that what is under way comes to its end; the next one leaves it.

    Where signals are ignored, or are another's to hear, nothing is changed.
    """
    ours = signal.default_int_handler
    if signal.getsignal(signal.SIGINT) is not ours or current_thread() is not main_thread():
        yield
        return

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, ours)
        sys.stderr.write("\nwatchkeeper: what is under way comes to its end, within seconds; Ctrl-C again leaves it\n")
        ours(number, frame)

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, ours)


def _place(hub: Hub, options: Options) -> Path:
    """Return where a run of this command with this configuration is kept.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    what = [options.verb, hub.dry_run, hub.account, hub.settings.config_hash]
    which = [*options.automations, "", *options.accounts, "", *options.regions]
    return state / "watchkeeper" / f"{sha256(json.dumps([what, which]).encode()).hexdigest()[:16]}.jsonl"


@contextmanager
def _opened(path: Path, *, fresh: bool) -> Iterator[BinaryIO]:
    """Open the file of a run, which is its owner's alone; where there can be none, one that nobody goes on with."""
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
    """Cut off a line that was not written to its end."""
    whole = 0
    for line in file:
        whole += len(line) if line.endswith(b"\n") else 0
    file.truncate(whole)
    file.seek(whole)
