"""Escapes foreign text, so that it cannot control a terminal."""


def escaped(text: str) -> str:
    """Replace what cannot be printed, such as control characters and changes of direction, by its escape sequence."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def quoted(text: str, longest: int = 60) -> str:
    """Put foreign text in quotes on one line, cut after *longest* characters."""
    return f'"{escaped(text[:longest])}…"' if len(text) > longest else f'"{escaped(text)}"'
