"""Writes a finding for a person: in full, or as one line of several."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from cli.output.columns import Column, in_columns
from cli.output.styles import STYLES
from cli.terminal.page import folded, titled, whole
from functions.report.display import Names, age, left, moment
from functions.report.result import next_step_of
from functions.shared.finding import Compliance

Row = Mapping[str, Any]

_COLUMNS = (Column(4, is_optional=True), Column(24), Column(10), Column(9), Column(8), Column(5))
_INDENT = 2
_WIDE = 100
"""From so many columns on, a line has room for the number of an account beside its name."""


@dataclass(frozen=True, slots=True)
class FindingText:
    """Writes the findings of one result.

    Attributes:
        names: of the accounts.
        now: the end of the run; empty if it did not end.
        new: ids of those that an earlier run did not have.
        width: in columns.
    """

    names: Names
    now: str
    new: AbstractSet[str]
    width: int

    def in_full(self, finding: Row) -> list[Text]:
        """Say all of one finding: what it is, where, since when, why, and what to do."""
        header = titled(finding["severity"], title_of(finding), STYLES, self.width, dim=finding["muted"])
        return [*header, *self._about(finding)]

    def _about(self, finding: Row) -> list[Text]:
        unread = "could not be read" if finding["compliance"] == Compliance.INSUFFICIENT_DATA else ""
        muted = "muted" if finding["muted"] else ""
        check = ", ".join(filter(None, (f"{finding['automation']}: {finding['check']}", unread, muted)))
        return [
            *folded(check, self.width, "dim"),
            *folded(f"{self.names.where(finding)}, {self._when(finding)}", self.width, "dim"),
            whole(finding["resource"]),
            *(folded(finding["reason"], self.width) if _says_more(finding) else ()),
            *self.to_do(finding),
        ]

    def to_do(self, finding: Row, whose: str = "") -> Iterator[Text]:
        """Yield what a person does about a finding, and the command; *whose* says of which one it is."""
        if finding.get("mended_by"):
            yield from folded("Apply would mend it.", self.width, "cyan")
        if step := next_step_of(finding):  # type: ignore[arg-type]  # a row of the document
            yield from folded(f"Next{whose}: {step}", self.width, "italic")
        if command := (finding.get("remediation") or {}).get("command"):
            yield whole(command, indent=2 * _INDENT)

    def rows(self, findings: Sequence[Row]) -> list[Text]:
        """Return a line for each of *findings*, which are of one check."""
        alike = Counter(map(_place, findings))
        cells = [self._cells(finding, is_alone=alike[_place(finding)] == 1) for finding in findings]
        lines = in_columns(cells, _COLUMNS, self.width - _INDENT)
        styles = ("dim" if finding["muted"] else STYLES.get(finding["severity"], "") for finding in findings)
        return [
            _colored(line, str(f["severity"]), style) for line, f, style in zip(lines, findings, styles, strict=True)
        ]

    def _cells(self, finding: Row, *, is_alone: bool) -> tuple[str, ...]:
        number = str(finding["account"])
        name = self.names.names.get(number) or finding.get("account_name") or ""
        account = f"{name} {number}" if self.width > _WIDE and name else name or number
        which = "" if is_alone else f" {finding['occurrence']}"
        return (
            str(finding["severity"]),
            f"{name_of(finding)}{which.rstrip()}",
            account,
            str(finding["region"]),
            self._lasted(finding),
            self._marks(finding),
        )

    def _marks(self, finding: Row) -> str:
        due = finding.get("deadline_at")
        is_past, until = left(due, self.now) if due and self.now else (False, "")
        return ", ".join(
            filter(
                None,
                (
                    until.replace("expired", "due") if is_past else until and f"due {until}",
                    "apply" if finding.get("mended_by") else "",
                    "new" if finding["finding_id"] in self.new else "",
                    "muted" if finding["muted"] else "",
                ),
            )
        )

    def _lasted(self, finding: Row) -> str:
        began = _began(finding)
        return (age(began, self.now) or "now") if began and self.now else ""

    def _when(self, finding: Row) -> str:
        """Say since when a finding is known, or when it was seen, and until when something can be done."""
        began = _began(finding)
        if not began:
            return "seen in this run"
        lasted = age(began, self.now) if self.now else ""
        since = f"since {moment(began)} UTC" + (f" ({lasted})" if lasted else "")
        due = finding.get("deadline_at")
        is_new = ", new" if finding["finding_id"] in self.new else ""
        return since + (f", due {moment(due)} UTC" if due else "") + is_new


def title_of(finding: Row) -> str:
    """Return the title; earlier versions wrote none."""
    return str(finding.get("title") or f"{finding['automation']}: {finding['check']}")


def _says_more(finding: Row) -> bool:
    """Say whether the reason says more than the title."""
    return str(finding["reason"]).casefold() != title_of(finding).casefold()


def name_of(finding: Row) -> str:
    """Return what people call the thing; earlier versions did not say it."""
    return str(finding.get("resource_name") or finding["resource"])


def _place(finding: Row) -> tuple[str, ...]:
    return name_of(finding), str(finding["account"]), str(finding["region"])


def _began(finding: Row) -> str:
    return str(finding.get("began_at") or finding.get("first_seen") or finding.get("observed_at") or "")


def _colored(line: str, severity: str, style: str) -> Text:
    text = whole(line, "dim" if style == "dim" else "")
    if line.startswith(severity):
        text.stylize(style, _INDENT, _INDENT + len(severity))
    return text
