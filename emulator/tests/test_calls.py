"""The log: every call that reached the emulator, by whom, where and how it ended."""

from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.calls import Call, mutates

from .conftest import Client, code_of


def test_a_call_is_logged_with_its_caller_place_and_parameters(aws: Emulator, client: Client) -> None:
    client("dynamodb").list_tables(Limit=5)
    assert list(aws.calls) == [Call("dynamodb", "ListTables", "111122223333", "eu-west-1", {"Limit": 5})]


@pytest.mark.parametrize(
    ("service", "method", "given", "name"),
    [
        ("dynamodb", "list_tables", {"Limit": 5}, "dynamodb:ListTables"),
        ("sts", "get_caller_identity", {}, "sts:GetCallerIdentity"),
        ("lambda", "get_function", {"FunctionName": "absent"}, "lambda:GetFunction"),
        ("s3", "list_objects_v2", {"Bucket": "absent"}, "s3:ListObjectsV2"),
        ("ec2", "describe_vpcs", {"VpcIds": ["vpc-1"]}, "ec2:DescribeVpcs"),
        ("cloudwatch", "describe_alarms", {"AlarmNames": ["one"]}, "cloudwatch:DescribeAlarms"),
        ("logs", "describe_log_groups", {"logGroupNamePrefix": "/aws"}, "logs:DescribeLogGroups"),
        ("cloudhsmv2", "describe_backups", {"MaxResults": 3}, "cloudhsm:DescribeBackups"),
        ("events", "list_rules", {"NamePrefix": "x"}, "events:ListRules"),
    ],
)
def test_each_protocol_is_understood(
    aws: Emulator, client: Client, service: str, method: str, given: dict[str, Any], name: str
) -> None:
    with suppress(ClientError):
        getattr(client(service), method)(**given)
    (call,) = aws.calls
    assert call.name == name
    assert call.region == "eu-west-1"
    assert {key: call.parameters[key] for key in given} == given


def test_the_error_of_a_call_is_logged(aws: Emulator, client: Client) -> None:
    for service, method, given in (
        ("dynamodb", "describe_table", {"TableName": "absent"}),
        ("sns", "get_topic_attributes", {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:absent"}),
        ("lambda", "get_function", {"FunctionName": "absent"}),
        ("s3", "list_objects_v2", {"Bucket": "absent-bucket"}),
        ("ec2", "describe_vpcs", {"VpcIds": ["vpc-1"]}),
        ("sqs", "get_queue_url", {"QueueName": "absent"}),
    ):
        code = code_of(getattr(client(service), method), **given)
        assert [*aws.calls][-1].error in (code, code.rpartition(".")[2], "QueueDoesNotExist")


def test_calls_are_found_by_name_and_by_glob(aws: Emulator, client: Client) -> None:
    client("dynamodb").list_tables()
    client("sqs").list_queues()
    assert [call.operation for call in aws.calls.of("sqs:ListQueues")] == ["ListQueues"]
    assert [call.service for call in aws.calls.of("*:List*")] == ["dynamodb", "sqs"]
    assert aws.calls.counts["sqs:ListQueues"] == 1


def test_changes_are_told_from_readings(aws: Emulator, client: Client) -> None:
    client("sqs").list_queues()
    client("sqs").create_queue(QueueName="one")
    client("sts").assume_role(RoleArn="arn:aws:iam::444455556666:role/any", RoleSessionName="reader")
    assert [call.name for call in aws.calls.mutating()] == ["sqs:CreateQueue"]


CHANGES = ("AcceptResourceShareInvitation", "PutItem", "TransactWriteItems", "Publish")
READS = ("Query", "Scan", "GetItem", "BatchGetItem", "HeadObject", "TransactGetItems")


@pytest.mark.parametrize("operation", [*CHANGES, *READS])
def test_what_does_not_read_changes_something(operation: str) -> None:
    assert mutates("any", operation) is (operation in CHANGES)


def test_a_bounded_log_keeps_the_last_calls_and_counts_all(aws: Emulator, client: Client) -> None:
    aws.calls.keep(2)
    for _ in range(5):
        client("sqs").list_queues()
    assert (len(aws.calls), aws.calls.counts["sqs:ListQueues"]) == (2, 5)
    aws.calls.keep(0)
    client("sqs").list_queues()
    assert (len(aws.calls), aws.calls.counts["sqs:ListQueues"]) == (0, 6)


def test_twelve_digits_are_the_account(client: Client) -> None:
    assert client("sts", account="999988887777").get_caller_identity()["Account"] == "999988887777"


def test_a_role_of_another_account_is_that_account(aws: Emulator, client: Client) -> None:
    role = "arn:aws:iam::444455556666:role/that-nobody-made"
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "eu-west-1")
    assert session.client("sts").get_caller_identity()["Account"] == "444455556666"
    session.client("sqs").create_queue(QueueName="theirs")
    assert [*aws.calls][-1].account == "444455556666"
    assert "QueueUrls" not in client("sqs").list_queues()


def test_a_user_s_key_is_the_user_s_account(client: Client) -> None:
    iam = client("iam", account="555566667777")
    iam.create_user(UserName="someone")
    key = iam.create_access_key(UserName="someone")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="eu-west-1")
    assert session.client("sts").get_caller_identity()["Account"] == "555566667777"


def test_without_credentials_of_its_own_the_process_is_moto_s_default_account(aws: Emulator) -> None:
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert [*aws.calls][-1].region == "us-east-1"
