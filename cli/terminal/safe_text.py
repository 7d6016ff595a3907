"""Quotes foreign text, so that it cannot control a terminal."""

from functions.shared.finding import plain_line


def quoted(text: str, longest: int = 60) -> str:
    """Put foreign text in quotes on one line, cut after *longest* characters."""
    return f'"{plain_line(text[:longest])}…"' if len(text) > longest else f'"{plain_line(text)}"'
