"""Groups findings by check, and says which of their lines have room."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from cli.output.columns import Column, in_columns
from cli.output.styles import STYLES
from cli.terminal.page import whole
from functions.report.html.markup import counted
from functions.shared.finding import Compliance

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The findings of one check, the most urgent first.

    Attributes:
        findings: at least one.
    """

    findings: list[Row] = field(default_factory=list)

    @property
    def first(self) -> Row:
        """The most urgent one."""
        return self.findings[0]

    @property
    def is_muted(self) -> bool:
        """Whether all are muted."""
        return bool(self.first["muted"])

    def accounts(self) -> str:
        """Say in how many accounts they are."""
        return counted(len({finding["account"] for finding in self.findings}), "account")

    def notes(self) -> str:
        """Say what is to be known of some of them: muted, not read, mended by apply."""
        is_unread = self.first["compliance"] == Compliance.INSUFFICIENT_DATA
        muted = sum(bool(finding["muted"]) for finding in self.findings)
        mended = sum(bool(finding.get("mended_by")) for finding in self.findings)
        parts = [
            "could not be read" if is_unread else "",
            f"{muted:,} muted" if muted else "",
            f"apply mends {mended:,}" if mended else "",
        ]
        return ", ".join(filter(None, parts))


def grouped(findings: Iterable[Row]) -> list[CheckGroup]:
    """CheckGroup findings that are in order by their checks; the group of the most urgent finding comes first."""
    groups: dict[tuple[str, str], CheckGroup] = {}
    for finding in findings:
        groups.setdefault((finding["automation"], finding["check"]), CheckGroup()).findings.append(finding)
    return [*groups.values()]


_COLUMNS = (Column(8), Column(30), Column(3), Column(8, is_optional=True), Column(8))
_INDENT = 2


def group_lines(groups: Sequence[CheckGroup], width: int) -> Iterator[Text]:
    """Yield a line for each group: how many findings it has, and what is to be known of them."""
    longest = max((len(f"{len(group.findings):,}") for group in groups), default=0)
    rows = [_cells(group, longest) for group in groups]
    for line, group in zip(in_columns(rows, _COLUMNS, width - _INDENT), groups, strict=True):
        severity = str(group.first["severity"])
        text = whole(line, "dim" if group.is_muted else "")
        text.stylize("" if group.is_muted else STYLES.get(severity, ""), _INDENT, _INDENT + len(severity))
        yield text


def _cells(group: CheckGroup, longest: int) -> tuple[str, ...]:
    severity, check = str(group.first["severity"]), str(group.first["check"])
    return severity, check, f"{len(group.findings):,}".rjust(longest), f"in {group.accounts()}", group.notes()


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of a group that is shown with more than its counts.

    Attributes:
        about: what is said once of the whole group.
        rows: a line for each finding; none where *about* says all of the only one.
    """

    about: list[Text]
    rows: list[Text]

    def lines(self, rows: int) -> list[Text]:
        """Return what is said of the group, so many rows, and an empty line."""
        return [*self.about, *self.rows[:rows], Text()]


_FIRST_ROWS = 3


def rows_shown(parts: Iterable[Part], room: int, others: int) -> list[int]:
    """Share the room out: each part gets its first rows, then the others in turn; the first parts come first.

    Args:
        parts: in order.
        room: lines in all.
        others: how many groups there are in all; those without a part need a line each.

    Returns:
        How many rows are shown of each part. The list is shorter where parts have no room at all.
    """
    shown: list[int] = []
    left, taken = room, list[Part]()
    for part in parts:
        first = min(len(part.rows), _FIRST_ROWS)
        need = len(part.lines(first))
        if need + others - len(shown) - 1 > left:
            break
        shown.append(first)
        taken.append(part)
        left -= need
    left -= others - len(shown)
    while left > 0 and (able := [n for n, part in enumerate(taken) if shown[n] < len(part.rows)]):
        for number in able[:left]:
            shown[number] += 1
        left -= len(able[:left])
    return shown
