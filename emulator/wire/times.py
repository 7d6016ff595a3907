"""Times as AWS writes them."""

from datetime import UTC, datetime
from typing import Any


def iso_seconds(moment: Any) -> str:
    """Return a time, given as text, epoch seconds or datetime, as events carry it."""
    if isinstance(moment, str):
        return moment
    aware = moment if isinstance(moment, datetime) else datetime.fromtimestamp(float(moment), UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(moment: datetime) -> str:
    """Return a time as logs and records carry it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_seconds(moment: object) -> float:
    """Return a time as JSON answers carry it, to the millisecond; for ``json.dumps``.

    Raises:
        TypeError: it is not a time.
    """
    if not isinstance(moment, datetime):
        raise TypeError(f"an answer cannot hold {type(moment).__name__}")
    return int(moment.timestamp() * 1000) / 1000
