"""What a call is about, as far as it tells.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from typing import Any

import pytest
from botocore.session import Session

from emulator.iam.resources import _FIELD, _FORMS, resources_of
from emulator.wire.identity import Location

from ..conftest import ACCOUNT, Client

PLACE = Location(ACCOUNT, "eu-west-1")
CONTROL = ("DescribeMultiRegionAccessPointOperation", "GetMultiRegionAccessPoint", "GetMultiRegionAccessPointPolicy")
BOTOCORE = {f"s3:{operation}": "s3control" for operation in CONTROL}
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table"


@pytest.mark.parametrize(
    ("name", "parameters", "arns"),
    [
        ("sts:AssumeRole", {"RoleArn": "arn:aws:iam::1:role/r"}, ["arn:aws:iam::1:role/r"]),
        ("mpa:GetSession", {"SessionArn": "arn:aws:mpa:us-east-1:1:session/s"}, ["arn:aws:mpa:us-east-1:1:session/s"]),
        ("ram:GetResourceShares", {"resourceShareArns": ["arn:aws:ram:a:b:c/d"]}, ["*"]),
        ("dynamodb:Query", {"TableName": "ledger"}, [f"{TABLE}/ledger"]),
        ("dynamodb:Query", {"TableName": f"{TABLE}/ledger", "IndexName": "due"}, [f"{TABLE}/ledger/index/due"]),
        ("dynamodb:BatchGetItem", {"RequestItems": {"a": {}, "b": {}}}, [""]),
        ("dynamodb:DescribeStream", {"StreamArn": f"{TABLE}/a/stream/1"}, [f"{TABLE}/a/stream/1"]),
        ("dynamodb:GetRecords", {"ShardIterator": "any"}, [""]),
        ("sns:Publish", {"TopicArn": "arn:aws:sns:a:1:t"}, ["arn:aws:sns:a:1:t"]),
        ("sns:Publish", {"TargetArn": "arn:aws:sns:a:1:t"}, ["arn:aws:sns:a:1:t"]),
        ("sns:Publish", {"PhoneNumber": "+1"}, [""]),
        (
            "sqs:SendMessage",
            {"QueueUrl": "http://localhost:5000/444455556666/alerts"},
            ["arn:aws:sqs:eu-west-1:444455556666:alerts"],
        ),
        ("sqs:CreateQueue", {"QueueName": "alerts"}, [""]),
        ("lambda:Invoke", {"FunctionName": "watch"}, [f"{FUNCTION}:watch"]),
        ("lambda:Invoke", {"FunctionName": f"{FUNCTION}:watch:live"}, [f"{FUNCTION}:watch:live"]),
        ("lambda:Invoke", {"FunctionName": "watch", "Qualifier": "live"}, [f"{FUNCTION}:watch:live"]),
        ("ssm:GetParameter", {"Name": "/a/b"}, [f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/a/b"]),
        ("ssm:GetParametersByPath", {"Path": "/a"}, [f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/a"]),
        ("states:StartExecution", {"stateMachineArn": "arn:s"}, ["arn:s"]),
        ("states:DescribeExecution", {"executionArn": "arn:e"}, ["arn:e"]),
        ("states:DescribeMapRun", {"mapRunArn": "arn:m"}, ["arn:m"]),
        ("states:SendTaskSuccess", {"taskToken": "any"}, [""]),
        ("organizations:ListAccounts", {}, ["*"]),
        ("organizations:ListAccountsForParent", {"ParentId": "ou-a"}, [""]),
        ("account:ListRegions", {}, [f"arn:aws:account::{ACCOUNT}:account"]),
        (
            "events:PutEvents",
            {"Entries": [{"EventBusName": "watchkeeper"}, {}, {}]},
            [f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/{name}" for name in ("watchkeeper", "default")],
        ),
        ("events:PutRule", {"Name": "rule"}, [""]),
        ("s3:PutObject", {"Bucket": "b", "Key": "a/c"}, ["arn:aws:s3:::b/a/c"]),
        ("s3:GetObject", {"Bucket": "b", "Key": "a/c"}, ["arn:aws:s3:::b/a/c"]),
        ("s3:ListObjectsV2", {"Bucket": "b"}, ["arn:aws:s3:::b"]),
        (
            "s3:DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2"}]}},
            ["arn:aws:s3:::b/1", "arn:aws:s3:::b/2"],
        ),
        ("cloudhsm:RestoreBackup", {"BackupId": "backup-1"}, [f"arn:aws:cloudhsm:eu-west-1:{ACCOUNT}:backup/backup-1"]),
        (
            "backup:DescribeBackupVault",
            {"BackupVaultName": "v"},
            [f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:v"],
        ),
        (
            "logs:PutLogEvents",
            {"logGroupName": "/g", "logStreamName": "s"},
            [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/g:log-stream:s"],
        ),
        ("securityhub:BatchImportFindings", {"Findings": [{"ProductArn": "arn:p"}] * 2}, ["arn:p"]),
        ("ec2:DescribeVpcs", {}, [""]),
    ],
)
def test_the_arn_of_what_a_call_is_about_is_told(name: str, parameters: Any, arns: list[str]) -> None:
    assert list(resources_of(name, parameters, PLACE)) == arns


def test_an_access_point_goes_by_its_alias(client: Client) -> None:
    control = client("s3control", region="us-west-2")
    client("s3", region="us-east-1").create_bucket(Bucket="bucket")
    details = {"Name": "point", "Regions": [{"Bucket": "bucket"}]}
    control.create_multi_region_access_point(AccountId=ACCOUNT, ClientToken="one", Details=details)
    given = {"AccountId": ACCOUNT, "Name": "point"}
    (arn,) = resources_of("s3:GetMultiRegionAccessPoint", given, PLACE)
    assert arn.startswith(f"arn:aws:s3::{ACCOUNT}:accesspoint/")
    assert arn.endswith(".mrap")


@pytest.mark.parametrize("name", sorted(name for name in _FORMS if not name.endswith(":")))
def test_the_parameters_that_name_a_resource_are_aws_s(name: str) -> None:
    service, _, operation = name.partition(":")
    model = Session().get_service_model(BOTOCORE.get(name, service)).operation_model(operation)
    composed = {"partition", "region", "account"} | {"Bus", "Alias", "Owner", "ProductArn"}
    fields = {field for form in _FORMS[name] for field in _FIELD.findall(form)}
    assert fields - composed <= set(model.input_shape.members)
