"""Puts a result where it was asked for: on standard output, or into a file."""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from cli.command.formats import FOR_FILES, FORMATS
from cli.command.options import Options
from cli.errors import UsageError
from cli.output.closing import closing_line
from cli.terminal.safe_text import escaped, quoted

_NARROWEST, _WIDEST = 60, 120
_WIDTH_OF_A_FILE = 80


@dataclass(frozen=True, slots=True)
class Paper:
    """What a result is written on.

    Attributes:
        width: in columns.
        color: whether it can show colours.
    """

    width: int = _WIDTH_OF_A_FILE
    color: bool = False


def show(document: Mapping[str, Any], options: Options) -> None:
    """Render a result in the form that was asked for, and write it where it was asked for.

    Who watches a terminal while it goes into a file is told what it came to.

    Raises:
        UsageError: the file that was asked for cannot be written.
    """
    write(import_module(FORMATS[options.format]).render(document, paper(options)), options)
    if options.output and not options.quiet and sys.stderr.isatty():
        sys.stderr.write(f"{escaped(closing_line(document))}\nThe result is in {escaped(str(options.output))}\n")


def write(pieces: Iterable[str], options: Options) -> None:
    """Write a result that is text already, piece by piece.

    Raises:
        UsageError: the file that was asked for cannot be written.
    """
    if options.output is None:
        _print(pieces)
        return
    try:
        with options.output.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{quoted(str(options.output))} cannot be written: {error.strerror}") from error


def check_destination(options: Options) -> None:
    """Refuse a file that cannot be written before a long run, and on a terminal what is not for people's eyes.

    In a pipe anything goes through.

    Raises:
        UsageError: that was asked for.
    """
    if options.output is not None and (reason := _unwritable(options.output)):
        raise UsageError(f"{quoted(str(options.output))} cannot be written: {reason}")
    if options.format in FOR_FILES and options.output is None and sys.stdout.isatty():
        raise UsageError(
            f"{options.format} on a terminal is readable by nobody",
            f"add --output report.{options.format}, and open that in a browser",
        )


def _unwritable(path: Path) -> str:
    """Say why a file cannot be written, as far as can be told without writing it."""
    if path.is_dir():
        return "it is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {quoted(str(path.parent))}"
    return "" if os.access(path if path.exists() else path.parent, os.W_OK) else "permission denied"


def paper(options: Options) -> Paper:
    """Return what the result will be written on.

    Colours are for a terminal that can show them, and never against ``--no-color`` or ``NO_COLOR``.
    Source: https://no-color.org
    """
    if options.output is not None or not sys.stdout.isatty():
        return Paper()
    unwanted = not options.color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size().columns
    return Paper(width=min(max(columns, _NARROWEST), _WIDEST), color=not unwanted)


def leave_unread(stream: TextIO) -> None:
    """Keep the interpreter from flushing, at its end, into a pipe that nobody reads any more.

    Source: https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print(pieces: Iterable[str]) -> None:
    """Print what the terminal's encoding has, and escape the rest; a reader who leaves early changes nothing."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for piece in pieces:
            sys.stdout.write(piece.encode(encoding, errors="backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        leave_unread(sys.stdout)
