"""A world of its own: nothing of the process gets in, and nothing of it stays behind."""

import os
import socket
import time
from typing import Any

import boto3
import moto.backends
import pytest
from botocore.exceptions import ClientError
from moto import backend_index
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.core.models import botocore_stubber
from moto.core.responses import BaseResponse
from moto.dynamodb.models.table import StreamShard
from moto.dynamodbstreams import urls
from moto.events.models import EventsBackend, Rule
from moto.moto_server import werkzeug_app
from moto.sns.models import SNSBackend, Subscription

from emulator.aws import Emulator
from emulator.delivery import scheduler
from emulator.delivery.scheduler import RestlessError

from .conftest import ACCOUNT, NOW, REGION, Client


def everything() -> list[Any]:
    return [
        dict(os.environ),
        (socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo, time.sleep, time.monotonic),
        moto.backends._import_backend,
        (list(backend_index.backend_url_patterns), list(urls.url_bases)),
        (botocore_stubber.enabled, "process_request" in vars(botocore_stubber)),
        (BaseResponse.get_access_key, BaseResponse.get_current_account),
        (LambdaFunction.invoke, LambdaBackend.create_event_source_mapping),
        (StreamShard.add, Rule.__init__, Rule.send_to_targets, EventsBackend.put_events),
        (SNSBackend.publish, Subscription.publish, werkzeug_app.convert_to_flask_response),
    ]


def use(aws: Emulator) -> None:
    boto3.client("sqs", endpoint_url=aws.serve()).create_queue(QueueName="one")
    boto3.client("ram").get_resource_shares(resourceOwner="SELF")


def fail_inside() -> None:
    with Emulator(now=NOW, tick=True) as aws:
        aws.allow_only("123456789012", set())
        use(aws)


def test_nothing_of_it_stays_behind() -> None:
    before = everything()
    with Emulator(now=NOW) as aws:
        use(aws)
    assert everything() == before


def test_nothing_of_it_stays_behind_when_the_block_fails() -> None:
    before = everything()
    with pytest.raises(ClientError):
        fail_inside()
    assert everything() == before


def test_the_machine_s_own_settings_are_out_of_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://real.example.com")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with Emulator() as aws:
        assert boto3.Session().client("sts").get_caller_identity()["Account"] == "123456789012"
        assert [call.region for call in aws.calls] == ["eu-central-1"]


def test_an_account_that_is_set_on_purpose_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
    with Emulator():
        assert boto3.Session().client("sts").get_caller_identity()["Account"] == "111122223333"


def test_a_world_that_never_rests_is_said_to(aws: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(event: Any, context: Any) -> None:
        del event
        client("lambda").invoke(FunctionName=context.function_name, InvocationType="Event")

    monkeypatch.setattr(scheduler, "_MOST_DELIVERIES", 20)
    aws.functions.register("again", again, account=ACCOUNT, region=REGION)
    client("lambda").invoke(FunctionName="again", InvocationType="Event")
    with pytest.raises(RestlessError):
        aws.settle()


def test_a_backend_s_own_failure_is_loud_in_process_and_a_500_over_http(
    aws: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Any) -> None:
        del self
        msg = "a bug"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr("moto.sts.responses.TokenResponse.get_caller_identity", fail)
    with pytest.raises(ZeroDivisionError):
        client("sts").get_caller_identity()
    with pytest.raises(ClientError, match="a bug") as raised:
        client("sts", endpoint_url=aws.serve()).get_caller_identity()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "the emulator failed at sts:GetCallerIdentity" in caplog.text
