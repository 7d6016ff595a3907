"""What an account may run of Lambda at once, and what of it is reserved."""

import io
import json
import zipfile
from typing import Any

from emulator.awslambda.account_settings import CONCURRENT_EXECUTIONS

from .conftest import Client, checked_call


def body(**reserved: int) -> str:
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [service]}
    function = {
        "Runtime": "python3.13",
        "Handler": "any.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"S3Bucket": "zips", "S3Key": "any.zip"},
        **reserved,
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    return json.dumps({"Resources": {"Role": role, "Any": {"Type": "AWS::Lambda::Function", "Properties": function}}})


def unreserved(client: Client) -> Any:
    return checked_call(client("lambda"), "GetAccountSettings", {})["AccountLimit"]["UnreservedConcurrentExecutions"]


def test_what_a_stack_reserves_for_a_function_is_no_longer_everybodys(client: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("any.py", "def handler(event, context): ...")
    where = {"LocationConstraint": client("s3").meta.region_name}
    client("s3").create_bucket(Bucket="zips", CreateBucketConfiguration=where)
    client("s3").put_object(Bucket="zips", Key="any.zip", Body=packed.getvalue())
    assert unreserved(client) == CONCURRENT_EXECUTIONS
    stacks, options = client("cloudformation"), {"StackName": "app", "Capabilities": ["CAPABILITY_IAM"]}
    stacks.create_stack(TemplateBody=body(ReservedConcurrentExecutions=7), **options)
    assert unreserved(client) == CONCURRENT_EXECUTIONS - 7
    stacks.update_stack(TemplateBody=body(ReservedConcurrentExecutions=9), **options)
    assert unreserved(client) == CONCURRENT_EXECUTIONS - 9
    stacks.update_stack(TemplateBody=body(), **options)
    assert unreserved(client) == CONCURRENT_EXECUTIONS
