"""Foreign text as one line of letters, which act nowhere: no control characters, no changes of direction."""

from collections.abc import Iterator, Mapping


def printable(text: object) -> str:
    """Replace what cannot be printed by its escape sequence; nothing is cut."""
    whole = str(text)
    if whole.isprintable():
        return whole
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in whole)


def members(evidence: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each member of the evidence with its value as text."""
    for name, value in evidence.items():
        yield printable(name), printable(plain(value))


def plain(value: object) -> str:
    """Write a value of JSON as a person would."""
    match value:
        case str():
            return value
        case list() | tuple():
            return ", ".join(map(plain, value))
        case dict():
            return ", ".join(f"{name}: {plain(member)}" for name, member in value.items())
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
