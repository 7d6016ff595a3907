"""Shows a result to a person: findings, then actions, then mutes and coverage, on a few screens."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cli.output import actions, mutes
from cli.output.closing import closing_line
from cli.output.coverage import coverage_lines
from cli.output.finding_text import FindingText
from cli.output.findings import Findings
from cli.output.layout import Layout
from cli.output.ranking import failed_first, most_urgent_first
from cli.output.summary import actions_line, summary_lines
from cli.output.trend import trend_line, trend_lines
from cli.output.view import EVERYTHING, TableView, new_ids
from cli.terminal.page import folded, heading, line, printed
from functions.report.display import LEFT, Names, mode_text, moment
from functions.report.html.markup import counted

_FILE = Layout()

_MOST_LINES = 120
"""Of a result, unless more are asked for."""

_LEAST_OF_ACTIONS, _ROOM_OF_MUTES, _ROOM_OF_GAPS, _ROOM_OF_TREND = 14, 16, 6, 10
"""Lines; findings have the room that is left, and actions what findings leave."""

_MOST_LEFT = 3
"""Of the accounts that have left the scope so many are named."""

_AROUND_FINDINGS, _AROUND_ACTIONS = 5, 4
"""Lines: the heading, and how many there are or are not shown."""


def render(document: Mapping[str, Any], layout: Layout = _FILE, view: TableView = EVERYTHING) -> Iterator[str]:
    """Yield the result as text that can be read from 60 columns on."""
    yield printed(_Table(document, layout, view).parts(), layout.width, color=layout.color)


@dataclass(frozen=True, slots=True)
class _Table:
    document: Mapping[str, Any]
    layout: Layout
    view: TableView

    @property
    def _names(self) -> Names:
        return Names.of_accounts(self.document.get("accounts", ()))

    @property
    def _now(self) -> str:
        return str(self.document["run"].get("finished_at") or "")

    def parts(self) -> Iterator[RenderableType]:
        findings, new = most_urgent_first(self.document["findings"]), new_ids(self.document)
        shown = [finding for finding in findings if self.view.shows(finding, new)]
        if self.view.only_summary:
            yield heading("Summary")
            yield from folded(_which(self.document), self.layout.width)
            yield from summary_lines(self.document, shown, self._names, self.layout.width)
            yield from self._hidden(len(findings) - len(shown), 0)
            yield Text(closing_line(self.document), style="bold")
            return
        shown_findings = Findings(shown, FindingText(self._names, self._now, new, self.layout.width))
        rest = [
            *self._mutes(findings),
            *self._coverage(),
            *self._trend([f for f in findings if f["finding_id"] in new]),
        ]
        rest.append(Text(closing_line(self.document), style="bold"))
        left = _MOST_LINES - self._count(rest) - _AROUND_FINDINGS
        least = _LEAST_OF_ACTIONS if self.view.every_action else self._count(self._actions(_LEAST_OF_ACTIONS))
        lines, hidden = shown_findings.lines(self._room(left - least))
        done = self._actions(max(_LEAST_OF_ACTIONS, left - len(lines) - _AROUND_ACTIONS))
        if findings:
            yield heading("Findings")
            yield from lines
            yield from self._hidden(len(findings) - len(shown), hidden)
        yield from done
        yield from rest

    def _count(self, parts: Iterable[RenderableType]) -> int:
        return printed(parts, self.layout.width, color=False).count("\n")

    def _room(self, lines: int) -> int | None:
        return None if self.view.is_whole else lines

    def _hidden(self, filtered: int, without_room: int) -> Iterator[Text]:
        """Say how many findings are not shown, and how to see them."""
        width = self.layout.width
        if without_room:
            one, more = "1 finding has no line of its own", f"{without_room:,} findings have no line of their own"
            text = f"{one if without_room == 1 else more}: --check NAME shows all of a check, --check '*' all."
            yield from folded(text, width, "bold")
        if filtered:
            yield from folded(f"{counted(filtered, 'finding')} not shown, by {self.view.filters()}.", width, "bold")
        if filtered or without_room:
            yield Text()

    def _actions(self, lines: int) -> Iterator[RenderableType]:
        ordered = failed_first(self.document["actions"])
        if ordered:
            yield heading("Actions")
            room = None if self.view.every_action else self._room(lines)
            yield from actions.lines_of(ordered, self._names, self.layout.width, room)
            yield from folded(actions_line(self.document), self.layout.width)
            yield Text()

    def _mutes(self, findings: list[Any]) -> Iterator[RenderableType]:
        if not self.document.get("mutes"):
            return
        yield heading("Mutes")
        now = self._now or str(self.document["run"]["started_at"])
        parts = [*mutes.shown(self.document["mutes"], findings, now)]
        room = self._room(_ROOM_OF_MUTES)
        yield from parts if room is None else self._fitting(parts, room)

    def _fitting(self, parts: list[RenderableType], room: int) -> Iterator[RenderableType]:
        """Yield the first parts that have room, up to an empty line."""
        whole: list[RenderableType] = []
        block: list[RenderableType] = []
        left_out = 0
        for part in parts:
            block.append(part)
            if part == "":
                text = printed([*whole, *block], self.layout.width, color=False)
                whole, left_out = ([*whole, *block], left_out) if text.count("\n") <= room else (whole, left_out + 1)
                block = []
        yield from whole
        if left_out:
            yield from folded(f"{counted(left_out, 'more mute')}: --check '*' shows all.", self.layout.width, "dim")
            yield Text()

    def _coverage(self) -> Iterator[RenderableType]:
        if self.document["coverage"]:
            yield heading("Coverage")
            yield from coverage_lines(
                self.document["coverage"], self._names, self.layout.width, self._room(_ROOM_OF_GAPS)
            )
            yield from _left(self.document.get("accounts", ()))
            yield Text()
            yield from folded(_which(self.document), self.layout.width, "dim", indent=0)

    def _trend(self, new: list[Any]) -> Iterator[RenderableType]:
        if text := trend_line(self.document):
            yield from folded(text, self.layout.width, indent=0)
            room = self._room(_ROOM_OF_TREND)
            yield from trend_lines(self.document, new, self._names, self.layout.width, room)


def _left(accounts: Iterable[Mapping[str, Any]]) -> Iterator[RenderableType]:
    left = [f"{each['name']} {each['account']}" for each in accounts if each["status"] == LEFT]
    if left:
        more = f" and {len(left) - _MOST_LEFT:,} more" if len(left) > _MOST_LEFT else ""
        yield line(f"No longer in scope: {', '.join(left[:_MOST_LEFT])}{more}", style="dim")


def _which(document: Mapping[str, Any]) -> str:
    run = document["run"]
    ended = run.get("finished_at")
    when = f"ended {moment(ended)} UTC" if ended else "did not end"
    changes = sum(action["status"] == "DONE" for action in document["actions"])
    return f"The run {when}: {mode_text(run['mode'], changes)}."
