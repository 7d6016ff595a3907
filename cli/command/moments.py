"""Reads the times of the command line: a moment, a date, or a length that has passed until now."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, time, timedelta

from cli.terminal.safe_text import quoted

_LENGTH = re.compile(r"([0-9]{1,5})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST, _LAST = time(tzinfo=UTC), time(23, 59, 59, tzinfo=UTC)

When = datetime | timedelta
"""A moment, or how long ago it was."""


def length_in(text: str) -> timedelta | None:
    """Read a length of time such as ``24h`` or ``7d``; None if *text* is none."""
    length = _LENGTH.fullmatch(text)
    return int(length[1]) * _UNITS[length[2]] if length else None


def begin(text: str) -> When:
    """Read when a period begins; a date stands for its first second in UTC."""
    return _when(text, _FIRST)


def end(text: str) -> When:
    """Read when a period ends; a date stands for its last second in UTC."""
    return _when(text, _LAST)


def resolved(when: When, now: datetime) -> datetime:
    """Return the moment that is meant."""
    return now - when if isinstance(when, timedelta) else when


def _when(text: str, of_a_date: time) -> When:
    if (length := length_in(text)) is not None:
        return length
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        expected = "expected a length such as 24h or 7d, a date, or a moment such as 2026-11-20T09:00:00Z"
        raise ArgumentTypeError(f"invalid time {quoted(text)}; {expected}") from None
    if _DATE.fullmatch(text):
        return datetime.combine(read.date(), of_a_date)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
