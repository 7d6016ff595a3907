"""Saves the sweeps of an interrupted run until the same command resumes it."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, cast

from cli.command.options import Options
from cli.errors import UsageError
from cli.hubs.hub import CommandHub
from cli.run.answers import answers_key
from cli.run.result_schema import MisfitError, validator_of
from cli.run.run_file import folder, locked
from cli.terminal.notes import note
from cli.terminal.signals import announced_interrupt
from functions.compliance_run.decision import Job
from functions.compliance_run.journal import Journal
from functions.report.composition import SweepResult, Swept
from functions.report.display import age
from functions.report.html.markup import counted
from functions.report.result import ActionRow, CoverageRow, FindingRow, Moment, RunHeader
from functions.shared.finding import plain_line
from functions.shared.ledger.records import timestamp

LONGEST_AGE = timedelta(hours=24)
"""How long after its start a run may be resumed: AWS has changed since, and one result would mix both states."""

_LEAST_AGE = timedelta(minutes=-5)
"""A run that began later than that from now, whatever the clocks, asked another AWS."""

_MOST_NAMED = 20
_START_OVER = "run the command without --resume to start over"


class _SavedSweep(TypedDict):
    """A line of the file: what a sweep said, and when."""

    coverage: CoverageRow
    findings: Iterable[FindingRow]
    actions: Iterable[ActionRow]
    at: Moment


def is_interrupted(hub: CommandHub, options: Options) -> bool:
    """Say whether a run of this command was interrupted."""
    return _path(hub, options).exists()


def nothing_to_resume() -> UsageError:
    """Return the error of a command that is to resume a run, where none was interrupted."""
    hint = "leave out --resume: only the same command of the same caller, with the same configuration, can be resumed"
    return UsageError("no interrupted run to resume", hint)


@dataclass(slots=True)
class ResumeFile:
    """The sweeps of a run, on disk.

    Attributes:
        hub: that sweeps.
        run: which run it is; the first one, where one is resumed.
        journal: of the sweeps of this run and of the one that it resumes.
        done: the sweeps of the run that it resumes; they are not made again.
        resumed_from: the offset at which the sweeps of this run begin.
        left_out: the changes of sweeps that are not saved, as they have to be made again.
    """

    hub: CommandHub
    run: RunHeader
    journal: Journal
    done: frozenset[Job]
    resumed_from: int
    left_out: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def opened(cls, hub: CommandHub, options: Options, run: RunHeader) -> "Iterator[ResumeFile]":
        """Save the sweeps within the block; delete them at its end, unless that is an error or Ctrl-C.

        Args:
            hub: that sweeps; what it finds without a caller is not kept.
            options: what to sweep. The format and the file of the result may be others when the run is resumed.
            run: which run it is, unless it resumes another.

        Raises:
            UsageError: another run of this command is going on; or no run was interrupted that can be resumed.
        """
        path = _path(hub, options)
        if options.resume and not is_interrupted(hub, options):
            raise nothing_to_resume()
        with locked(path) if hub.caller else tempfile.TemporaryFile() as file:
            saved = cls._earlier(hub, path, file) if options.resume else cls._fresh(hub, file, run)
            try:
                with announced_interrupt():
                    yield saved
            except BaseException:
                if not saved.tell_what_was_done():
                    path.unlink(missing_ok=True)
                raise
            path.unlink(missing_ok=True)

    @classmethod
    def _fresh(cls, hub: CommandHub, file: BinaryIO, run: RunHeader) -> "ResumeFile":
        """Begin a run; say so if an interrupted one is given up for it."""
        if file.read(1):
            note("an interrupted run of this command is given up; --resume would have continued it")
        file.truncate(0)
        Journal(file).write(run)
        return cls(hub, run, Journal(file, file.tell()), frozenset(), file.tell())

    @classmethod
    def _earlier(cls, hub: CommandHub, path: Path, file: BinaryIO) -> "ResumeFile":
        """Continue the run that was interrupted, and say how old it is.

        Raises:
            UsageError: it is damaged or too old; the file is left as it is.
        """
        _drop_broken_end(file)
        run, journal, done = _read(path, file)
        since = age(run["started_at"], timestamp(hub.now())) or "a moment"
        if not _LEAST_AGE < hub.now() - datetime.fromisoformat(run["started_at"]) < LONGEST_AGE:
            sentence = f"the interrupted run began at {run['started_at']}, and it is {timestamp(hub.now())} now"
            hours = LONGEST_AGE // timedelta(hours=1)
            raise UsageError(f"{sentence}: only a run of the last {hours} hours can be resumed", _START_OVER)
        sweeps = counted(len(done), "sweep")
        note(f"resuming the run that began {since} ago, at {run['started_at']}; {sweeps} of it are not made again")
        return cls(hub, run, journal, done, file.seek(0, 2))

    def save(self, swept: Swept) -> None:
        """Write a sweep to the file.

        Raises:
            UsageError: it cannot be written.
        """
        try:
            self.journal.write({**swept.document(), "at": timestamp(self.hub.now())})
        except OSError as error:
            hint = "make room, or let XDG_STATE_HOME name another folder; then run the same command with --resume"
            raise UsageError(f"the sweeps cannot be saved: {error.strerror}", hint) from error

    @contextmanager
    def left_out_if_it_fails(self, swept: Swept) -> Iterator[None]:
        """Keep the changes of a sweep to be told, where the block says that it is not to be saved."""
        try:
            yield
        except UsageError:
            self.left_out += _changes(swept.actions)
            raise

    def at(self, offsets: Iterable[int]) -> Iterator[SweepResult]:
        """Yield the sweeps at *offsets*; those of the run that this one resumes say when they were made."""
        for offset in offsets:
            (line,) = self.journal.at([offset])
            yield _dated(line) if offset < self.resumed_from else line

    def tell_what_was_done(self) -> bool:
        """Say at an interruption which changes were made, and how many sweeps are saved; return whether any is."""
        sweeps = 0
        changes: list[str] = [*self.left_out]
        for line in self.journal.lines():
            sweeps += 1
            changes += _changes(line["actions"])
        if changes:
            note(f"{counted(len(changes), 'change')} before the interruption; the ledger has every one:")
            for each in changes[:_MOST_NAMED]:
                note(f"  {each}")
            if len(changes) > _MOST_NAMED:
                note(f"  and {len(changes) - _MOST_NAMED:,} more")
        if sweeps and self.hub.caller:
            note(f"{sweeps:,} sweeps are saved; run the same command with --resume to continue")
        return bool(sweeps)


def _changes(actions: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        f"{each['status']} {each.get('summary') or each['action']}: {each['resource']} "
        f"({each['account']} {each['region']})"
        for each in actions
        if each["status"] in ("DONE", "FAILED")
    ]


def _dated(line: Mapping[str, Any]) -> dict[str, Any]:
    row = line["coverage"]
    when = f"read at {line['at']}, before the run was interrupted"
    return {**line, "coverage": {**row, "detail": f"{row['detail']}; {when}" if row["detail"] else when}}


def _read(path: Path, file: BinaryIO) -> tuple[RunHeader, Journal, frozenset[Job]]:
    """Return the run of a file, its sweeps and which they are.

    Raises:
        UsageError: the file is damaged.
    """
    number, done = 1, set[Job]()
    try:
        file.seek(0)
        run = json.loads(file.readline())
        validator_of(RunHeader)(run)
        journal, number = Journal(file, file.tell()), 2
        for line in journal.lines():
            validator_of(_SavedSweep)(line)
            row = line["coverage"]
            done.add(Job(row["automation"], row["account"], row["region"]))
            number += 1
    except (ValueError, MisfitError) as error:
        where = f"line {number} of {plain_line(path)}"
        raise UsageError(f"the interrupted run cannot be resumed: {where} is damaged", _START_OVER) from error
    return cast("RunHeader", run), journal, frozenset(done)


def _path(hub: CommandHub, options: Options) -> Path:
    """Return where the run of this command is saved."""
    return folder() / f"{answers_key(hub, options)}.jsonl"


def _drop_broken_end(file: BinaryIO) -> None:
    """Cut off a last line that was written in part."""
    file.seek(0)
    whole = 0
    for line in file:
        whole += len(line) if line.endswith(b"\n") else 0
    file.truncate(whole)
