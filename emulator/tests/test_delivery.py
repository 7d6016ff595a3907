"""Delivery: what AWS brings from one service to another, later and in order."""

import json
import os
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.faults import Fault

from .conftest import ACCOUNT, NOW, REGION, Client, bodies, messages, queue, rule

RULE_EVENT = {
    "source": "aws.ram",
    "detail-type": "Resource Sharing State Change",
    "account": ACCOUNT,
    "region": REGION,
    "detail": {"event": "Resource Share Association", "status": "failed"},
}


class Recorder:
    """A function that remembers its events, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.events: list[Any] = []
        self.moments: list[datetime] = []
        self.failures = failures

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        self.moments.append(datetime.now(UTC))
        if len(self.events) <= self.failures:
            msg = f"failure {len(self.events)} of {context.function_name}"
            raise RuntimeError(msg)
        return {"seen": len(self.events)}


def register(aws: Emulator, handler: Any, name: str = "watcher", **settings: Any) -> str:
    return aws.functions.register(name, handler, account=ACCOUNT, region=REGION, **settings)


# Functions


def test_a_function_is_invoked_and_answers(aws: Emulator, client: Client) -> None:
    register(aws, lambda event, context: [event, context.function_name])
    answer = client("lambda").invoke(FunctionName="watcher", Payload=b'{"some": 1}')
    assert json.load(answer["Payload"]) == [{"some": 1}, "watcher"]
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer


def test_a_function_that_raises_answers_with_its_error(aws: Emulator, client: Client) -> None:
    register(aws, Recorder(failures=1))
    answer = client("lambda").invoke(FunctionName="watcher")
    assert answer["FunctionError"] == "Unhandled"
    told = json.load(answer["Payload"])
    assert (told["errorType"], told["errorMessage"]) == ("RuntimeError", "failure 1 of watcher")
    assert isinstance(aws.functions.runs[-1].outcome.error, RuntimeError)


def test_a_function_acts_as_its_account_with_its_environment(aws: Emulator, client: Client) -> None:
    def who(event: Any, context: Any) -> Any:
        del event
        identity = boto3.Session().client("sts").get_caller_identity()
        environment = {name: os.environ[name] for name in ("TABLE", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME")}
        return [identity["Account"], environment, context.invoked_function_arn]

    arn = aws.functions.register(
        "who", who, account="444455556666", region="us-west-2", environment={"TABLE": "ledger"}
    )
    before = dict(os.environ)
    answer = client("lambda", account="444455556666", region="us-west-2").invoke(FunctionName="who")
    environment = {"TABLE": "ledger", "AWS_REGION": "us-west-2", "AWS_LAMBDA_FUNCTION_NAME": "who"}
    assert json.load(answer["Payload"]) == ["444455556666", environment, arn]
    assert dict(os.environ) == before
    assert [*aws.calls][-2].account == "444455556666"


def test_a_context_counts_down_on_the_emulated_clock(aws: Emulator, client: Client) -> None:
    def slow(event: Any, context: Any) -> list[int]:
        del event
        first = context.get_remaining_time_in_millis()
        aws.clock.move_to(aws.clock.now() + timedelta(seconds=20))
        return [first, context.get_remaining_time_in_millis()]

    register(aws, slow, timeout=timedelta(seconds=30))
    answer = client("lambda").invoke(FunctionName="watcher")
    assert json.load(answer["Payload"]) == [30_000, 10_000]


def test_an_asynchronous_invocation_waits_until_the_call_is_over(aws: Emulator, client: Client) -> None:
    recorder = Recorder()
    register(aws, recorder)
    answer = client("lambda").invoke(FunctionName="watcher", InvocationType="Event", Payload=b"{}")
    assert (answer["StatusCode"], recorder.events) == (202, [])
    aws.settle()
    assert recorder.events == [{}]


def test_a_failed_asynchronous_invocation_is_tried_twice_more_and_then_handed_over(
    aws: Emulator, client: Client
) -> None:
    recorder = Recorder(failures=9)
    arn = register(aws, recorder)
    client("lambda").put_function_event_invoke_config(
        FunctionName="watcher", DestinationConfig={"OnFailure": {"Destination": queue(client, "failed")}}
    )
    client("lambda").invoke(FunctionName="watcher", InvocationType="Event", Payload=b'{"a": 1}')
    aws.advance(timedelta(hours=1))
    assert recorder.moments == [NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=3)]
    (letter,) = bodies(client, "failed")
    assert letter["requestContext"] | {"requestId": ""} == {
        "requestId": "",
        "functionArn": f"{arn}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert letter["requestPayload"] == {"a": 1}
    assert letter["responsePayload"]["errorMessage"] == "failure 3 of watcher"


def test_what_a_function_fails_at_for_good_goes_to_its_dead_letter_queue(aws: Emulator, client: Client) -> None:
    register(aws, Recorder(failures=9))
    letters = {"TargetArn": queue(client, "dead")}
    client("lambda").update_function_configuration(FunctionName="watcher", DeadLetterConfig=letters)
    assert client("lambda").get_function_configuration(FunctionName="watcher")["DeadLetterConfig"] == letters
    client("lambda").invoke(FunctionName="watcher", InvocationType="Event", Payload=b'{"a": 1}')
    aws.advance(timedelta(hours=1))
    (letter,) = messages(client, "dead")
    assert json.loads(letter["Body"]) == {"a": 1}
    told = json.loads(letter["MessageAttributes"]["ErrorMessage"]["StringValue"])
    assert told["errorMessage"] == "failure 3 of watcher"


def test_retries_of_an_invocation_can_be_switched_off(aws: Emulator, client: Client) -> None:
    recorder = Recorder(failures=9)
    register(aws, recorder)
    client("lambda").put_function_event_invoke_config(FunctionName="watcher", MaximumRetryAttempts=0)
    client("lambda").invoke(FunctionName="watcher", InvocationType="Event", Payload=b"{}")
    aws.advance(timedelta(hours=1))
    assert len(recorder.events) == 1


def test_a_function_without_code_is_refused_not_pretended(aws: Emulator, client: Client) -> None:
    arn = register(aws, Recorder())
    aws.functions._runtimes.clear()
    with pytest.raises(ClientError, match="no code for"):
        client("lambda").invoke(FunctionName="watcher")
    client("lambda").invoke(FunctionName="watcher", InvocationType="Event")
    aws.settle()
    assert [(error.code, arn in str(error)) for error in aws.undelivered] == [("NO_CODE", True)]


# EventBridge


def test_an_event_of_aws_s_own_reaches_the_function_of_a_rule(aws: Emulator, client: Client) -> None:
    recorder = Recorder()
    rule(client, {"Arn": register(aws, recorder)}, pattern={"source": ["aws.ram"]})
    aws.emit(RULE_EVENT)
    assert recorder.events == []
    aws.settle()
    (event,) = recorder.events
    assert event.pop("id")
    assert event == {**RULE_EVENT, "version": "0", "time": "2026-11-20T09:00:00Z", "resources": []}


@pytest.mark.parametrize(
    "other", [{"source": "aws.s3"}, {"detail-type": "Other"}, {"account": "444455556666"}, {"region": "us-east-1"}]
)
def test_an_event_that_does_not_match_reaches_nothing(aws: Emulator, client: Client, other: dict[str, str]) -> None:
    recorder = Recorder()
    pattern = {"source": ["aws.ram"], "detail-type": [{"prefix": "Resource"}]}
    rule(client, {"Arn": register(aws, recorder)}, pattern=pattern)
    aws.emit(RULE_EVENT | other)
    aws.settle()
    assert recorder.events == []


def test_a_rule_that_is_disabled_or_has_only_a_schedule_matches_no_event(aws: Emulator, client: Client) -> None:
    recorder = Recorder()
    arn = register(aws, recorder)
    rule(client, {"Arn": arn}, ScheduleExpression="cron(0 12 * * ? *)")
    aws.emit(RULE_EVENT)
    aws.settle()
    rule(client, {"Arn": arn}, pattern={"source": ["aws.ram"]}, State="DISABLED")
    aws.emit(RULE_EVENT)
    aws.settle()
    assert recorder.events == []


def test_an_event_goes_to_functions_queues_topics_and_other_buses(aws: Emulator, client: Client) -> None:
    recorder = Recorder()
    hub = client("events", account="444455556666", region="us-east-1")
    bus = hub.create_event_bus(Name="watchkeeper")["EventBusArn"]
    hub.put_rule(Name="all", EventBusName="watchkeeper", EventPattern='{"account": ["111122223333"]}')
    hub_function = aws.functions.register("hub", recorder, account="444455556666", region="us-east-1")
    hub.put_targets(Rule="all", EventBusName="watchkeeper", Targets=[{"Id": "1", "Arn": hub_function}])
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    targets = ({"Arn": queue(client, "events")}, {"Arn": topic}, {"Arn": bus})
    rule(client, *targets, pattern={"source": ["my.app"]})
    answer = client("events").put_events(
        Entries=[{"Source": "my.app", "DetailType": "Some", "Detail": '{"a": [1, 2]}', "Resources": ["arn:x"]}]
    )
    assert answer["FailedEntryCount"] == 0
    aws.settle()
    (event,) = bodies(client, "events")
    assert event == json.loads(aws.inbox[0].message) == recorder.events[0] | {"id": event["id"]}
    assert (event["account"], event["region"], event["detail"]) == (ACCOUNT, REGION, {"a": [1, 2]})
    assert event["id"] == answer["Entries"][0]["EventId"]


def test_events_are_put_on_the_bus_that_is_named_even_of_another_account(aws: Emulator, client: Client) -> None:
    hub = client("events", account="444455556666")
    bus = hub.create_event_bus(Name="hub")["EventBusArn"]
    recorder = Recorder()
    function = aws.functions.register("hub", recorder, account="444455556666", region=REGION)
    hub.put_rule(Name="all", EventBusName="hub", EventPattern='{"source": ["my.app"]}')
    hub.put_targets(Rule="all", EventBusName="hub", Targets=[{"Id": "1", "Arn": function}])
    entry = {"Source": "my.app", "DetailType": "Some", "Detail": "{}"}
    client("events").put_events(Entries=[entry, entry | {"EventBusName": bus}])
    aws.settle()
    assert len(recorder.events) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Source": "aws.ram"}, "NotAuthorizedForSourceException"),
        ({"Detail": "no json"}, "MalformedDetail"),
        ({"Detail": "[1]"}, "MalformedDetail"),
        ({"DetailType": ""}, "InvalidArgument"),
    ],
)
def test_an_entry_that_aws_would_not_take_fails_alone(
    aws: Emulator, client: Client, change: dict[str, str], code: str
) -> None:
    entry = {"Source": "my.app", "DetailType": "Some", "Detail": "{}"}
    answer = client("events").put_events(Entries=[entry, entry | change])
    assert answer["FailedEntryCount"] == 1
    assert [each.get("ErrorCode") for each in answer["Entries"]] == [None, code]
    del aws


def test_more_events_than_aws_takes_at_once_are_refused(client: Client) -> None:
    entry = {"Source": "my.app", "DetailType": "Some", "Detail": json.dumps({"text": "x" * 100_000})}
    with pytest.raises(ClientError, match="over the limit"):
        client("events").put_events(Entries=[entry] * 3)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail"}, {"event": "Resource Share Association", "status": "failed"}),
        ({"InputPath": "$.detail.status"}, "failed"),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"status": "$.detail.status", "all": "$.detail", "absent": "$.detail.no"},
                    "InputTemplate": '{"text": "it <status>: <absent>", "status": <status>, "detail": <all>, '
                    '"rule": <aws.events.rule-name>}',
                }
            },
            {"text": "it failed: ", "status": "failed", "detail": RULE_EVENT["detail"], "rule": "rule"},
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"status": "$.detail.status"}, "InputTemplate": '"it <status>"'}},
            "it failed",
        ),
    ],
)
def test_a_target_is_given_what_it_asks_for(aws: Emulator, client: Client, shape: dict[str, Any], text: Any) -> None:
    rule(client, {"Arn": queue(client, "shaped"), **shape}, pattern={"source": ["aws.ram"]})
    aws.emit(RULE_EVENT)
    aws.settle()
    assert bodies(client, "shaped") == [text]


def test_what_a_target_cannot_take_goes_to_its_dead_letter_queue(aws: Emulator, client: Client) -> None:
    gone = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:gone"
    rule(
        client,
        {"Arn": gone, "DeadLetterConfig": {"Arn": queue(client, "dead")}},
        {"Arn": gone},
        pattern={"source": ["aws.ram"]},
    )
    aws.emit(RULE_EVENT)
    aws.settle()
    (letter,) = messages(client, "dead")
    attributes = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert (attributes["TARGET_ARN"], attributes["ERROR_CODE"]) == (gone, "RESOURCE_NOT_FOUND")
    assert attributes["RULE_ARN"] == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/rule"
    assert json.loads(letter["Body"])["source"] == "aws.ram"
    assert len(aws.undelivered) == 1


def test_a_delivery_that_fails_for_a_while_is_tried_again(aws: Emulator, client: Client) -> None:
    rule(client, {"Arn": queue(client, "late")}, pattern={"source": ["aws.ram"]})
    aws.faults.add(Fault("deliver:sqs", "throttle", times=3))
    aws.emit(RULE_EVENT)
    aws.settle()
    assert bodies(client, "late") == []
    aws.advance(timedelta(minutes=1))
    assert len(bodies(client, "late")) == 1


def test_a_delivery_that_fails_for_ever_ends_after_a_day(aws: Emulator, client: Client) -> None:
    target = {"Arn": queue(client, "never"), "DeadLetterConfig": {"Arn": register(aws, Recorder(), "letters")}}
    target["DeadLetterConfig"] = {"Arn": queue(client, "dead")}
    rule(client, target, pattern={"source": ["aws.ram"]})
    aws.faults.add(Fault("deliver:sqs", "unavailable", times=186))
    aws.emit(RULE_EVENT)
    aws.advance(timedelta(days=2))
    (letter,) = messages(client, "dead")
    assert letter["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"] == "185"


# SNS


def test_a_message_is_captured_with_a_text_for_each_protocol(aws: Emulator, client: Client) -> None:
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    texts = {"default": "short", "email": "long\nand prose", "https": "{}"}
    client("sns").publish(
        TopicArn=topic,
        Subject="One alert",
        Message=json.dumps(texts),
        MessageStructure="json",
        MessageAttributes={"severity": {"DataType": "String", "StringValue": "HIGH"}},
    )
    (message,) = aws.inbox
    assert (message.topic_arn, message.subject, message.structure, message.at) == (topic, "One alert", "json", NOW)
    assert (message.for_protocol("email"), message.for_protocol("sms")) == ("long\nand prose", "short")
    assert message.attributes["severity"]["Value"] == "HIGH"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"Subject": "x" * 101}, "Subject"),
        ({"Subject": "two\nlines"}, "Subject"),
        ({"Subject": "Zürich"}, "Subject"),
        ({"Subject": "bell\x07"}, "Subject"),
        ({"Message": "x" * (256 * 1024 + 1)}, "Message too long"),
        ({"Message": "ü" * (128 * 1024 + 1)}, "Message too long"),
        ({"Message": "no json", "MessageStructure": "json"}, "failed to parse"),
        ({"Message": '{"email": "x"}', "MessageStructure": "json"}, "No default entry"),
    ],
)
def test_a_message_that_sns_would_not_take_is_refused(
    aws: Emulator, client: Client, given: dict[str, str], reason: str
) -> None:
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    with pytest.raises(ClientError, match=reason) as raised:
        client("sns").publish(**({"TopicArn": topic, "Message": "text"} | given))
    assert raised.value.response["Error"]["Code"] == "InvalidParameter"
    assert len(aws.inbox) == 0


def test_the_longest_subject_is_taken(aws: Emulator, client: Client) -> None:
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    client("sns").publish(TopicArn=topic, Message="text", Subject="x" * 100)
    assert len(aws.inbox.of(topic)) == 1


def test_a_filter_policy_is_heeded_whatever_the_protocol(aws: Emulator, client: Client) -> None:
    topic, recorder = client("sns").create_topic(Name="alerts")["TopicArn"], Recorder()
    url = queue(client, "alerts")
    for name, policy in (
        ("high", {"severity": [{"exists": False}, "HIGH"]}),
        ("all", None),
        ("mine", {"account": ["1"]}),
    ):
        given = {"FilterPolicy": json.dumps(policy)} if policy else {}
        client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{name}@example.com", Attributes=given)
    wanted = {"FilterPolicy": json.dumps({"severity": ["HIGH"]})}
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=url, Attributes=wanted)
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=register(aws, recorder), Attributes=wanted)
    for attributes in ({"severity": "HIGH"}, {"severity": "LOW"}, {}, {"account": '["1", "2"]', "severity": "LOW"}):
        kinds = {name: "String.Array" if value.startswith("[") else "String" for name, value in attributes.items()}
        sent = {name: {"DataType": kinds[name], "StringValue": value} for name, value in attributes.items()}
        client("sns").publish(TopicArn=topic, Message="text", MessageAttributes=sent)
    aws.settle()
    names = [{address.partition("@")[0] for address in message.addresses} for message in aws.inbox.of(topic)]
    assert names == [{"high", "all"}, {"all"}, {"high", "all"}, {"all", "mine"}]
    assert len(recorder.events) == 1


def test_a_topic_brings_its_messages_to_queues_and_functions_later(aws: Emulator, client: Client) -> None:
    recorder = Recorder()
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue(client, "alerts"))
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=register(aws, recorder))
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="somebody@example.com")
    client("sns").publish(TopicArn=topic, Message="text", Subject="s")
    assert messages(client, "alerts") == []
    aws.settle()
    assert bodies(client, "alerts")[0]["Message"] == "text"
    told = recorder.events[0]["Records"][0]["Sns"]
    assert (told["Message"], told["Subject"], told["TopicArn"]) == ("text", "s", topic)


# Everything together


def test_what_a_delivery_causes_is_delivered_too(aws: Emulator, client: Client) -> None:
    def forward(event: Any, context: Any) -> None:
        del context
        entry = {"Source": "my.app", "DetailType": "Some", "Detail": json.dumps(event["detail"])}
        boto3.Session().client("events").put_events(Entries=[entry])

    recorder = Recorder()
    rule(client, {"Arn": register(aws, forward, "forward")}, pattern={"source": ["aws.ram"]})
    client("events").put_rule(Name="second", EventPattern='{"source": ["my.app"]}')
    target = {"Id": "1", "Arn": register(aws, recorder, "end")}
    client("events").put_targets(Rule="second", Targets=[target])
    aws.emit(RULE_EVENT)
    aws.settle()
    assert recorder.events[0]["detail"] == RULE_EVENT["detail"]


def test_an_emulator_that_ticks_delivers_by_itself_when_it_is_served() -> None:
    arrived = Event()
    with Emulator(now=NOW, tick=True) as aws:
        aws.serve()
        aws.functions.register("once", lambda event, context: arrived.set())  # noqa: ARG005
        boto3.client("lambda").invoke(FunctionName="once", InvocationType="Event")
        assert arrived.wait(10)


def test_another_process_lets_a_ticking_world_s_time_pass() -> None:
    fired: list[Any] = []
    with Emulator(now=NOW, tick=True) as aws:
        url = aws.serve()
        arn = aws.functions.register("hourly", lambda event, context: fired.append(event["time"]))  # noqa: ARG005
        boto3.client("events").put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
        boto3.client("events").put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": arn}])
        headers = {"Authorization": f"Bearer {aws.secret_key}", "Content-Type": "application/json"}
        request = Request(f"{url}/_emulator/clock", b'{"advance_seconds": 9000}', headers)  # noqa: S310
        with urlopen(request):  # noqa: S310  # the loopback
            pass
        assert [moment[11:16] for moment in fired] == ["09:00", "10:00", "11:00"]


def test_what_a_backend_of_ours_emits_reaches_the_rules(aws: Emulator, client: Client) -> None:
    recorder = Recorder()
    pattern = {"source": ["aws.ram"], "detail": {"eventName": ["CreateResourceShare"]}}
    rule(client, {"Arn": register(aws, recorder)}, pattern=pattern)
    client("ram").create_resource_share(name="share")
    aws.settle()
    assert recorder.events[0]["detail"]["recipientAccountId"] == ACCOUNT


# Qualifiers


def which(event: Any, context: Any) -> str:
    del event
    return str(context.function_version)


@pytest.fixture
def versions(aws: Emulator, client: Client) -> str:
    """A function with one published version and an alias of it; return its ARN."""
    arn = register(aws, which)
    version = client("lambda").publish_version(FunctionName="watcher")["Version"]
    client("lambda").create_alias(FunctionName="watcher", Name="live", FunctionVersion=version)
    return arn


@pytest.mark.parametrize(
    ("asked", "runs"),
    [
        ({}, "$LATEST"),
        ({"Qualifier": "$LATEST"}, "$LATEST"),
        ({"Qualifier": "1"}, "1"),
        ({"Qualifier": "live"}, "1"),
        ({"FunctionName": "watcher:live"}, "1"),
        ({"FunctionName": "watcher:live", "Qualifier": "live"}, "1"),
        ({"FunctionName": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:watcher:1"}, "1"),
    ],
)
def test_the_version_or_alias_that_is_asked_for_runs(
    client: Client, versions: str, asked: dict[str, str], runs: str
) -> None:
    assert versions
    answer = client("lambda").invoke(**({"FunctionName": "watcher"} | asked))
    assert (json.load(answer["Payload"]), answer["ExecutedVersion"]) == (runs, runs)


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
@pytest.mark.parametrize("qualifier", ["2", "gone"])
def test_a_version_or_alias_that_there_is_not_is_not_found(
    aws: Emulator, client: Client, versions: str, qualifier: str, kind: str
) -> None:
    asked = {"FunctionName": "watcher", "InvocationType": kind}
    refusal = {"Code": "ResourceNotFoundException", "Message": f"Function not found: {versions}:{qualifier}"}
    for named in ({"Qualifier": qualifier}, {"FunctionName": f"watcher:{qualifier}"}):
        with pytest.raises(ClientError) as raised:
            client("lambda").invoke(**(asked | named))
        assert raised.value.response["Error"] == refusal
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    aws.settle()
    assert len(aws.functions.runs) == 0


def test_two_qualifiers_in_one_call_are_refused(client: Client, versions: str) -> None:
    with pytest.raises(ClientError, match="does not match the specified qualifier") as raised:
        client("lambda").invoke(FunctionName=f"{versions}:live", Qualifier="1")
    assert raised.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_a_rule_invokes_the_alias_that_it_names(aws: Emulator, client: Client, versions: str) -> None:
    gone, letters = f"{versions}:gone", {"DeadLetterConfig": {"Arn": queue(client, "dead")}}
    rule(client, {"Arn": f"{versions}:live"}, {"Arn": gone, **letters}, pattern={"source": ["aws.ram"]})
    aws.emit(RULE_EVENT)
    aws.settle()
    assert [run.outcome.payload for run in aws.functions.runs] == ["1"]
    (letter,) = messages(client, "dead")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "RESOURCE_NOT_FOUND"


# Buses that are not there


def test_an_event_for_a_bus_that_there_is_not_is_taken_and_lost(aws: Emulator, client: Client) -> None:
    rule(client, {"Arn": queue(client, "all")}, pattern={"source": ["my.app"]})
    entry = {"Source": "my.app", "DetailType": "Some", "Detail": "{}"}
    gone = [entry | {"EventBusName": name} for name in ("gone", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/gone")]
    answer = client("events").put_events(Entries=[*gone, entry])
    assert answer["FailedEntryCount"] == 0
    assert all(each["EventId"] for each in answer["Entries"])
    aws.settle()
    assert [event["id"] for event in bodies(client, "all")] == [answer["Entries"][2]["EventId"]]
    assert aws.undelivered == []


@pytest.mark.parametrize("region", [REGION, "us-east-1"])
def test_an_event_gets_a_new_id_only_in_another_region(aws: Emulator, client: Client, region: str) -> None:
    hub = client("events", "444455556666", region)
    bus = hub.create_event_bus(Name="hub")["EventBusArn"]
    recorder = Recorder()
    function = aws.functions.register("hub", recorder, account="444455556666", region=region)
    hub.put_rule(Name="all", EventBusName="hub", EventPattern='{"source": ["aws.ram"]}')
    hub.put_targets(Rule="all", EventBusName="hub", Targets=[{"Id": "1", "Arn": function}])
    rule(client, {"Arn": bus}, {"Arn": queue(client, "here")}, pattern={"source": ["aws.ram"]})
    aws.emit(RULE_EVENT)
    aws.settle()
    (here,), (there,) = bodies(client, "here"), recorder.events
    assert here | {"id": ""} == there | {"id": ""}
    assert (here["id"] == there["id"]) is (region == REGION)


# Archives


def test_an_archive_keeps_the_events_of_its_bus_and_plays_them_again(aws: Emulator, client: Client) -> None:
    bus = client("events").describe_event_bus()["Arn"]
    client("events").create_archive(ArchiveName="kept", EventSourceArn=bus, EventPattern='{"source": ["my.app"]}')
    rule(client, {"Arn": queue(client, "all")}, pattern={"source": [{"prefix": "my."}]})
    entry = {"Source": "my.app", "DetailType": "Some", "Detail": '{"a": 1}'}
    client("events").put_events(Entries=[entry, entry | {"Source": "my.other"}])
    aws.settle()
    assert client("events").describe_archive(ArchiveName="kept")["EventCount"] == 1
    assert len(bodies(client, "all")) == 2
    archive = client("events").describe_archive(ArchiveName="kept")["ArchiveArn"]
    client("events").start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        Destination={"Arn": bus},
        EventStartTime=NOW,
        EventEndTime=NOW + timedelta(hours=1),
    )
    aws.settle()
    assert [event["source"] for event in bodies(client, "all")] == ["my.app"]
    assert client("events").describe_archive(ArchiveName="kept")["EventCount"] == 1
