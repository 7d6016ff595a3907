"""EventBridge: events on a bus, the rules that match them, and their targets."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unittest.mock import patch

from moto.events.exceptions import ValidationException
from moto.events.models import EventBus, EventsBackend, Rule, events_backends
from moto.moto_api._internal import mock_random

from emulator.delivery.isolation import Isolation
from emulator.delivery.retries import RetryingSender
from emulator.delivery.targets import Payload, Targets, UndeliverableError
from emulator.eventbridge.entries import problem_of, size_of
from emulator.eventbridge.input_transformers import text_for
from emulator.wire.events import Event, complete
from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds

_MOST_ENTRIES = 10
_MOST_BYTES = 256 * 1024
_ARCHIVE, _OF_ARCHIVE = ":::", "Events-Archive-"
"""The end of the ARN by which moto's rules mean an archive, and the beginning of their names."""


class Buses:
    """Sends events from their bus to the targets of the matching rules."""

    def __init__(self, sender: RetryingSender, targets: Targets, isolation: Isolation) -> None:
        """Send through *sender*, register buses as targets, and isolate each rule."""
        self._sender = sender
        self._isolation = isolation
        targets.serve("events", self._forward)

    def emit(self, event: Mapping[str, Any]) -> None:
        """Put an event of AWS's own on the default bus of the account and Region in it.

        Args:
            event: with ``source``, ``detail-type``, ``account`` and ``region``; the rest is filled in.
        """
        backend: EventsBackend = events_backends[event["account"]][event["region"]]
        self.offer(backend.event_buses["default"], complete(event))

    def offer(self, bus: EventBus, event: Event) -> None:
        """Queue *event* for the targets of every rule of *bus* that matches it."""
        for rule in list(bus.rules.values()):
            with self._isolation.of(rule.arn):
                if rule.state.startswith("ENABLED") and _matches(rule, event):
                    self.send(rule, event)

    def send(self, rule: Rule, event: Event) -> None:
        """Queue *event* for every target of *rule*."""
        known = _known(rule, event)
        for target in list(rule.targets):
            if str(target.get("Arn")).endswith(_ARCHIVE):
                _archive(rule, event)
                continue
            self._sender.send(rule.arn, target, partial(text_for, target, event, known))

    def _forward(self, arn: str, payload: Payload) -> None:
        parts = arn.split(":")
        backend: EventsBackend = events_backends[parts[4]][parts[3]]
        bus = backend.event_buses.get(arn.partition("/")[2])
        if bus is None:
            raise UndeliverableError("RESOURCE_NOT_FOUND", f"unknown event bus {arn}")
        event: Event = json.loads(payload.body)
        if Location.of(payload.source_arn).region != bus.region:
            event["id"] = str(mock_random.uuid4())  # an event that goes to another Region gets a new one
        self.offer(bus, event)

    def put_events(self, backend: EventsBackend, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Answer ``events:PutEvents``."""
        if len(entries) > _MOST_ENTRIES:
            constraint = f"Member must have length less than or equal to {_MOST_ENTRIES}"
            raise ValidationException(
                "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy "
                f"constraint: {constraint}"
            )
        if sum(size_of(entry) for entry in entries) > _MOST_BYTES:
            raise ValidationException("Total size of the entries in the request is over the limit.")
        return [self._put(backend, entry) for entry in entries]

    def _put(self, backend: EventsBackend, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Take one entry; as at AWS, the event is lost without an error if there is no such bus."""
        if problem := problem_of(entry):
            code, message = problem
            return {"ErrorCode": code, "ErrorMessage": message}
        event = complete(
            {
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "account": backend.account_id,
                "region": backend.region_name,
                "resources": entry.get("Resources", []),
                "detail": json.loads(entry["Detail"]),
                **({"time": iso_seconds(entry["Time"])} if "Time" in entry else {}),
            }
        )
        if bus := _bus(backend, entry.get("EventBusName") or "default"):
            self.offer(bus, event)
        return {"EventId": event["id"]}


@contextmanager
def installed(buses: Buses) -> Iterator[None]:
    """Let moto's EventBridge put events on our buses."""

    def put_events(backend: EventsBackend, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return buses.put_events(backend, events)

    def send(rule: Rule, event: dict[str, Any], transform_input: bool = True) -> None:  # noqa: FBT001, FBT002, ARG001
        if _matches(rule, event):
            buses.send(rule, complete(event))

    with (
        patch.object(EventsBackend, "put_events", put_events),
        patch.object(Rule, "send_to_targets", send),
    ):
        yield


def _archive(rule: Rule, event: Event) -> None:
    """Keep *event* in the archive that *rule* is for, with its time in the form that moto replays."""
    backend: EventsBackend = events_backends[rule.account_id][rule.region_name]
    archive = backend.archives.get(rule.name.removeprefix(_OF_ARCHIVE))
    if archive is not None:
        replayed: Any = {**event, "time": datetime.fromisoformat(event["time"]).timestamp()}
        archive.events.append(replayed)


def _matches(rule: Rule, event: Any) -> bool:
    return bool(rule.event_pattern.get_pattern()) and rule.event_pattern.matches_event(event)


def _known(rule: Rule, event: Event) -> dict[str, Any]:
    return {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": iso_seconds(datetime.now(UTC).timestamp()),
        "aws.events.event": _without_detail(event),
        "aws.events.event.json": dict(event),
    }


def _without_detail(event: Event) -> dict[str, Any]:
    """Return the reserved variable for the event without its detail, which AWS writes with ``detailType``."""
    names = {"detail-type": "detailType"}
    return {names.get(name, name): value for name, value in event.items() if name != "detail"}


def _bus(backend: EventsBackend, name_or_arn: str) -> EventBus | None:
    if name_or_arn.startswith("arn:"):
        parts = name_or_arn.split(":")
        backend = events_backends[parts[4]][parts[3]]
    return backend.event_buses.get(name_or_arn.rpartition("/")[2])
