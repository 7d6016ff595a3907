"""Names what is new since an earlier run, and what has ended."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from cli.output.columns import Column, in_columns
from cli.terminal.page import folded, whole
from functions.report.display import Names, moment

Row = Mapping[str, Any]

_COLUMNS = (Column(5), Column(4, is_optional=True), Column(20), Column(24), Column(8, is_optional=True))


def trend_line(document: Mapping[str, Any]) -> str:
    """Say how many findings are new and how many have ended; nothing where no earlier run is known."""
    if not (trend := document.get("trend")):
        return ""
    earlier = f"{moment(trend['previous_run']['finished_at'])} UTC"
    return f"Since the run that ended on {earlier}: {trend['new']:,} new, {trend['resolved']:,} ended."


def trend_lines(
    document: Mapping[str, Any], new: Sequence[Row], names: Names, width: int, room: int | None
) -> Iterator[Text]:
    """Yield a line for each new finding and for each that has ended, with how, as far as there is room.

    Args:
        document: the result.
        new: the new findings, the most urgent first.
        names: of the accounts.
        width: in columns.
        room: how many lines there may be; None for any number.
    """
    ended = [*document["trend"].get("ended_findings", ())]
    half = None if room is None else (room - 2) // 2
    shown_new = new if half is None else new[: max(half, room - 2 - len(ended))]  # type: ignore[operator]  # both or none
    yield from _lines("NEW", shown_new, names, width)
    if more := len(new) - len(shown_new):
        yield from folded(f"{more:,} more are new: --new shows them.", width, "dim")
    shown_ended = ended if room is None else ended[: max(room - 2 - len(shown_new), 0)]
    yield from _lines("ENDED", shown_ended, names, width)
    if more := len(ended) - len(shown_ended):
        yield from folded(f"{more:,} more have ended: --check '*' names all.", width, "dim")


def _lines(word: str, findings: Sequence[Row], names: Names, width: int) -> Iterator[Text]:
    rows = [
        (word, str(each["severity"]), str(each.get("title") or each["check"]), _how(each), names.where(each))
        for each in findings
    ]
    for line in in_columns(rows, _COLUMNS, width - 2):
        text = whole(line)
        text.stylize("yellow" if word == "NEW" else "green", 2, 2 + len(word))
        yield text


def _how(finding: Row) -> str:
    """Say how a finding ended; nothing of one that is open."""
    return str(finding.get("resolution") or ("" if finding["status"] == "OPEN" else "not known how"))
