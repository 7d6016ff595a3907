"""Evidence as a person reads it: nested as it is nested, in JSON's words, and cut where it is long."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.shared.finding import value_text
from functions.shared.run.foreign_text import cut, line_of

_MOST_ITEMS = 10
_LONGEST_TEXT = 200
_LONGEST_LINE = 100
_LONGEST_SHOWN = 220
_MOST_LEVELS = 6


def shortened(value: Any, most: int = _MOST_ITEMS, longest: int = _LONGEST_TEXT) -> Any:
    """Return a value of JSON in which no list and no object holds more than *most*, and each text is one line.

    Args:
        value: of JSON.
        most: items of a list and members of an object; behind them stands how many more there are.
        longest: characters of a text.
    """
    match value:
        case list() | tuple():
            rest = [f"and {len(value) - most} more"] if len(value) > most else []
            return [*(shortened(item, most, longest) for item in value[:most]), *rest]
        case dict():
            kept = {line_of(name, longest): shortened(item, most, longest) for name, item in [*value.items()][:most]}
            return kept | ({"…": f"and {len(value) - most} more"} if len(value) > most else {})
        case str():
            return line_of(value, longest)
        case _:
            return value


def evidence_lines(evidence: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of evidence that was `shortened`: one for each member, or several for what is nested."""
    for name, value in evidence.items():
        yield from _lines(f"{indent}{name}:", value, indent)


def first_lines(lines: Iterable[str], most: int) -> list[str]:
    """Return the first lines, and how many more there are."""
    known = list(lines)
    rest = len(known) - most
    return [*known[:most], f"and {rest} more lines"] if rest > 1 else known


def _lines(start: str, value: Any, indent: str) -> Iterator[str]:
    text = value_text(value)
    is_flat = not isinstance(value, list | dict) or not value
    if is_flat or len(indent) >= 2 * _MOST_LEVELS or _is_short_list(value, start, text):
        yield cut(f"{start} {text}", _LONGEST_SHOWN)
        return
    yield start
    if isinstance(value, dict):
        yield from evidence_lines(value, f"{indent}  ")
    else:
        for item in value:
            is_short = isinstance(item, dict) and _is_simple(item.values()) and len(value_text(item)) < _LONGEST_LINE
            yield from _lines(f"{indent}  -", value_text(item) if is_short else item, f"{indent}  ")


def _is_short_list(value: Any, start: str, text: str) -> bool:
    return isinstance(value, list) and _is_simple(value) and len(start) + len(text) < _LONGEST_LINE


def _is_simple(values: Iterable[Any]) -> bool:
    return not any(isinstance(item, list | dict) for item in values)
