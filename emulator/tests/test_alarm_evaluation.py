"""Alarms whose metrics are evaluated, on the emulated clock."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.cloudwatch.evaluation import Condition, judge
from emulator.cloudwatch.metric_math import ExpressionError, evaluate

from .conftest import NOW, Client, bodies, queue, rule

MINUTE = timedelta(minutes=1)
_X = {"0": 0.0, "X": 9.0, "-": None}


@pytest.mark.parametrize(
    ("oldest_first", "datapoints", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", 3, "OK", "OK", "OK", "OK"),
        ("0 - - - -", 3, "OK", "OK", "OK", "OK"),
        ("- - - - -", 3, "INSUFFICIENT_DATA", "before", "ALARM", "OK"),
        ("0 X X - X", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", 3, "ALARM", "before", "ALARM", "OK"),
        ("0 - X - X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 0 X 0 X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 - X - -", 2, "OK", "OK", "ALARM", "OK"),
        ("- - - - 0", 2, "OK", "OK", "ALARM", "OK"),
        ("- - - X -", 2, "ALARM", "before", "ALARM", "OK"),
    ],
)
def test_missing_data_is_treated_as_the_tables_of_aws_have_it(
    oldest_first: str, datapoints: int, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html."""
    values = [_X[each] for each in reversed(oldest_first.split())]
    treatments = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    found = {
        each: judge(Condition("GreaterThanThreshold", 5, 3, datapoints, each), values, "before")[0]
        for each in treatments
    }
    assert found == treatments


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("bad / all", [0.5, None, None, None]),
        ("100 * bad / all - 1", [49.0, None, None, None]),
        ("FILL(bad, 0)", [1.0, 0.0, 3.0, 0.0]),
        ("FILL(bad, REPEAT)", [1.0, 3.0, 3.0, None]),
        ("IF(FILL(bad, REPEAT) > 0, FILL(bad, 0), 7)", [1.0, 0.0, 3.0, None]),
        ("-all", [-2.0, -4.0, -0.0, None]),
    ],
)
def test_an_expression_has_a_value_where_all_that_it_needs_has_one(expression: str, values: list[float | None]) -> None:
    metrics: dict[str, Any] = {"bad": [1.0, None, 3.0, None], "all": [2.0, 4.0, 0.0, None]}
    assert evaluate(expression, metrics, 4) == values


@pytest.mark.parametrize("expression", ["bad +", "gone", "SEARCH('x')", "bad && bad", "__import__('os')"])
def test_an_expression_that_is_not_emulated_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, {"bad": [1.0]}, 1)


def watch(client: Client, **more: Any) -> None:
    """Create an alarm on errors, which publishes each of its states to a topic of its name."""
    topics = {state: client("sns").create_topic(Name=state)["TopicArn"] for state in ("alarm", "ok", "unknown")}
    given: dict[str, Any] = {
        "Namespace": "ours",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "service", "Value": "one"}],
        "Period": 300,
        "Statistic": "Sum",
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [topics["alarm"]],
        "OKActions": [topics["ok"]],
        "InsufficientDataActions": [topics["unknown"]],
    }
    chosen = {name: value for name, value in (given | more).items() if value is not None}
    client("cloudwatch").put_metric_alarm(AlarmName="errors", **chosen)


def put(client: Client, value: float = 1, name: str = "Errors") -> None:
    data = {"MetricName": name, "Value": value, "Dimensions": [{"Name": "service", "Value": "one"}]}
    client("cloudwatch").put_metric_data(Namespace="ours", MetricData=[data])


def told(aws: Emulator) -> list[tuple[str, timedelta]]:
    """Return the topics that were published to, each with the time since the beginning."""
    return [(message.topic_arn.rpartition(":")[2], message.at - NOW) for message in aws.inbox]


def test_an_alarm_rings_when_its_metric_crosses_the_threshold_and_ends_when_it_does_not(
    aws: Emulator, client: Client
) -> None:
    heard = queue(client, "heard")
    rule(client, {"Arn": heard}, pattern={"source": ["aws.cloudwatch"]})
    watch(client)
    aws.advance(10 * MINUTE)
    put(client)
    aws.advance(timedelta(hours=1))
    # the last real value counts until it has left all periods that CloudWatch looks at, not only the one it evaluates
    assert told(aws) == [("ok", MINUTE), ("alarm", 11 * MINUTE), ("ok", 26 * MINUTE)]
    message = json.loads(aws.inbox[1].message)
    assert (message["OldStateValue"], message["NewStateValue"]) == ("OK", "ALARM")
    assert message["NewStateReason"].startswith("Threshold Crossed: 1 datapoint [1.0] was greater than the threshold")
    changes = [event["detail"]["state"]["value"] for event in bodies(client, "heard")]
    assert sorted(changes) == ["ALARM", "OK", "OK"]


def test_an_alarm_counts_only_the_metric_that_it_names(aws: Emulator, client: Client) -> None:
    watch(client)
    put(client, name="Others")
    client("cloudwatch").put_metric_data(Namespace="ours", MetricData=[{"MetricName": "Errors", "Value": 1}])
    aws.advance(timedelta(hours=1))
    assert told(aws) == [("ok", MINUTE)]


@pytest.mark.parametrize(
    ("missing", "states"),
    [
        ("breaching", [("alarm", MINUTE)]),
        ("notBreaching", [("ok", MINUTE)]),
        ("missing", []),
        ("ignore", []),
        (None, []),
    ],
)
def test_before_the_first_data_only_what_is_filled_in_counts(
    aws: Emulator, client: Client, missing: str | None, states: Any
) -> None:
    watch(client, TreatMissingData=missing)
    aws.advance(timedelta(days=1))
    assert told(aws) == states


def test_a_sum_over_several_periods_needs_as_many_datapoints(aws: Emulator, client: Client) -> None:
    watch(client, Period=60, EvaluationPeriods=3, DatapointsToAlarm=2, Threshold=1)
    aws.advance(MINUTE)
    for value in (2, 0, 2):
        put(client, value)
        aws.advance(MINUTE)
    assert told(aws) == [("ok", MINUTE), ("alarm", 4 * MINUTE)]


def test_an_alarm_on_a_share_rings_at_its_expression(aws: Emulator, client: Client) -> None:
    def of(name: str) -> dict[str, Any]:
        metric = {"Namespace": "ours", "MetricName": name, "Dimensions": [{"Name": "service", "Value": "one"}]}
        return {"Id": name.lower(), "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    share = {"Id": "share", "Expression": "bad / all", "ReturnData": True}
    single = dict.fromkeys(("Namespace", "MetricName", "Dimensions", "Period", "Statistic"))
    watch(client, Metrics=[share, of("Bad"), of("All")], Threshold=0.1, **single)
    put(client, 10, "All")
    put(client, 1, "Bad")
    aws.advance(5 * MINUTE)
    put(client, 10, "All")
    put(client, 2, "Bad")
    aws.advance(MINUTE)
    assert told(aws) == [("ok", MINUTE), ("alarm", 6 * MINUTE)]


def test_a_queue_s_depth_and_age_are_watched(aws: Emulator, client: Client) -> None:
    queue(client, "dead")
    url = client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    of_queue = {"Namespace": "AWS/SQS", "Dimensions": [{"Name": "QueueName", "Value": "dead"}], "Statistic": "Maximum"}
    day = timedelta(days=1)
    watch(client, **of_queue, MetricName="ApproximateAgeOfOldestMessage", Threshold=day.total_seconds())
    aws.advance(timedelta(minutes=10))
    client("sqs").send_message(QueueUrl=url, MessageBody="letter")
    aws.advance(day)
    assert [topic for topic, _ in told(aws)] == ["ok"]
    aws.advance(timedelta(minutes=10))
    assert [topic for topic, _ in told(aws)] == ["ok", "alarm"]
    (taken,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    client("sqs").delete_message(QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"])
    aws.advance(timedelta(minutes=15))
    assert [topic for topic, _ in told(aws)] == ["ok", "alarm", "ok"]


def test_an_alarm_that_is_put_again_keeps_its_state_and_tells_nobody_twice(aws: Emulator, client: Client) -> None:
    watch(client, TreatMissingData="breaching")
    aws.advance(5 * MINUTE)
    watch(client, TreatMissingData="breaching", AlarmDescription="more words")
    aws.advance(5 * MINUTE)
    assert told(aws) == [("alarm", MINUTE)]
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["StateValue"], alarm["AlarmDescription"]) == ("ALARM", "more words")


def test_a_state_that_was_set_lasts_until_the_next_evaluation(aws: Emulator, client: Client) -> None:
    watch(client)
    aws.advance(MINUTE)
    client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a drill")
    put(client, 0)
    aws.advance(MINUTE)
    assert [topic for topic, _ in told(aws)] == ["ok", "alarm", "ok"]


def test_an_alarm_that_cannot_be_evaluated_stops_no_other(aws: Emulator, client: Client) -> None:
    bad = {"Id": "bad", "Expression": "ANOMALY_DETECTION_BAND(gone, 2)", "ReturnData": True}
    client("cloudwatch").put_metric_alarm(
        AlarmName="bad", Metrics=[bad], EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold"
    )
    watch(client)
    aws.advance(timedelta(hours=1))
    assert told(aws) == [("ok", MINUTE)]
    assert [error.code for error in aws.undelivered] == ["INTERNAL_ERROR"]


def test_a_day_without_news_is_not_evaluated_every_minute(
    aws: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[datetime] = []
    monkeypatch.setattr("emulator.cloudwatch.watch.judge", lambda *_: (moments.append(aws.clock.now()), ("OK", ""))[1])
    watch(client)
    put(client)
    aws.advance(timedelta(days=1))
    assert [moment - NOW for moment in moments] == [MINUTE, 6 * MINUTE, 11 * MINUTE, 16 * MINUTE]
