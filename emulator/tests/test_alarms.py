"""Alarms whose state is set."""

import json
from typing import Any

import pytest

from emulator.aws import Emulator

from .conftest import ACCOUNT, NOW, REGION, Client, bodies, queue, rule

ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:depth"
DEPTH = {"Namespace": "AWS/SQS", "MetricName": "Depth", "Dimensions": [{"Name": "QueueName", "Value": "dead"}]}
RATIO: dict[str, Any] = {
    "Metrics": [
        {"Id": "ratio", "Expression": "100 * bad / all", "ReturnData": True},
        {
            "Id": "bad",
            "MetricStat": {"Metric": {"Namespace": "ours", "MetricName": "Bad"}, "Period": 300, "Stat": "Sum"},
            "ReturnData": False,
        },
    ]
}


def watch(client: Client, *, evaluated: dict[str, Any] | None = None, **actions: Any) -> None:
    """Create the alarm."""
    single = {**DEPTH, "Period": 60, "Statistic": "Maximum"}
    compared = {"EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    client("cloudwatch").put_metric_alarm(
        AlarmName="depth", AlarmDescription="Letters wait", **(evaluated or single), **compared, **actions
    )


def change(aws: Emulator, client: Client, state: str) -> None:
    client("cloudwatch").set_alarm_state(AlarmName="depth", StateValue=state, StateReason="a drill")
    aws.settle()


def listen(client: Client) -> None:
    """Let the queue ``heard`` hear of changes of state."""
    pattern = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    rule(client, {"Arn": queue(client, "heard")}, pattern=pattern)


def test_another_state_publishes_to_the_topics_for_it_and_the_same_state_to_none(aws: Emulator, client: Client) -> None:
    bad, good = (client("sns").create_topic(Name=name)["TopicArn"] for name in ("bad", "good"))
    watch(client, AlarmActions=[bad], OKActions=[good])
    change(aws, client, "ALARM")
    change(aws, client, "ALARM")
    (message,) = aws.inbox
    assert (message.topic_arn, message.subject) == (bad, f'ALARM: "depth" in {REGION}')
    told = json.loads(message.message)
    assert (told["AlarmArn"], told["AlarmDescription"]) == (ALARM, "Letters wait")
    assert (told["OldStateValue"], told["NewStateValue"], told["NewStateReason"]) == (
        "INSUFFICIENT_DATA",
        "ALARM",
        "a drill",
    )
    change(aws, client, "OK")
    assert [message.topic_arn for message in aws.inbox] == [bad, good]


def test_a_change_of_state_is_an_event_of_cloudwatchs(aws: Emulator, client: Client) -> None:
    listen(client)
    watch(client)
    change(aws, client, "ALARM")
    change(aws, client, "ALARM")
    (event,) = bodies(client, "heard")
    assert (event["account"], event["region"], event["resources"]) == (ACCOUNT, REGION, [ALARM])
    detail = event["detail"]
    assert (detail["alarmName"], detail["configuration"]["description"]) == ("depth", "Letters wait")
    assert (detail["previousState"]["value"], detail["state"]["value"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert detail["state"]["timestamp"] == NOW.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    metric = {"namespace": "AWS/SQS", "name": "Depth", "dimensions": {"QueueName": "dead"}}
    assert detail["configuration"]["metrics"][0]["metricStat"] == {"metric": metric, "period": 60, "stat": "Maximum"}


def test_an_alarm_on_an_expression_tells_of_all_that_it_takes(aws: Emulator, client: Client) -> None:
    listen(client)
    watch(client, evaluated=RATIO)
    change(aws, client, "ALARM")
    ratio, bad = bodies(client, "heard")[0]["detail"]["configuration"]["metrics"]
    assert (ratio["expression"], ratio["returnData"]) == ("100 * bad / all", True)
    assert (bad["metricStat"]["metric"]["name"], bad["returnData"]) == ("Bad", False)


def test_an_alarm_whose_actions_are_disabled_takes_none(aws: Emulator, client: Client) -> None:
    topic = client("sns").create_topic(Name="bad")["TopicArn"]
    watch(client, AlarmActions=[topic], ActionsEnabled=False)
    change(aws, client, "ALARM")
    assert not aws.inbox


@pytest.mark.parametrize(
    "action", [f"arn:aws:sns:us-west-2:{ACCOUNT}:far", f"arn:aws:ssm:{REGION}:{ACCOUNT}:opsitem:1"]
)
def test_what_an_alarm_cannot_do_is_not_passed_over(aws: Emulator, client: Client, action: str) -> None:
    watch(client, AlarmActions=[action])
    change(aws, client, "ALARM")
    (refused,) = aws.undelivered
    assert refused.code == "NOT_EMULATED"
