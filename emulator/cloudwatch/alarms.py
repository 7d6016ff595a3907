"""CloudWatch alarms: a new state starts the actions for it and emits an event.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDataQuery

from emulator.cloudwatch.evaluation import INSUFFICIENT_DATA
from emulator.delivery.due_queue import DueQueue
from emulator.delivery.targets import Payload, Targets, UndeliverableError
from emulator.wire.events import Event, event_at, publish
from emulator.wire.identity import Location

_LONGEST_SUBJECT = 100
_STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


@contextmanager
def installed(due_queue: DueQueue, targets: Targets) -> Iterator[None]:
    """Let moto's alarms begin without data, keep their state when they are put again, and act on a new one."""
    create, put, update = Alarm.__init__, CloudWatchBackend.put_metric_alarm, Alarm.update_state

    def created(alarm: Alarm, *arguments: Any, **named: Any) -> None:
        create(alarm, *arguments, **named)
        alarm.state_value = INSUFFICIENT_DATA

    def put_again(backend: CloudWatchBackend, name: str, *arguments: Any, **named: Any) -> Alarm:
        before = backend.alarms.get(name)
        alarm = put(backend, name, *arguments, **named)
        if before is not None:
            vars(alarm).update({member: getattr(before, member) for member in _STATE})
        return alarm

    def update_state(alarm: Alarm, *arguments: Any, **named: Any) -> None:
        before = _state(alarm)
        update(alarm, *arguments, **named)
        if alarm.state_value != before["value"]:
            publish(_event(alarm, before))
            for action in _actions(alarm):
                due_queue.put(partial(_act, action, alarm, before["value"], targets))

    with (
        patch.object(Alarm, "__init__", created),
        patch.object(CloudWatchBackend, "put_metric_alarm", put_again),
        patch.object(Alarm, "update_state", update_state),
    ):
        yield


def _actions(alarm: Alarm) -> list[str]:
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }
    return [*actions[alarm.state_value]] if alarm.actions_enabled else []


def _act(action: str, alarm: Alarm, before: str, targets: Targets) -> None:
    """Publish to a topic of the alarm's Region; alarms reach no other Region, and no other kind of action is emulated.

    The subject ends with the code of the Region; CloudWatch writes its name.
    """
    if not action.split(":")[2:4] == ["sns", alarm.region_name]:
        raise UndeliverableError("NOT_EMULATED", f"the emulator does not have the action {action} of {alarm.alarm_arn}")
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": Location.of(alarm.alarm_arn).account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _state(alarm)["timestamp"],
        "Region": alarm.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
    }
    subject = f'{alarm.state_value}: "{alarm.name}" in {alarm.region_name}'[:_LONGEST_SUBJECT]
    text = json.dumps(message)
    targets.deliver(
        action,
        Payload(text, subject=subject, service="cloudwatch.amazonaws.com", source_arn=alarm.alarm_arn),
    )


def _event(alarm: Alarm, before: dict[str, str]) -> Event:
    """Return the event about a new state.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    detail = {
        "alarmName": alarm.name,
        "configuration": {"description": alarm.description, "metrics": _metrics(alarm)},
        "previousState": before,
        "state": _state(alarm),
    }
    location, change = Location.of(alarm.alarm_arn), "CloudWatch Alarm State Change"
    return event_at(location, "aws.cloudwatch", change, detail, [alarm.alarm_arn])


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    if alarm.metric_data_queries:
        return [_query(each) for each in alarm.metric_data_queries]
    metric = _metric(alarm.namespace, alarm.metric_name, alarm.dimensions)
    stat = {"metric": metric, "period": alarm.period, "stat": alarm.statistic or alarm.extended_statistic}
    return [{"id": "m1", "metricStat": stat, "returnData": True}]


def _query(query: MetricDataQuery) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": query.id, "returnData": str(query.return_data).lower() == "true"}
    if query.expression:
        shown["expression"] = query.expression
    if stat := query.metric_stat:
        metric = _metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
        shown["metricStat"] = {"metric": metric, "period": int(stat.period), "stat": stat.stat}
    return shown


def _metric(namespace: str, name: str, dimensions: list[Any]) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "dimensions": {each.name: each.value for each in dimensions}}


def _state(alarm: Alarm) -> dict[str, str]:
    changed_at = alarm.state_updated_timestamp.isoformat(timespec="milliseconds")
    return {
        "value": alarm.state_value,
        "reason": alarm.state_reason,
        "reasonData": alarm.state_reason_data or "{}",
        "timestamp": f"{changed_at.removesuffix('+00:00')}+0000",
    }
