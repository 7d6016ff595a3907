"""How wide a table is, and whether it has colours."""

import os
import shutil
import sys
from dataclasses import dataclass

from cli.command.options import Options

_NARROWEST, _WIDEST = 60, 120
_WIDTH_OF_A_FILE = 80


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written.

    Attributes:
        width: in columns.
        color: whether colours can be shown.
    """

    width: int = _WIDTH_OF_A_FILE
    color: bool = False


def layout_for(options: Options) -> Layout:
    """Return the layout for where the result goes.

    Colours are for a terminal that can show them, and never against ``--no-color`` or ``NO_COLOR``.
    Source: https://no-color.org
    """
    if options.output is not None or not sys.stdout.isatty():
        return Layout()
    unwanted = not options.color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size().columns
    return Layout(width=min(max(columns, _NARROWEST), _WIDEST), color=not unwanted)


def layout_of_notes() -> Layout:
    """Return the layout for standard error, where a person is asked; without colours, as all that stands there."""
    columns = shutil.get_terminal_size().columns if sys.stderr.isatty() else _WIDTH_OF_A_FILE
    return Layout(width=min(max(columns, _NARROWEST), _WIDEST))
