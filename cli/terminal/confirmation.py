"""Asks a person a question that is answered with yes or no."""

import sys


def confirmed(question: str) -> bool:
    """Ask on standard error; anything but yes is no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
