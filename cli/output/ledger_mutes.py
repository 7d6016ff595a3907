"""Shows the mutes of the ledger, before one begins and afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType

from cli.output.layout import Layout
from cli.output.mutes import described
from cli.output.ranking import counts
from cli.terminal.page import line, printed
from functions.report.html.markup import counted
from functions.report.mutes import rows_of
from functions.shared.ledger.records import Item, timestamp
from functions.shared.mutes import Mute

_FILE = Layout()


def render(document: Mapping[str, Any], now: str, layout: Layout = _FILE) -> Iterator[str]:
    """Yield the mutes of a document as text."""
    rows = document["mutes"]
    parts = [part for row in rows for part in _mute(row, now)] or [line("Nothing is muted.")]
    yield printed(parts, layout.width, color=layout.color)


def preview(mute: Mute, findings: Iterable[Item], now: datetime) -> Iterator[str]:
    """Yield what a mute would silence now.

    Args:
        mute: that is asked for.
        findings: the open ones that it matches.
        now: the time.
    """
    severities = counts(str(each["severity"]) for each in findings)
    total = sum(count for _, count in severities)
    by_severity = f" ({', '.join(f'{count:,} {severity}' for severity, count in severities)})" if total else ""
    (row,) = rows_of([mute])
    effect = f"matches {counted(total, 'open finding')}{by_severity}"
    yield printed(described(row, timestamp(now), effect), _FILE.width, color=False)


def _mute(row: Mapping[str, Any], now: str) -> Iterator[RenderableType]:
    matched = row["findings"]
    effect = "what it matches is not known" if matched is None else f"matches {counted(matched, 'open finding')}"
    yield from described(row, now, effect)
