"""Asks a person a question that is answered with yes or no."""

import sys

from cli.terminal.notes import write


def confirmed(question: str) -> bool:
    """Ask on standard error; anything but yes is no."""
    write(f"{question} [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
