"""The way in over HTTP, for another process."""

import json
import socket
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import time_machine
from botocore.exceptions import ClientError, EndpointConnectionError

from emulator.aws import Emulator, OnlyOneError
from emulator.gateway.server import PortTakenError
from emulator.moto_patches.backends import OWN
from emulator.process.network import NetworkBlockedError

from .conftest import ACCOUNT, NOW, Client, code_of, make_table, run_at_once


def ask(aws: Emulator, url: str, method: str = "GET", given: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {aws.secret_key}", "Content-Type": "application/json"}
    data = None if given is None else json.dumps(given).encode()
    request = Request(url, data, headers, method=method)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310  # the loopback
        return json.load(answer)


def test_both_ways_in_lead_to_the_same_world(aws: Emulator, client: Client) -> None:
    remote = client("sqs", endpoint_url=aws.serve())
    remote.create_queue(QueueName="one")
    assert len(client("sqs").list_queues()["QueueUrls"]) == 1
    assert [(call.account, call.region) for call in aws.calls] == [("111122223333", "eu-west-1")] * 2


def test_an_answer_over_http_carries_the_machines_time_so_that_no_sdk_corrects_its_clock(
    aws: Emulator, client: Client
) -> None:
    aws.clock.move_to(NOW + timedelta(days=400))
    answer = client("sts", endpoint_url=aws.serve()).get_caller_identity()
    told = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
    assert abs(told - time_machine.escape_hatch.time.time()) < 60


@pytest.mark.parametrize(
    ("service", "method", "given"),
    [
        ("mpa", "list_approval_teams", {}),
        ("dynamodb", "list_global_tables", {}),
        ("notifications", "list_managed_notification_events", {}),
        ("ec2", "describe_mac_hosts", {}),
    ],
)
def test_what_is_not_emulated_says_so_once_and_leaves_the_process_never(
    aws: Emulator, client: Client, service: str, method: str, given: dict[str, Any]
) -> None:
    for remote in ({}, {"endpoint_url": aws.serve()}):
        patient = client(service, **remote)
        patient.meta.config.retries = {"mode": "standard", "total_max_attempts": 3}
        aws.calls.clear()
        with pytest.raises(ClientError) as raised:
            getattr(patient, method)(**given)
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert "emulator" in str(raised.value)
        assert len(aws.calls) == 1


def test_a_request_that_nobody_signed_well_is_refused_not_failed_at(aws: Emulator) -> None:
    url = aws.serve()
    for headers in (
        {"Authorization": "AWS4-HMAC-SHA256 Credential=1/2/3/nonsense/aws4_request, SignedHeaders=host"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=1/20261120/eu-west-1/dynamodb/aws4_request"},
        {"X-Amz-Target": "Nonsense.Do"},
    ):
        with pytest.raises(HTTPError) as raised:
            urlopen(Request(url, headers=headers))  # noqa: S310  # the loopback
        assert raised.value.code in (400, 403, 404, 501)
        raised.value.close()


def test_nothing_beyond_the_loopback_is_reached(aws: Emulator, client: Client) -> None:
    del aws
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(("192.0.2.1", 80))
    with pytest.raises(NetworkBlockedError):
        socket.getaddrinfo("example.com", 443)
    with pytest.raises((EndpointConnectionError, ClientError)):
        client("sqs", endpoint_url="https://sqs.example.com").list_queues()


def test_a_port_that_is_taken_is_said_at_once(aws: Emulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)):
            aws.serve(port)


def test_a_port_that_is_asked_for_is_listened_at(aws: Emulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = aws.serve(port)
    assert url == f"http://127.0.0.1:{port}"
    assert ask(aws, f"{url}/_emulator/clock")["now"] == NOW.isoformat()


def test_after_the_block_nobody_answers() -> None:
    with Emulator() as aws:
        url = aws.serve()
    with pytest.raises(OSError, match="refused"):
        ask(aws, f"{url}/_emulator/clock")


def test_each_emulator_begins_empty(client: Client, aws: Emulator) -> None:
    client("sqs").create_queue(QueueName="one")
    with pytest.raises(OnlyOneError), Emulator():
        pass
    aws.__exit__(None, None, None)
    with Emulator():
        assert "QueueUrls" not in client("sqs").list_queues()


def test_many_clients_are_answered_at_once(aws: Emulator, client: Client) -> None:
    url = aws.serve()
    tables = client("dynamodb", endpoint_url=url)
    make_table(client, "counter", "pk")

    def count() -> None:
        for _ in range(3):
            tables.update_item(
                TableName="counter",
                Key={"pk": {"S": "1"}},
                UpdateExpression="ADD amount :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    run_at_once(32, count)
    assert tables.get_item(TableName="counter", Key={"pk": {"S": "1"}})["Item"]["amount"] == {"N": "96"}


def test_another_process_drives_the_clock(aws: Emulator) -> None:
    url = aws.serve() + "/_emulator"
    assert ask(aws, f"{url}/clock") == {"now": NOW.isoformat(), "ticking": False}
    assert ask(aws, f"{url}/clock", "POST", {"advance_seconds": 60})["now"] == (NOW + timedelta(minutes=1)).isoformat()
    assert ask(aws, f"{url}/clock", "POST", {"move_to": "2027-01-01T00:00:00+00:00"})["now"].startswith("2027-01-01")
    assert aws.clock.now() == datetime.fromisoformat("2027-01-01T00:00:00+00:00")


def test_another_process_sets_faults_and_rights(aws: Emulator, client: Client) -> None:
    url = aws.serve() + "/_emulator"
    fault = {"operation": "sqs:ListQueues", "kind": "throttle", "times": 1, "match": {"QueueNamePrefix": "a"}}
    assert ask(aws, f"{url}/faults", "POST", fault)["kind"] == "throttle"
    assert [each["operation"] for each in ask(aws, f"{url}/faults")] == ["sqs:ListQueues"]
    assert "Throttling" in code_of(client("sqs").list_queues, QueueNamePrefix="a")
    ask(aws, f"{url}/faults", "DELETE")
    assert len(aws.faults) == 0
    ask(aws, f"{url}/rights", "POST", {"account": "111122223333", "actions": []})
    assert "AccessDenied" in code_of(client("sqs").list_queues)


def test_another_process_reads_calls_and_messages(aws: Emulator, client: Client) -> None:
    url = aws.serve() + "/_emulator"
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    client("sns").publish(TopicArn=topic, Message="text", Subject="s")
    assert [call["operation"] for call in ask(aws, f"{url}/calls")] == ["CreateTopic", "Publish"]
    assert ask(aws, f"{url}/inbox")[0]["by_protocol"] == {"default": "text"}
    ask(aws, f"{url}/calls", "DELETE")
    ask(aws, f"{url}/inbox", "DELETE")
    assert (len(aws.calls), len(aws.inbox)) == (0, 0)


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("GET", "nothing", None, 404),
        ("POST", "clock", {}, 400),
        ("POST", "clock", {"move_to": "then"}, 400),
        ("POST", "faults", {"operation": "sqs:*", "kind": "thunder"}, 400),
        ("POST", "faults", {"some": "thing"}, 400),
    ],
)
def test_the_control_plane_says_what_it_does_not_understand(
    aws: Emulator, method: str, path: str, given: Any, status: int
) -> None:
    with pytest.raises(HTTPError) as raised:
        ask(aws, f"{aws.serve()}/_emulator/{path}", method, given)
    assert raised.value.code == status
    assert "error" in json.load(raised.value)
    raised.value.close()


OVER_HTTP = {
    "ram": ("ram", "GetResourceShareInvitations", {}, ""),
    "cloudhsmv2": ("cloudhsmv2", "DescribeBackups", {}, ""),
    "ssmincidents": ("ssm-incidents", "ListReplicationSets", {}, ""),
    "backup": ("backup", "ListRestoreAccessBackupVaults", {"BackupVaultName": "none"}, "ResourceNotFoundException"),
    "mpa": (
        "mpa",
        "GetSession",
        {"SessionArn": f"arn:aws:mpa:us-east-1:{ACCOUNT}:session/t/s"},
        "AccessDeniedException",
    ),
    "cloudformation": ("cloudformation", "ListStacks", {}, ""),
    "stepfunctions": ("stepfunctions", "ListStateMachines", {}, ""),
    "s3control": ("s3control", "ListMultiRegionAccessPoints", {"AccountId": ACCOUNT}, "PermanentRedirect"),
}


@pytest.mark.parametrize("folder", [folder for folder, _ in OWN])
def test_each_service_of_ours_answers_over_http_as_in_the_process(aws: Emulator, client: Client, folder: str) -> None:
    service, operation, parameters, refusal = OVER_HTTP[folder]
    for more in ({}, {"endpoint_url": aws.serve()}):
        called = client(service, region="us-east-1", **more)
        called.meta.events.register("before-sign.s3-control", _without_account)
        if not refusal:
            assert called._make_api_call(operation, parameters)["ResponseMetadata"]["HTTPStatusCode"] == 200
            continue
        assert code_of(called._make_api_call, operation, parameters) == refusal


def _without_account(request: Any, **_: object) -> None:
    """Undo what a client of S3 Control does to the host: nothing resolves that here."""
    request.url = request.url.replace(f"//{ACCOUNT}.127.", "//127.")


def test_the_plans_of_aws_backup_are_motos_over_http_too(aws: Emulator, client: Client) -> None:
    assert client("backup", endpoint_url=aws.serve()).list_backup_plans()["BackupPlansList"] == []
