"""Scheduled rules, and the schedules of EventBridge Scheduler."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from moto.events.models import EventsBackend, Rule, events_backends
from moto.moto_api._internal import mock_random
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from emulator.delivery.retries import RetryingSender
from emulator.delivery.scheduler import Timer
from emulator.eventbridge.buses import Buses
from emulator.eventbridge.expressions import Expression, parse
from emulator.wire.events import Event, event_at
from emulator.wire.identity import Location
from emulator.wire.times import iso_seconds


@dataclass(frozen=True, slots=True)
class _RuleTimer:
    rule: Rule
    buses: Buses

    @property
    def arn(self) -> str:
        return self.rule.arn

    def next_after(self, moment: datetime) -> datetime | None:
        since: datetime = self.rule.since  # type: ignore[attr-defined]
        return parse(str(self.rule.scheduled_expression), since).next_after(max(moment, since))

    def fire(self, moment: datetime) -> None:
        self.buses.send(self.rule, _event(moment, "aws.events", self.rule.arn, {}))


@dataclass(frozen=True, slots=True)
class _ScheduleTimer:
    schedule: Schedule
    backend: EventBridgeSchedulerBackend
    sender: RetryingSender

    @property
    def arn(self) -> str:
        return self.schedule.arn

    @property
    def expression(self) -> Expression:
        begin = _moment(self.schedule.start_date) or datetime.fromtimestamp(self.schedule.creation_date, UTC)
        zone: tzinfo = ZoneInfo(self.schedule.schedule_expression_timezone)
        return parse(self.schedule.schedule_expression, begin, zone)

    def next_after(self, moment: datetime) -> datetime | None:
        begin = _moment(self.schedule.start_date)
        due = self.expression.next_after(max(moment, begin) if begin else moment)
        end = _moment(self.schedule.end_date)
        return None if due is None or (end and due > end) else due

    def fire(self, moment: datetime) -> None:
        target = self.schedule.target
        self.sender.send(self.arn, target, self._text(target, moment))
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


def _rules(backend: EventsBackend, buses: Buses) -> Iterator[Timer]:
    for rule in list(backend.event_buses["default"].rules.values()):
        if rule.scheduled_expression and rule.state.startswith("ENABLED"):
            yield _RuleTimer(rule, buses)


def _event(moment: datetime, source: str, arn: str, detail: Any) -> Event:
    return event_at(Location.of(arn), source, "Scheduled Event", detail, [arn]) | {"time": iso_seconds(moment)}


def _moment(date: Any) -> datetime | None:
    if date is None:
        return None
    return datetime.fromisoformat(date) if isinstance(date, str) else datetime.fromtimestamp(float(date), UTC)
