"""The parts of a page on a terminal: headings, labels, and escaped foreign text."""

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from functions.shared.finding import plain_line

_LABEL_COLUMNS = 14
_INDENT = 2


_PAPER = Console(file=StringIO(), width=80, color_system=None)
"""Says how text is folded; nothing is printed on it."""


def printed(parts: Iterable[RenderableType], width: int, *, color: bool) -> str:
    """Return the parts as text that can be read from 60 columns on."""
    page = StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return "\n".join(each.rstrip() for each in page.getvalue().splitlines()) + "\n"


def heading(title: str) -> RenderableType:
    """Return the title of what follows."""
    return Rule(Text(title, style="bold"), align="left", style="dim", characters="-")


def labelled(label: object, text: str, styles: Mapping[Any, str], *, dim: bool = False) -> RenderableType:
    """Return a line that begins with a label, in the style that *styles* has for it."""
    label = plain_line(label)
    start = Text(label.ljust(_LABEL_COLUMNS), style="dim" if dim else styles.get(label, ""))
    return start.append(plain_line(text), style="dim" if dim else "bold")


def whole(text: object, style: str = "", indent: int = _INDENT) -> Text:
    """Return foreign text as one line of any length, so that an ARN or a command can be copied."""
    return Text(f"{' ' * indent}{plain_line(text)}", style=style, no_wrap=True)


def folded(text: object, width: int, style: str = "", indent: int = _INDENT) -> list[Text]:
    """Return foreign text as lines that are not longer than *width*, so that they can be counted."""
    parts = Text(plain_line(text), style=style).wrap(_PAPER, width - indent, overflow="fold")
    return [_unbroken(Text(" " * indent).append_text(part)) for part in parts]


def titled(label: object, text: str, styles: Mapping[Any, str], width: int, *, dim: bool = False) -> list[Text]:
    """Return lines of which the first begins with a label, in the style that *styles* has for it."""
    name = plain_line(label)
    start = Text(name.ljust(_LABEL_COLUMNS), style="dim" if dim else styles.get(name, ""))
    start.append(plain_line(text), style="dim" if dim else "bold")
    first, *more = start.wrap(_PAPER, width - _INDENT, overflow="fold")
    return [_unbroken(first), *(_unbroken(Text(" " * _INDENT).append_text(each)) for each in more)]


def _unbroken(text: Text) -> Text:
    text.no_wrap = True
    return text


def line(text: object, style: str = "") -> RenderableType:
    """Return foreign text as a line of its own, folded if it is too long."""
    return Padding(Text(plain_line(text), style=style, overflow="fold"), (0, 0, 0, 2))
