"""Timestamps, as RFC 3339 writes them.

Source: https://states-language.net/#wait-state
"""

import re
from datetime import datetime

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def moment_of(text: str) -> datetime | None:
    """Return the time that *text* names; None if it names none."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
