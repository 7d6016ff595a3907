"""Puts short texts into columns that fit a width, and cuts what people need least."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from functions.shared.finding import plain_line


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        least: to so many characters its texts may be cut; 0 for none of it.
        is_optional: it may be left out where there is no room.
    """

    least: int
    is_optional: bool = False


def in_columns(rows: Sequence[Sequence[str]], columns: Sequence[Column], width: int, gap: int = 2) -> list[str]:
    """Return a line for each row: no line is longer than *width*.

    Where there is no room, optional columns are left out, the first one first; then the longest texts are cut in their
    middle, because the ends of names tell them apart.

    Args:
        rows: texts, one for each column; the last column is not filled up.
        columns: what may become of each.
        width: in columns of the terminal.
        gap: between two columns.
    """
    texts = [[plain_line(text) for text in row] for row in rows]
    widths = [max(map(cell_len, column), default=0) for column in zip(*texts, strict=True)]
    for number, column in enumerate(columns):
        if _total(widths, gap) > width and column.is_optional:
            widths[number] = 0
    while (excess := _total(widths, gap) - width) > 0:
        able = [number for number, column in enumerate(columns) if widths[number] > max(column.least, 1)]
        if not able:
            break
        longest = max(able, key=lambda number: widths[number])
        others = [widths[number] for number in able if number != longest]
        cut = max(min(excess, widths[longest] - max([columns[longest].least, *others])), 1)
        widths[longest] -= cut
    return [set_cell_size(_line(row, widths, gap), width).rstrip() for row in texts]


def _total(widths: Sequence[int], gap: int) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + gap * (len(shown) - 1)


def _line(row: Sequence[str], widths: Sequence[int], gap: int) -> str:
    cells = [set_cell_size(_cut(text, width), width) for text, width in zip(row, widths, strict=True) if width]
    return (" " * gap).join(cells)


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{set_cell_size(text, head).rstrip()}…{text[len(text) - (width - 1 - head) :] if width > 1 + head else ''}"
