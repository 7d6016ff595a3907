"""What AWS answered to others: which patterns and schedules it accepts, what matches, what a transformer makes."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator

from .conftest import ACCOUNT, REGION, Client, code, code_of, messages, queue, rule

_RECORDED = Path(__file__).parent / "recorded"
_EVENT = {
    "id": "1",
    "source": "my.vaults",
    "detail-type": "Vault Locked",
    "account": ACCOUNT,
    "region": REGION,
    "time": "2026-11-20T09:00:00Z",
}


def recorded(name: str) -> Any:
    return json.loads((_RECORDED / f"{name}.json").read_text(encoding="utf-8"))


PATTERNS: list[dict[str, Any]] = recorded("event_patterns")
TRANSFORMERS: dict[str, Any] = recorded("input_transformers")
EXPRESSIONS: dict[str, dict[str, list[str]]] = recorded("schedule_expressions")


def test_an_event_matches_the_patterns_that_it_matches_at_aws(client: Client) -> None:
    wrong = []
    for case in (case for case in PATTERNS if isinstance(case["answer"], bool)):
        event, pattern = json.dumps(_EVENT | case["event"]), json.dumps(case["pattern"])
        if client("events").test_event_pattern(Event=event, EventPattern=pattern)["Result"] is not case["answer"]:
            wrong.append(case["claim"])
    assert wrong == []


def test_a_pattern_that_aws_refuses_is_refused_with_its_reason_and_makes_no_rule(client: Client) -> None:
    wrong = []
    refused = [case for case in PATTERNS if isinstance(case["answer"], str)]
    for case in refused:
        with pytest.raises(ClientError) as raised:
            client("events").put_rule(Name="bad", EventPattern=json.dumps(case["pattern"]))
        told = raised.value.response["Error"]
        if told != {
            "Code": "InvalidEventPatternException",
            "Message": f"Event pattern is not valid. Reason: {case['answer']}",
        }:
            wrong.append((case["claim"], told))
    assert wrong == []
    assert len(refused) > 30
    assert client("events").list_rules()["Rules"] == []


@pytest.mark.parametrize("pattern", ["only words", "{'single': 'quotes'}", '{"not": ended"', '["a", "list"]', "{}"])
def test_what_is_no_pattern_at_all_is_refused(client: Client, pattern: str) -> None:
    asked = {"Event": json.dumps(_EVENT), "EventPattern": pattern}
    assert code_of(client("events").test_event_pattern, **asked) == "InvalidEventPatternException"


@pytest.mark.parametrize("event", ["plain", '["a list"]', '{"detail": {}}'])
def test_what_is_no_event_cannot_be_tested(client: Client, event: str) -> None:
    asked = {"Event": event, "EventPattern": '{"id": ["1"]}'}
    assert code_of(client("events").test_event_pattern, **asked) == "ValidationException"


def test_of_the_objects_in_a_list_one_has_to_match_all_that_the_pattern_says(client: Client) -> None:
    runs = [{"vault": "a", "state": "held"}, {"vault": "b", "state": "free"}]
    event = json.dumps(_EVENT | {"detail": {"runs": runs}})

    def found(**wanted: str) -> bool:
        pattern = {"detail": {"runs": {name: [value] for name, value in wanted.items()}}}
        return bool(client("events").test_event_pattern(Event=event, EventPattern=json.dumps(pattern))["Result"])

    assert found(vault="a", state="held")
    assert not found(vault="a", state="free")


def test_a_transformer_makes_what_it_makes_at_aws_or_nothing(aws: Emulator, client: Client) -> None:
    event, paths = TRANSFORMERS["event"], TRANSFORMERS["paths"]
    entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
    wrong = []
    for number, case in enumerate(TRANSFORMERS["cases"]):
        arn = queue(client, f"made-{number}")
        transformer = {"InputPathsMap": paths, "InputTemplate": case["template"]}
        rule(client, {"Arn": arn, "InputTransformer": transformer}, pattern={"source": [event["source"]]})
        event_id = client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]
        aws.settle()
        got = [message["Body"].replace(event_id, "ID") for message in messages(client, f"made-{number}")]
        if got != [case["answer"]] * (case["answer"] is not None):
            wrong.append((case["claim"], got))
    assert wrong == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"InputPath": "$.detail", "InputTransformer": {"InputTemplate": '"x"'}}, "Only one of Input, InputPath, or"),
        ({"InputTransformer": {"InputTemplate": '"<nobody>"'}}, "for target 0 contains invalid placeholder nobody."),
        ({"InputTransformer": {"InputPathsMap": {"aws.x": "$.id"}, "InputTemplate": '"x"'}}, "reserved names"),
        ({"Input": "no json"}, "JSON syntax error in input for target 0"),
    ],
)
def test_the_input_of_a_target_that_aws_refuses_is_refused(client: Client, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ClientError, match=says) as raised:
        rule(client, {"Arn": queue(client, "made"), **given}, pattern={"source": ["a"]})
    assert code(raised) == "ValidationException"


@pytest.mark.parametrize("expression", EXPRESSIONS["rules"]["refused"])
def test_the_schedule_of_a_rule_that_aws_refuses_is_refused(client: Client, expression: str) -> None:
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid") as raised:
        client("events").put_rule(Name="bad", ScheduleExpression=expression)
    assert code(raised) == "ValidationException"


def test_the_schedules_of_rules_that_aws_accepts_are_accepted(client: Client) -> None:
    for expression in EXPRESSIONS["rules"]["accepted"]:
        client("events").put_rule(Name="good", ScheduleExpression=expression)


def _schedule(client: Client, name: str, expression: str, **more: Any) -> None:
    target = {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}
    given = {"Target": target, "FlexibleTimeWindow": {"Mode": "OFF"}, **more}
    client("scheduler").create_schedule(Name=name, ScheduleExpression=expression, **given)


@pytest.mark.parametrize("expression", [*EXPRESSIONS["scheduler"]["refused"], "rate(0 minutes)", "at(nonsense)"])
def test_a_schedule_that_aws_refuses_is_refused(client: Client, expression: str) -> None:
    with pytest.raises(ClientError) as raised:
        _schedule(client, "bad", expression)
    told = {"Code": "ValidationException", "Message": f"Invalid Schedule Expression {expression}."}
    assert raised.value.response["Error"] == told
    _schedule(client, "good", "rate(1 hour)")
    given = {"Target": client("scheduler").get_schedule(Name="good")["Target"], "FlexibleTimeWindow": {"Mode": "OFF"}}
    updated = client("scheduler").update_schedule
    assert code_of(updated, Name="good", ScheduleExpression=expression, **given) == "ValidationException"


def test_a_time_zone_that_there_is_nowhere_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="Moon/Base") as raised:
        _schedule(client, "bad", "rate(1 hour)", ScheduleExpressionTimezone="Moon/Base")
    assert code(raised) == "ValidationException"


def test_schedules_that_aws_accepts_are_accepted(client: Client) -> None:
    for number, expression in enumerate(EXPRESSIONS["scheduler"]["accepted"]):
        _schedule(client, f"good-{number}", expression)
