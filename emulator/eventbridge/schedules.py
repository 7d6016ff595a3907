"""Scheduled rules, and the schedules of EventBridge Scheduler."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.events.models import EventsBackend, Rule, events_backends
from moto.moto_api._internal import mock_random
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from emulator.delivery.retries import RetryingSender
from emulator.delivery.scheduler import Timer
from emulator.eventbridge.buses import Buses
from emulator.eventbridge.expressions import Expression, Rate, ScheduleExpressionError, parse
from emulator.wire.events import Event, event_at
from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds

_BEGINNING = timedelta(minutes=1)
_INSTANT = timedelta.resolution


@dataclass(frozen=True, slots=True)
class _RuleTimer:
    rule: Rule
    buses: Buses

    @property
    def arn(self) -> str:
        return self.rule.arn

    def next_after(self, moment: datetime) -> datetime | None:
        since: datetime = self.rule.since  # type: ignore[attr-defined]
        return _next(self.rule, parse(str(self.rule.scheduled_expression), since), since, moment)

    def fire(self, moment: datetime) -> None:
        self.rule.begun = True  # type: ignore[attr-defined]
        self.buses.send(self.rule, _event(moment, "aws.events", self.rule.arn, {}))


@dataclass(frozen=True, slots=True)
class _ScheduleTimer:
    schedule: Schedule
    backend: EventBridgeSchedulerBackend
    sender: RetryingSender

    @property
    def arn(self) -> str:
        return self.schedule.arn

    def next_after(self, moment: datetime) -> datetime | None:
        schedule = self.schedule
        begin, end = _moment(schedule.start_date), _moment(schedule.end_date)
        since = begin or datetime.fromtimestamp(schedule.creation_date, UTC)
        expression = parse(schedule.schedule_expression, since, _zone(schedule.schedule_expression_timezone))
        due = _next(schedule, expression, since, moment)
        return None if due is None or (end and due > end) else due

    def fire(self, moment: datetime) -> None:
        target = self.schedule.target
        self.schedule.begun = True  # type: ignore[attr-defined]
        self.sender.send(self.arn, target, partial(self._text, target, moment))
        if self.schedule.action_after_completion == "DELETE" and self.next_after(moment) is None:
            self.backend.delete_schedule(self.schedule.group_name, self.schedule.name)

    def _text(self, target: dict[str, Any], moment: datetime) -> str:
        if "Input" not in target:
            return json.dumps(_event(moment, "aws.scheduler", self.arn, "{}"))
        variables = {
            "<aws.scheduler.schedule-arn>": self.arn,
            "<aws.scheduler.scheduled-time>": iso_seconds(moment),
            "<aws.scheduler.execution-id>": str(mock_random.uuid4()),
            "<aws.scheduler.attempt-number>": "1",
        }
        text = str(target["Input"])
        for name, value in variables.items():
            text = text.replace(name, value)
        return text


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's EventBridge Scheduler refuse the expressions and time zones that AWS refuses."""
    create, update = EventBridgeSchedulerBackend.create_schedule, EventBridgeSchedulerBackend.update_schedule

    def created(backend: EventBridgeSchedulerBackend, **given: Any) -> Schedule:
        _check(given)
        return create(backend, **given)

    def updated(backend: EventBridgeSchedulerBackend, **given: Any) -> Schedule:
        _check(given)
        return update(backend, **given)

    with (
        patch.object(EventBridgeSchedulerBackend, "create_schedule", created),
        patch.object(EventBridgeSchedulerBackend, "update_schedule", updated),
    ):
        yield


def timers(buses: Buses, sender: RetryingSender) -> Iterator[Timer]:
    """Iterate over all enabled scheduled rules and schedules, in every account and Region."""
    backend: Any
    for _, _, backend in list(events_backends.iter_backends()):
        yield from _rules(backend, buses)
    for _, _, backend in list(scheduler_backends.iter_backends()):
        for group in list(backend.schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                if schedule.state == "ENABLED":
                    yield _ScheduleTimer(schedule, backend, sender)


def _check(given: Mapping[str, Any]) -> None:
    expression, zone = given["schedule_expression"], given.get("schedule_expression_timezone") or "UTC"
    try:
        parse(expression, datetime.now(UTC), _zone(zone))
    except ScheduleExpressionError as error:
        raise ValidationException(f"Invalid Schedule Expression {expression}.") from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationException(f"Invalid Schedule Expression Timezone {zone}.") from error


def _next(item: Any, expression: Expression, since: datetime, moment: datetime) -> datetime | None:
    """Return when a rule or schedule fires next.

    A rate fires first when it begins: AWS does so within a minute, for the targets that there are then.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
    """
    if isinstance(expression, Rate) and not getattr(item, "begun", False) and datetime.now(UTC) - since < _BEGINNING:
        return since
    return expression.next_after(max(moment, since - _INSTANT))


def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def _rules(backend: EventsBackend, buses: Buses) -> Iterator[Timer]:
    for rule in list(backend.event_buses["default"].rules.values()):
        if rule.scheduled_expression and rule.targets and rule.state.startswith("ENABLED"):
            yield _RuleTimer(rule, buses)


def _event(moment: datetime, source: str, arn: str, detail: Any) -> Event:
    return event_at(Location.of(arn), source, "Scheduled Event", detail, [arn]) | {"time": iso_seconds(moment)}


def _moment(date: Any) -> datetime | None:
    if date is None:
        return None
    return datetime.fromisoformat(date) if isinstance(date, str) else datetime.fromtimestamp(float(date), UTC)
