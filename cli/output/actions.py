"""Shows actions to a person: what is done to what, from what to what, why, and by which rule."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from cli.output.styles import STYLES
from cli.terminal.page import folded, titled, whole
from functions.report.display import Names, change_text, moment, outcome
from functions.shared.finding import value_text

Row = Mapping[str, Any]

_LEGEND = "What is done to what, and where; --check '*' shows each in full."
_STATUS = 9
"""Columns for the status."""

_INDENT = 2


def lines_of(actions: Sequence[Row], names: Names, width: int, room: int | None) -> list[Text]:
    """Return the lines of actions: each in full where there are few, else a line for each that has room.

    Args:
        actions: in order.
        names: of the accounts.
        width: in columns.
        room: how many lines there may be; None for any number.
    """
    full: list[Text] = []
    for action in actions:
        full += [*in_full(action, names, width), Text()]
        if room is not None and len(full) > room:
            return _short(actions, names, width, room)
    return full


def in_full(action: Row, names: Names, width: int) -> Iterator[Text]:
    """Yield the lines of one action."""
    yield from titled(action["status"], _summary(action), STYLES, width)
    subject = ", ".join(_subject(action))
    changes = [change_text(change) for change in action.get("changes", ())]
    for text in filter(None, (subject, *changes)):
        yield from folded(text, width)
    why = [f"rule {action['rule']}" if action["rule"] else "", action.get("reason", ""), *_outcome(action)]
    yield from folded("; ".join(filter(None, why)), width)
    done = f", at {moment(action['at'])} UTC" if action.get("at") else ""
    yield from folded(f"{action['action']} in {names.where(action)}{done}", width, "dim")
    yield whole(action["resource"], "dim")


def _short(actions: Sequence[Row], names: Names, width: int, room: int) -> list[Text]:
    lines = folded(_LEGEND, width, "dim", indent=0)
    shown = 0
    for action in actions:
        more = _in_short(action, names, width)
        if len(lines) + len(more) > room - 2:
            break
        lines += more
        shown += 1
    left = len(actions) - shown
    return [*lines, *(folded(f"{left:,} more are not shown.", width, "dim") if left else ()), Text()]


def _in_short(action: Row, names: Names, width: int) -> list[Text]:
    """Say in a line or two what is done to what, and where."""
    status = str(action["status"])
    where = f"{names.of(str(action['account']))} {action['region']}"
    allowing = f"; {action['allowed_by']} would allow it" if action.get("allowed_by") else ""
    lines = folded(f"{status.ljust(_STATUS)}{_summary(action)}, in {where}{allowing}", width - _STATUS)
    lines[0].stylize(STYLES.get(status, ""), _INDENT, _INDENT + len(status))
    return [lines[0], *(Text(" " * _STATUS, no_wrap=True).append_text(each) for each in lines[1:])]


def _summary(action: Row) -> str:
    """Say what is done to what; earlier versions wrote only the name of the call."""
    return str(action.get("summary") or f"{action['action']} {action['resource']}")


def _subject(action: Row) -> Iterator[str]:
    """Yield what identifies a change beside its resource; an ARN would only be a second one."""
    if action.get("summary"):
        return
    for name, value in action.get("subject", {}).items():
        if value and not str(value).startswith("arn:"):
            yield f"{name.replace('_', ' ')} {value_text(value)}"


def _outcome(action: Row) -> Iterator[str]:
    """Yield how it went; of one that was left out why, and what would allow it."""
    yield outcome(action["status"], str(action["detail"]))
    if allowed_by := action.get("allowed_by"):
        yield f"{allowed_by} would allow it"
