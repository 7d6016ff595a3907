"""A result as one JSON document, for programs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent
from typing import TypeGuard

_INDENT = 2


def render(result: Mapping[str, object]) -> Iterator[str]:
    """Yield the document in ASCII, as ``json.dumps`` with an indent writes it, row by row."""
    yield "{"
    for number, (name, value) in enumerate(result.items()):
        yield f"{',' if number else ''}\n{_shifted(json.dumps(name), 1)}: "
        yield from _rows(value) if _is_a_list(value) else [_shifted(json.dumps(value, indent=_INDENT), 1).lstrip()]
    yield "\n}\n" if result else "}\n"


def _rows(rows: Iterable[object]) -> Iterator[str]:
    is_empty = True
    for row in rows:
        yield f"{'[' if is_empty else ','}\n{_shifted(json.dumps(row, indent=_INDENT), 2)}"
        is_empty = False
    yield "[]" if is_empty else f"\n{_shifted(']', 1)}"


def _is_a_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | Mapping)


def _shifted(text: str, levels: int) -> str:
    return indent(text, " " * _INDENT * levels)
