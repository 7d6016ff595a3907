"""Shows findings to a person: each in full where there are few, else by check with a line for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from cli.output.finding_text import FindingText, name_of, title_of
from cli.output.groups import CheckGroup, Part, group_lines, grouped, rows_shown
from cli.output.styles import STYLES
from cli.terminal.page import folded, titled
from functions.report.html.markup import counted
from functions.report.result import next_step_of

Row = Mapping[str, Any]

_MOST_IN_FULL = 16
"""More findings than that never have room in full, so it is not tried."""

_LEGEND = (
    "By check, the worst first: its worst finding, what to do about it, and a command for that one. Then a line for "
    "each: severity, name, account, Region, since when, and apply where that would mend it."
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings that are shown.

    Attributes:
        shown: the most urgent first.
        text: writes each.
    """

    shown: Sequence[Row]
    text: FindingText

    def lines(self, room: int | None) -> tuple[list[Text], int]:
        """Return the lines, and how many findings have no line of their own.

        Args:
            room: how many lines there may be; None for any number.
        """
        if len(self.shown) <= _MOST_IN_FULL:
            full = [line for finding in self.shown for line in (*self.text.in_full(finding), Text())]
            if room is None or len(full) <= room:
                return full, 0
        legend = [*folded(_LEGEND, self.text.width, "dim", indent=0), Text()]
        groups = grouped(self.shown)
        if room is None:
            return [*legend, *(line for part in map(self._part, groups) for line in part.lines(len(part.rows)))], 0
        lines, hidden = self._fitted(groups, room - len(legend))
        return [*legend, *lines], hidden

    def _fitted(self, groups: list[CheckGroup], room: int) -> tuple[list[Text], int]:
        """Show the first groups with some of their findings, and of the others how many findings they have."""
        parts = [self._part(group) for group in groups[:_MOST_IN_FULL]]
        given = rows_shown(parts, room - 1, len(groups))
        lines = [line for part, rows in zip(parts, given, strict=False) for line in part.lines(rows)]
        hidden = sum(len(part.rows) - rows for part, rows in zip(parts, given, strict=False))
        if others := groups[len(given) :]:
            lines += [*group_lines(others[: max(room - len(lines) - 1, 0)], self.text.width), Text()]
            hidden += sum(len(group.findings) for group in others)
        return lines, hidden

    def _part(self, group: CheckGroup) -> Part:
        first = group.first
        if len(group.findings) == 1:
            return Part(self.text.in_full(first), [])
        counts = f"{counted(len(group.findings), 'finding')} in {group.accounts()}"
        what = ", ".join(filter(None, (f"{first['check']}: {counts}", group.notes())))
        header = titled(first["severity"], what, STYLES, self.text.width, dim=group.is_muted)
        steps = {next_step_of(finding) for finding in group.findings}  # type: ignore[arg-type]  # likewise
        whose = f", for {name_of(first)}" if len(steps) > 1 else ""
        about = [*folded(title_of(first), self.text.width), *self.text.to_do({**first, "mended_by": ""}, whose)]
        return Part([*header, *about], self.text.rows(group.findings))
