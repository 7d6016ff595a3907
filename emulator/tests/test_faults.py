"""Faults: the trouble that is ordered is the trouble that botocore meets, in process and over HTTP."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from emulator.aws import Emulator
from emulator.faults import Fault, FaultKind

from .conftest import ACCOUNT, Client, code_and_status, code_of, run_at_once

SERVICES = [
    ("dynamodb", "list_tables"),  # json
    ("sqs", "list_queues"),  # json that was query once
    ("lambda", "list_functions"),  # rest-json
    ("sns", "list_topics"),  # query
    ("s3", "list_buckets"),  # rest-xml
    ("ec2", "describe_vpcs"),  # ec2
]


@pytest.fixture(params=["in process", "over HTTP"])
def remote(request: pytest.FixtureRequest, aws: Emulator) -> dict[str, Any]:
    return {"endpoint_url": aws.serve()} if request.param == "over HTTP" else {}


@pytest.mark.parametrize(("service", "method"), SERVICES)
def test_each_service_words_its_errors_as_botocore_reads_them(
    aws: Emulator, client: Client, remote: dict[str, Any], service: str, method: str
) -> None:
    some = client(service, **remote)
    expected: dict[FaultKind, set[tuple[str, int]]] = {
        "throttle": {("ThrottlingException", 400), ("Throttling", 400), ("TooManyRequestsException", 429)},
        "server-error": {("InternalFailure", 500)},
        "unavailable": {("ServiceUnavailable", 503)},
        "denied": {("AccessDeniedException", 400), ("AccessDeniedException", 403), ("AccessDenied", 403)}
        | {("UnauthorizedOperation", 403)},
    }
    for kind, answers in expected.items():
        fault = aws.faults.add(Fault("*:*", kind))
        assert code_and_status(getattr(some, method)) in answers
        aws.faults.remove(fault)
    getattr(some, method)()


def test_an_error_has_the_status_of_the_service_s_model(aws: Emulator, client: Client, remote: dict[str, Any]) -> None:
    aws.faults.add(Fault("ram:*", error="ServerInternalException", times=1))
    aws.faults.add(Fault("ram:*", error="OperationNotPermittedException", times=1))
    some = client("ram", **remote)
    assert code_and_status(some.get_resource_share_invitations) == ("ServerInternalException", 500)
    assert code_and_status(some.get_resource_share_invitations) == ("OperationNotPermittedException", 400)


def test_a_modelled_error_is_botocore_s_own_exception(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("dynamodb:*", error="ProvisionedThroughputExceededException"))
    tables = client("dynamodb")
    with pytest.raises(tables.exceptions.ProvisionedThroughputExceededException):
        tables.list_tables()


@pytest.mark.parametrize(("kind", "made"), [("timeout-before", 0), ("timeout-after", 1), ("cut-answer", 1)])
def test_no_answer_comes_and_the_effect_is_there_or_not(
    aws: Emulator, client: Client, remote: dict[str, Any], kind: FaultKind, made: int
) -> None:
    aws.faults.add(Fault("sqs:CreateQueue", kind))
    queues = client("sqs", **remote)
    with pytest.raises(HTTPClientError):
        queues.create_queue(QueueName="one")
    assert len(queues.list_queues().get("QueueUrls", [])) == made


def test_in_process_a_timeout_is_a_read_timeout_and_takes_no_time(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("sqs:ListQueues", "timeout-before", times=1))
    aws.faults.add(Fault("sqs:ListQueues", "cut-answer"))
    before = aws.clock.now()
    with pytest.raises(ReadTimeoutError):
        client("sqs").list_queues()
    with pytest.raises(ConnectionClosedError):
        client("sqs").list_queues()
    assert aws.clock.now() == before
    assert [call.error for call in aws.calls] == ["Timeout", "Cut"]


def test_a_broken_page_of_xml_cannot_be_parsed(aws: Emulator, client: Client, remote: dict[str, Any]) -> None:
    aws.faults.add(Fault("sns:ListTopics", "broken-page"))
    with pytest.raises(ResponseParserError):
        client("sns", **remote).list_topics()


def test_a_broken_page_of_json_reaches_the_caller_without_its_members(
    aws: Emulator, client: Client, remote: dict[str, Any]
) -> None:
    aws.faults.add(Fault("dynamodb:ListTables", "broken-page"))
    assert "TableNames" not in client("dynamodb", **remote).list_tables()


def test_a_fault_begins_after_some_calls_and_ends_after_some(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("sqs:List*", "throttle", after=2, times=1))
    queues = client("sqs")
    queues.list_queues()
    queues.list_queues()
    assert code_of(queues.list_queues) == "ThrottlingException"
    queues.list_queues()


def test_a_fault_applies_to_one_account_and_one_region(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("sqs:*", "denied", account=ACCOUNT, region="us-east-1"))
    client("sqs").list_queues()
    client("sqs", account="444455556666", region="us-east-1").list_queues()
    assert "AccessDenied" in code_of(client("sqs", region="us-east-1").list_queues)


def test_a_fault_applies_to_calls_with_certain_parameters(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("sqs:CreateQueue", "throttle", match={"QueueName": "two"}))
    aws.faults.add(Fault("sqs:CreateQueue", "throttle", match=lambda given: given["QueueName"].startswith("three")))
    queues = client("sqs")
    queues.create_queue(QueueName="one")
    for name in ("two", "three-and-more"):
        with pytest.raises(ClientError):
            queues.create_queue(QueueName=name)


@pytest.mark.parametrize(
    "given",
    [{"kind": "thunder"}, {"kind": "error"}, {"kind": "throttle", "error": "Some"}, {"operation": "ListQueues"}],
)
def test_a_fault_that_could_never_happen_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fault"):
        Fault(**({"operation": "sqs:*", "kind": "throttle"} | given))


def test_a_right_that_is_not_given_is_denied(aws: Emulator, client: Client) -> None:
    aws.allow_only(ACCOUNT, {"sqs:ListQueues", "dynamodb:PutItem"})
    client("sqs").list_queues()
    assert "AccessDenied" in code_of(client("sqs").create_queue, QueueName="one")
    assert "AccessDenied" in code_of(client("lambda").invoke, FunctionName="any")
    client("sqs", account="444455556666").create_queue(QueueName="theirs")
    aws.allow_only(ACCOUNT, None)
    client("sqs").create_queue(QueueName="one")


def test_a_transaction_takes_the_rights_of_its_parts(aws: Emulator, client: Client) -> None:
    put = {"Put": {"TableName": "absent", "Item": {"pk": {"S": "1"}}}}
    delete = {"Delete": {"TableName": "absent", "Key": {"pk": {"S": "2"}}}}
    aws.allow_only(ACCOUNT, {"dynamodb:PutItem"})
    tables = client("dynamodb")
    assert "AccessDenied" in code_of(tables.transact_write_items, TransactItems=[put, delete])
    assert code_of(tables.transact_write_items, TransactItems=[put]) == "ResourceNotFoundException"


def test_faults_are_counted_right_by_many_threads(aws: Emulator, client: Client) -> None:
    aws.faults.add(Fault("sqs:ListQueues", "throttle", after=10, times=20))
    queues, lock, refusals = client("sqs"), threading.Lock(), []

    def call() -> None:
        for _ in range(5):
            try:
                queues.list_queues()
            except ClientError as error:
                with lock:
                    refusals.append(error)

    run_at_once(16, call)
    assert (len(refusals), len(aws.calls)) == (20, 80)
