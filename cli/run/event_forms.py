"""Reads events in the forms in which people have them at hand, and turns each into EventBridge's."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cli.errors import UsageError
from functions.shared.finding import plain_line
from functions.shared.run.events import EVERYTHING, MOST_RESOURCES, Selection

_GZIP = b"\x1f\x8b"
_SUFFIX = ".amazonaws.com"
_HINT = (
    "it is one JSON document: an event of EventBridge or an array of them, a record or a log file of CloudTrail, "
    "what lookup-events or SQS receive-message prints, or the body of a message"
)


def read_events(path: Path) -> list[Any]:
    """Return the events of a file, each as EventBridge delivers it; what is none is returned as it is.

    Raises:
        UsageError: the file cannot be read, is not JSON, or holds nothing.
    """
    name = plain_line(path)
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode("utf-8")
        events = [*events_in(json.loads(text))]
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: the file is not valid UTF-8, from byte {error.start}", _HINT) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON: {error}", _HINT) from error
    except (OSError, EOFError) as error:
        raise UsageError(
            f"{name} cannot be read: {getattr(error, 'strerror', None) or plain_line(error)}", _HINT
        ) from error
    if not events:
        raise UsageError(f"{name} holds no event", _HINT)
    return events


def events_in(document: Any) -> Iterator[Any]:
    """Yield the events in a document, however it is wrapped.

    Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html,
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html,
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html,
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    match document:
        case {"detail-type": _}:
            yield document
        case list(items) | {"Records": list(items)} | {"Events": list(items)} | {"Messages": list(items)}:
            for each in items:
                yield from events_in(each)
        case {"CloudTrailEvent": str(text)} | {"Body": str(text)} | {"body": str(text)}:
            yield from events_in(_json(text))
        case str(text) if (inner := _json(text)) != text:
            yield from events_in(inner)
        case {"Type": "Notification", "Message": str(text)}:
            yield from events_in(_json(text))
        case {"requestPayload": payload}:
            yield from events_in(payload)
        case {"eventSource": str(host), "eventName": str()} if host.endswith(_SUFFIX):
            yield _of_record(document)
        case _:
            yield document


def _json(text: str) -> Any:
    """Return what a text holds; one that is not JSON is no event, and stays what it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _of_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event by which EventBridge delivers a record of CloudTrail.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    caller = record.get("userIdentity")
    of_caller = caller.get("accountId", "") if isinstance(caller, dict) else ""
    kind = "Service Event" if record.get("eventType") == "AwsServiceEvent" else "API Call"
    return {
        "version": "0",
        "id": record.get("eventID", ""),
        "detail-type": f"AWS {kind} via CloudTrail",
        "source": f"aws.{record['eventSource'].removesuffix(_SUFFIX)}",
        "account": record.get("recipientAccountId", of_caller),
        "time": record.get("eventTime", ""),
        "region": record.get("awsRegion", ""),
        "resources": [],
        "detail": record,
    }


def merged(selections: Iterable[Selection]) -> list[Selection]:
    """Return what many events select of one automation: each place once, with all that they name there."""
    places: dict[tuple[str, str, bool], list[Selection]] = {}
    for each in selections:
        if each == EVERYTHING:
            return [EVERYTHING]
        places.setdefault((each.account, each.region, each.everywhere), []).append(each)
    return [_together(alike) for alike in places.values()]


def _together(selections: list[Selection]) -> Selection:
    first = selections[0]
    named = frozenset().union(*(each.resources for each in selections))
    is_all = len(named) > MOST_RESOURCES or not all(each.resources for each in selections)
    return Selection(first.account, first.region, frozenset() if is_all else named, first.everywhere)
