"""How moments, lengths of time and sentences are written for people."""

from datetime import UTC, datetime, timedelta

from functions.shared.finding import sentence

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def clock(moment: datetime) -> str:
    """Write a moment to the minute, in UTC: ``2026-11-20 08:40 UTC``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def length_of(time: timedelta) -> str:
    """Write a length of time in its two largest units: ``6 days 23 hours``."""
    parts: list[str] = []
    rest = time
    for name, unit in _UNITS:
        number, rest = divmod(rest, unit)
        if number or parts:
            parts.append(f"{number} {name}{'' if number == 1 else 's'}" if number else "")
    return " ".join(filter(None, parts[:2])) or "less than a minute"


def since(moment: datetime, now: datetime) -> str:
    """Write how long ago a moment was; one that is not over yet is now."""
    return length_of(max(now - moment, timedelta()))


def whole_sentence(text: str) -> str:
    """Write a reason as a sentence, with its full stop."""
    begun = sentence(text)
    return begun if begun.endswith((".", "!", "?", "…")) else f"{begun}."
