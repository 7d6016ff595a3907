"""Times as the page shows them: to the minute in UTC, with how long ago that was."""

from datetime import UTC, datetime, timedelta

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def shown(moment: str) -> str:
    """Write a moment to the minute."""
    return f"{_read(moment):%Y-%m-%d %H:%M}"


def age(began: str, now: str) -> str:
    """Say how long it has lasted: ``3 days``; nothing for less than two minutes."""
    return _span(_read(now) - _read(began))


def left(expires: str, now: str) -> tuple[bool, str]:
    """Say whether a mute has expired, and how long that is ago or ahead; a date counts to its end in UTC."""
    end = _read(f"{expires}T23:59:59Z" if len(expires) == len("2026-11-20") else expires)
    span = _span(abs(end - _read(now))) or "a moment"
    return (True, f"expired {span} ago") if end < _read(now) else (False, f"in {span}")


def took(began: str, ended: str) -> str:
    """Say how long a run took, to the second."""
    seconds = round((_read(ended) - _read(began)).total_seconds())
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than a second"


def _span(span: timedelta) -> str:
    for unit, length in _UNITS:
        if span >= 2 * length:
            return f"{span // length:,} {unit}s"
    return ""


def _read(moment: str) -> datetime:
    read = datetime.fromisoformat(moment)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
