"""The entries that PutEvents takes."""

import json
from collections.abc import Mapping
from typing import Any

_TIME_BYTES = 14


def problem_of(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the code and the message with which AWS refuses *entry*; None if AWS accepts it."""
    for member in ("Source", "DetailType", "Detail"):
        if not entry.get(member):
            return "InvalidArgument", f"Parameter {member} is not valid. Reason: {member} is a required argument."
    if entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")


def size_of(entry: Mapping[str, Any]) -> int:
    """Return how many bytes AWS counts for *entry*.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
    """
    texts = [entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", ""), *entry.get("Resources", [])]
    return sum(len(text.encode()) for text in texts if text) + (_TIME_BYTES if "Time" in entry else 0)
