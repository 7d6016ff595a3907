"""API destinations: what EventBridge would send out of AWS, and what it does when nobody takes it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.faults import Fault

from .conftest import ACCOUNT, NOW, REGION, Client, bodies, messages, queue, rule

URL = "https://hooks.example.com/services/T0/B0"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/poster"
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}


def destination(client: Client, url: str = URL, kind: str = "API_KEY", **auth: Any) -> str:
    """Create a connection and an API destination; return the latter's ARN."""
    events = client("events")
    connection = events.create_connection(Name="out", AuthorizationType=kind, AuthParameters=auth or KEY)
    made = events.create_api_destination(
        Name="out", ConnectionArn=connection["ConnectionArn"], InvocationEndpoint=url, HttpMethod="POST"
    )
    return str(made["ApiDestinationArn"])


def post(aws: Emulator, client: Client, arn: str, detail: Any = None, **target: Any) -> None:
    """Let a rule send an event to the destination."""
    rule(client, {"Arn": arn, "RoleArn": ROLE, **target}, pattern={"source": ["app"]})
    entry = {"Source": "app", "DetailType": "Happened", "Detail": json.dumps(detail or {"text": 'a\n"b"'})}
    client("events").put_events(Entries=[entry])
    aws.settle()


def test_an_event_becomes_a_request_with_the_connections_key(aws: Emulator, client: Client) -> None:
    post(aws, client, destination(client))
    (request,) = aws.outbox
    assert (request.url, request.method, request.at) == (URL, "POST", NOW)
    assert request.headers["X-Key"] == "secret"
    assert request.headers["Content-Type"].startswith("application/json")
    assert request.json()["detail-type"] == "Happened"
    assert aws.outbox.to(URL) == [aws.outbox[0]]
    assert aws.outbox.to("https://elsewhere") == []


def test_a_transformer_writes_the_body_and_its_texts_stay_whole(aws: Emulator, client: Client) -> None:
    transformer = {"InputPathsMap": {"text": "$.detail.text"}, "InputTemplate": '{"text": <text>}'}
    post(aws, client, destination(client), InputTransformer=transformer)
    assert aws.outbox[0].json() == {"text": 'a\n"b"'}


def test_parameters_of_target_and_connection_are_added_and_the_connections_win(aws: Emulator, client: Client) -> None:
    def one(key: str, value: str) -> list[dict[str, Any]]:
        return [{"Key": key, "Value": value, "IsValueSecret": True}]

    more = {
        "BodyParameters": one("routing_key", "r"),
        "HeaderParameters": one("X-Both", "connection"),
        "QueryStringParameters": one("q", "1 2"),
    }
    arn = destination(client, f"{URL}/*/end", **KEY, InvocationHttpParameters=more)
    http = {"PathParameterValues": ["a/b"], "HeaderParameters": {"X-Both": "target", "X-One": "1"}}
    post(aws, client, arn, HttpParameters=http, InputPath="$.detail")
    (request,) = aws.outbox
    assert request.url == f"{URL}/a%2Fb/end?q=1+2"
    assert (request.headers["X-Both"], request.headers["X-One"]) == ("connection", "1")
    assert request.json() == {"text": 'a\n"b"', "routing_key": "r"}


def test_a_name_and_a_password_are_sent_as_http_has_it(aws: Emulator, client: Client) -> None:
    basic = {"BasicAuthParameters": {"Username": "user", "Password": "word"}}
    post(aws, client, destination(client, kind="BASIC", **basic))
    assert aws.outbox[0].headers["Authorization"] == "Basic dXNlcjp3b3Jk"


def test_what_is_not_emulated_is_refused_and_not_sent(aws: Emulator, client: Client) -> None:
    oauth = {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "c", "ClientSecret": "s"},
            "AuthorizationEndpoint": "https://auth.example.com",
            "HttpMethod": "POST",
        }
    }
    post(aws, client, destination(client, kind="OAUTH_CLIENT_CREDENTIALS", **oauth))
    (error,) = aws.undelivered
    assert error.code == "NOT_EMULATED"
    assert len(aws.outbox) == 0


def test_a_body_that_nothing_can_be_added_to_is_not_sent(aws: Emulator, client: Client) -> None:
    more = {"BodyParameters": [{"Key": "k", "Value": "v"}]}
    post(aws, client, destination(client, **KEY, InvocationHttpParameters=more), Input='"text"')
    assert [error.code for error in aws.undelivered] == ["INVALID_JSON"]


@pytest.mark.parametrize("kind", ["throttle", "server-error", "unavailable", "timeout-before"])
def test_what_may_pass_is_tried_again(aws: Emulator, client: Client, kind: Any) -> None:
    aws.faults.add(Fault("deliver:api-destination", kind, times=3, region=REGION))
    post(aws, client, destination(client))
    assert len(aws.outbox) == 0
    aws.advance(timedelta(seconds=1 + 2 + 4))
    assert [request.at - NOW for request in aws.outbox] == [timedelta(seconds=7)]


def test_an_answer_that_was_lost_sends_twice(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("deliver:api-destination", "timeout-after", times=1))
    post(aws, client, destination(client))
    aws.advance(timedelta(minutes=1))
    assert len(aws.outbox) == 2


def test_what_goes_on_failing_ends_in_the_dead_letter_queue(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("deliver:api-destination", "throttle"))
    dead = {"DeadLetterConfig": {"Arn": queue(client, "dead")}, "RetryPolicy": {"MaximumRetryAttempts": 2}}
    post(aws, client, destination(client), **dead)
    aws.advance(timedelta(hours=1))
    (letter,) = messages(client, "dead")
    attributes = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert (attributes["ERROR_CODE"], attributes["RETRY_ATTEMPTS"]) == ("THROTTLING", "2")
    assert json.loads(letter["Body"])["source"] == "app"
    assert len(aws.outbox) == 0


@pytest.mark.parametrize("given", [{"kind": "denied"}, {"error": "404"}])
def test_what_will_not_pass_is_given_up_at_once(aws: Emulator, client: Client, given: dict[str, Any]) -> None:
    aws.faults.add(Fault("deliver:api-destination", **given))
    post(aws, client, destination(client), DeadLetterConfig={"Arn": queue(client, "dead")}, InputPath="$.detail")
    assert bodies(client, "dead") == [{"text": 'a\n"b"'}]


@pytest.mark.parametrize("what", ["connection", "api_destination"])
def test_what_is_gone_takes_nothing(aws: Emulator, client: Client, what: str) -> None:
    arn = destination(client)
    getattr(client("events"), f"delete_{what}")(Name="out")
    post(aws, client, arn)
    assert [error.code for error in aws.undelivered] == ["RESOURCE_NOT_FOUND"]


def test_an_address_without_encryption_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="HTTPS"):
        destination(client, "http://hooks.example.com")


def test_a_target_without_a_role_is_refused(client: Client) -> None:
    arn = destination(client)
    with pytest.raises(ClientError, match="RoleArn is required"):
        rule(client, {"Arn": arn}, pattern={"source": ["app"]})
