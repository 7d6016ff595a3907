"""Says on standard error what a person should know beside the result."""

import os
import sys
from typing import TextIO

from functions.shared.finding import plain_line


def note(text: str) -> None:
    """Write one line in the name of the program."""
    write(f"watchkeeper: {plain_line(text)}\n")


def write(text: str) -> None:
    """Write text that is safe to show; a reader who has left changes nothing."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BrokenPipeError:
        discard_output(sys.stderr)


def discard_output(stream: TextIO) -> None:
    """Keep the interpreter, at its end, from flushing into a pipe that nobody reads.

    Source: https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
