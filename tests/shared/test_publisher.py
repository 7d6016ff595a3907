"""The topic and the bus against the emulated AWS: what arrives, and what is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cli.hubs.emulated_hub import BUS_NAME
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.shared.aws.calls import CallError
from functions.shared.aws.publisher import Publisher, TopicMessage, chat_notification, compact_json
from tests.conftest import NOW, REGION, clients_of

MESSAGE = TopicMessage("subject", "prose", chat_notification({"title": "title"}), {"kind": "alert", "severity": "LOW"})


@pytest.fixture
def publisher(aws: Emulator) -> Publisher:
    """A topic to which people might subscribe, and a bus without rules."""
    assert aws
    sns, events = (clients_of().calls(service, REGION) for service in ("sns", "events"))
    events("CreateEventBus", Name=BUS_NAME)
    return Publisher(sns, events, sns("CreateTopic", Name="alerts")["TopicArn"], BUS_NAME)


def test_a_message_arrives_with_a_text_for_each_protocol(aws: Emulator, publisher: Publisher) -> None:
    publisher.publish(MESSAGE)
    (arrived,) = aws.inbox.of(publisher.topic_arn)
    assert (arrived.subject, arrived.structure) == ("subject", "json")
    assert arrived.for_protocol("email") == "prose"
    assert {name: each["Value"] for name, each in arrived.attributes.items()} == MESSAGE.attributes
    assert {each["Type"] for each in arrived.attributes.values()} == {"String"}


def test_an_event_is_put_with_its_source_its_resource_and_its_time(aws: Emulator, publisher: Publisher) -> None:
    publisher.put_event("Finding Opened", {}, NOW, ["arn"])
    (call,) = aws.calls.of("events:PutEvents")
    (entry,) = call.parameters["Entries"]
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("watchkeeper", "Finding Opened", BUS_NAME)
    assert entry["Resources"] == ["arn"]


def test_an_event_that_the_bus_did_not_take_is_an_error(publisher: Publisher) -> None:
    with pytest.raises(CallError, match="DetailType"):
        publisher.put_event("", {}, NOW)


@pytest.mark.parametrize(
    ("call", "use"),
    [
        ("sns:Publish", lambda publisher: publisher.publish(MESSAGE)),
        ("events:PutEvents", lambda publisher: publisher.put_event("Finding Opened", {}, NOW)),
    ],
)
def test_a_topic_or_a_bus_that_refuses_is_an_error(
    aws: Emulator, publisher: Publisher, call: str, use: Callable[[Publisher], Any]
) -> None:
    aws.faults.add(Fault(call, "denied"))
    with pytest.raises(CallError) as refused:
        use(publisher)
    assert refused.value.code in ("AccessDenied", "AccessDeniedException")
    assert len(aws.calls.of(call)) == 1
    assert list(aws.inbox) == []


def test_a_bus_that_is_gone_takes_events_and_is_found_missing(publisher: Publisher) -> None:
    """EventBridge says nothing of events that it loses so, and that is why somebody has to look."""
    publisher.find_bus()
    gone = replace(publisher, bus_name="nowhere")
    gone.put_event("Finding Opened", {}, NOW)
    with pytest.raises(CallError, match="ResourceNotFoundException"):
        gone.find_bus()


def test_json_takes_few_bytes_and_what_utf8_cannot_say_is_escaped() -> None:
    assert compact_json({"b": "ü𝄞", "a": "\ud83d"}) == '{"a": "\\ud83d", "b": "ü𝄞"}'
    assert json.loads(compact_json(["\ud83d"])) == ["\ud83d"]
