"""What is wrong with one item never stops the others."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from moto.events.models import events_backends

from emulator.aws import Emulator
from emulator.delivery.scheduler import RestlessError
from emulator.eventbridge import patterns

from .conftest import ACCOUNT, NOW, REGION, Client, bodies, code_of, make_table, queue, rule

OTHER = "444455556666"
HEARD = {"pattern": {"source": ["my.app"]}}
ENTRY = {"Source": "my.app", "DetailType": "Some", "Detail": "{}"}


def spoil(name: str = "bad", **members: Any) -> None:
    """Break a rule from inside: no call can do that."""
    vars(events_backends[ACCOUNT][REGION].event_buses["default"].rules[name]).update(members)


def ring(client: Client, name: str, account: str = ACCOUNT, **target: Any) -> None:
    """Let a rule send every hour to a queue."""
    made = client("sqs", account).create_queue(QueueName=name)["QueueUrl"]
    attributes = client("sqs", account).get_queue_attributes(QueueUrl=made, AttributeNames=["QueueArn"])
    client("events", account).put_rule(Name=name, ScheduleExpression="rate(1 hour)")
    targets = [{"Id": "1", "Arn": attributes["Attributes"]["QueueArn"], **target}]
    client("events", account).put_targets(Rule=name, Targets=targets)


def test_a_broken_schedule_stops_no_other_and_is_logged_once(
    aws: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    ring(client, "bad")
    ring(client, "good")
    ring(client, "far", OTHER)
    spoil(scheduled_expression="rate(0 minutes)")
    with caplog.at_level(logging.ERROR):
        aws.advance(timedelta(hours=3))
    assert [len(bodies(client, "good")), len(client("sqs", OTHER).receive_message(
        QueueUrl=client("sqs", OTHER).get_queue_url(QueueName="far")["QueueUrl"], MaxNumberOfMessages=10
    )["Messages"])] == [4, 4]  # fmt: skip
    assert len(caplog.records) == 1
    (noted,) = aws.undelivered
    assert (noted.code, ":rule/bad: " in str(noted)) == ("INTERNAL_ERROR", True)


def test_a_target_that_cannot_be_served_stops_no_other(aws: Emulator, client: Client) -> None:
    rule(client, {"Arn": queue(client, "bad")}, {"Arn": queue(client, "good")}, **HEARD)
    spoil("rule", targets=[{"Id": "0"}, *events_backends[ACCOUNT][REGION].event_buses["default"].rules["rule"].targets])
    client("events").put_events(Entries=[ENTRY])
    aws.settle()
    assert len(bodies(client, "good")) == len(bodies(client, "bad")) == 1


def test_a_broken_pattern_stops_no_other_rule_and_no_call(aws: Emulator, client: Client) -> None:
    client("events").put_rule(Name="bad", EventPattern='{"source": ["my.app"]}')
    rule(client, {"Arn": queue(client, "good")}, **HEARD)
    spoil(event_pattern=None)
    assert client("events").put_events(Entries=[ENTRY])["FailedEntryCount"] == 0
    aws.settle()
    assert len(bodies(client, "good")) == 1


def test_deliveries_without_end_are_still_an_error(aws: Emulator, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("emulator.delivery.scheduler._MOST_DELIVERIES", 50)
    bus = client("events").describe_event_bus()["Arn"]
    rule(client, {"Arn": bus}, **HEARD)
    client("events").put_events(Entries=[ENTRY])
    with pytest.raises(RestlessError):
        aws.settle()


# Streams


def reading(aws: Emulator, client: Client, name: str, noted: list[Any], **settings: Any) -> str:
    """Let a function read a table of its own, which has a key and a stream."""
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    made = make_table(client, name, "pk", StreamSpecification=stream)

    def note(event: Any, _: Any) -> None:
        noted.extend(event["Records"])

    function = aws.functions.register(name, note, account=ACCOUNT, region=REGION)
    given = {"StartingPosition": "TRIM_HORIZON", **settings}
    mapping = client("lambda").create_event_source_mapping(
        EventSourceArn=made["LatestStreamArn"], FunctionName=function, **given
    )
    return str(mapping["UUID"])


@pytest.mark.parametrize("pattern", ["no json", '{"eventName": "INSERT"}', '{"eventName": [{"prefix": 7}]}'])
def test_a_filter_that_aws_refuses_is_refused_when_it_is_given(aws: Emulator, client: Client, pattern: str) -> None:
    mapping = reading(aws, client, "reader", [])
    arn = client("lambda").get_event_source_mapping(UUID=mapping)["EventSourceArn"]
    bad = {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}
    create, update = client("lambda").create_event_source_mapping, client("lambda").update_event_source_mapping
    asked = {"EventSourceArn": arn, "FunctionName": "reader", "StartingPosition": "LATEST"}
    assert code_of(create, **asked, **bad) == "InvalidParameterValueException"
    assert code_of(update, UUID=mapping, **bad) == "InvalidParameterValueException"


def test_a_mapping_that_fails_inside_stops_no_other(aws: Emulator, client: Client, monkeypatch: Any) -> None:
    bad: list[Any] = []
    good: list[Any] = []
    marked = {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}}
    reading(aws, client, "bad", bad, **marked)
    reading(aws, client, "good", good)
    monkeypatch.setattr(patterns, "matches", lambda *_: 1 // 0)
    for name in ("bad", "good"):
        client("dynamodb").put_item(TableName=name, Item={"pk": {"S": "one"}})
    aws.advance(timedelta(minutes=1))
    assert (len(bad), len(good)) == (0, 1)


def test_a_binary_attribute_reaches_a_function_as_text_in_base64(aws: Emulator, client: Client) -> None:
    noted: list[Any] = []
    reading(aws, client, "reader", noted)
    item = {
        "pk": {"S": "one"},
        "bin": {"B": b"\x00\xff"},
        "set": {"BS": [b"\x01"]},
        "deep": {"M": {"list": {"L": [{"B": b"\x02"}]}}},
    }
    client("dynamodb").put_item(TableName="reader", Item=item)
    aws.settle()
    image = noted[0]["dynamodb"]["NewImage"]
    assert (image["bin"], image["set"], image["deep"]["M"]["list"]["L"][0]) == (
        {"B": "AP8="}, {"BS": ["AQ=="]}, {"B": "Ag=="},
    )  # fmt: skip
    assert NOW.timestamp() == noted[0]["dynamodb"]["ApproximateCreationDateTime"]
