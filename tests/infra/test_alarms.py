"""The hub's alarms, evaluated by the emulated CloudWatch as they stand in the template."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from functions.catalog import AUTOMATIONS
from functions.shared.automation import ScheduleTrigger
from functions.shared.deployment.resources import METRICS_NAMESPACE
from tests.conftest import NOW, REGION, US, clients_of
from tests.infra.reading import Template, of_type

LATE = timedelta(seconds=70)
"""How much later than its schedule a sweep may end."""


def call(service: str, operation: str, **given: Any) -> Any:
    return clients_of(US).calls(service, REGION)(operation, **given)


def swept(automation: str) -> None:
    """Put what a sweep measures."""
    datum = {"MetricName": "SweepCompleted", "Value": 1, "Dimensions": [{"Name": "service", "Value": automation}]}
    call("cloudwatch", "PutMetricData", Namespace=METRICS_NAMESPACE, MetricData=[datum])


@pytest.fixture
def every(aws: Emulator, template: Template, request: pytest.FixtureRequest) -> timedelta:
    """Put the alarm for missing sweeps of one automation as the template has it; return how often it sweeps."""
    assert aws
    name = request.node.callspec.params["automation"]
    topic = call("sns", "CreateTopic", Name="people")["TopicArn"]
    alarms = of_type(template, "CloudWatch::Alarm").values()
    (alarm,) = (each for each in alarms if each["AlarmDescription"].startswith(f"{name} has completed no sweep"))
    given = {key: value for key, value in alarm.items() if key not in ("AlarmActions", "Tags")}
    call("cloudwatch", "PutMetricAlarm", AlarmName="sweeps", AlarmActions=[topic], **given)
    (automation,) = (each for each in AUTOMATIONS if each.name == name)
    return min(trigger.every for trigger in automation.triggers if isinstance(trigger, ScheduleTrigger))


EACH = pytest.mark.parametrize("automation", [each.name for each in AUTOMATIONS])


@EACH
def test_no_sweep_rings_not_before_the_first_but_after_three_that_did_not_come(
    aws: Emulator, automation: str, every: timedelta
) -> None:
    aws.advance(5 * every)
    assert len(aws.inbox) == 0
    swept(automation)
    aws.advance(5 * every)
    (message,) = aws.inbox
    assert 3 * every < message.at - (NOW + 5 * every) <= 4 * every + timedelta(minutes=2)
    aws.advance(10 * every)
    assert len(aws.inbox) == 1


@EACH
def test_a_sweep_that_is_late_or_missed_once_rings_nothing(aws: Emulator, automation: str, every: timedelta) -> None:
    for late in (timedelta(), LATE, timedelta(), LATE):
        aws.advance(late)
        swept(automation)
        aws.advance(every - late)
    aws.advance(every)
    swept(automation)
    aws.advance(2 * every)
    assert len(aws.inbox) == 0
