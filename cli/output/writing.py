"""Writes a result where it was asked for: on standard output, or into a file."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from cli.command.formats import FOR_FILES, FORMATS
from cli.command.options import Options
from cli.errors import UsageError
from cli.output.closing import closing_line
from cli.output.layout import layout_for
from cli.output.view import TableView
from cli.terminal.notes import discard_output
from cli.terminal.notes import write as write_note
from cli.terminal.safe_text import quoted
from functions.shared.finding import plain_line


def show(document: Mapping[str, Any], options: Options) -> None:
    """Render a result in the format that was asked for, and write it where it was asked for.

    A person at a terminal also sees the last line of a result that goes into a file.

    Raises:
        UsageError: the file that was asked for cannot be written.
    """
    how = (layout_for(options), TableView.of(options)) if options.format == "table" else ()
    write(import_module(FORMATS[options.format]).render(document, *how), options)
    if options.output and not options.quiet and sys.stderr.isatty():
        write_note(f"{plain_line(closing_line(document))}\nThe result is in {plain_line(options.output)}\n")


def write(pieces: Iterable[str], options: Options) -> None:
    """Write a result that is text already, piece by piece.

    Raises:
        UsageError: the file that was asked for cannot be written.
    """
    if options.output is None:
        _print(pieces)
        return
    try:
        with _whole_or_not_at_all(options.output) as file:
            file.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{quoted(str(options.output))} cannot be written: {error.strerror}") from error


@contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[TextIO]:
    """Open a file that takes its name only when all is written; what had that name stays until then.

    A device, a pipe, or a file in a folder where no other can be created is written in place.
    """
    target = Path(os.path.realpath(path))
    is_in_place = target.exists() and not (target.is_file() and os.access(target.parent, os.W_OK))
    part = target if is_in_place else target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        if not is_in_place:
            if target.exists():
                shutil.copymode(target, part)
            part.replace(target)
    except BaseException:
        if not is_in_place:
            part.unlink(missing_ok=True)
        raise


def check_destination(options: Options) -> None:
    """Refuse a format for files on a terminal; in a pipe anything goes through.

    Raises:
        UsageError: that was asked for.
    """
    if options.format in FOR_FILES and options.output is None and sys.stdout.isatty():
        hint = f"add --output report.{options.format}, and open that file in a browser"
        raise UsageError(f"{options.format} cannot be read on a terminal", hint)


def _print(pieces: Iterable[str]) -> None:
    """Print what the terminal's encoding has, and escape the rest; a reader who leaves early changes nothing.

    Raises:
        UsageError: it cannot be printed: the disk is full, say.
    """
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for piece in pieces:
            sys.stdout.write(piece.encode(encoding, errors="backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output(sys.stdout)
    except OSError as error:
        discard_output(sys.stdout)
        hint = "--output FILE writes the result into a file"
        raise UsageError(f"the result cannot be written to standard output: {error.strerror}", hint) from error
