"""Entries: what PutEvents takes, and the whole events that they become."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random

_TIME_BYTES = 14

Event = Mapping[str, Any]


def whole(event: Event) -> dict[str, Any]:
    """Return *event* with every member that EventBridge gives it."""
    return {
        "version": event.get("version", "0"),
        "id": event.get("id") or str(mock_random.uuid4()),
        "detail-type": event["detail-type"],
        "source": event["source"],
        "account": event["account"],
        "time": iso(event.get("time") or datetime.now(UTC).timestamp()),
        "region": event["region"],
        "resources": list(event.get("resources", [])),
        "detail": event.get("detail", {}),
    }


def problem_of(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the code and the message with which AWS refuses *entry*; None where it takes it."""
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


def iso(moment: Any) -> str:
    """Return a moment, given as text, seconds or datetime, as EventBridge writes it."""
    if isinstance(moment, str):
        return moment
    aware = moment if isinstance(moment, datetime) else datetime.fromtimestamp(float(moment), UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
