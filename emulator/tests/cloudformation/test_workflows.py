"""State machines, and the buckets of their results, in stacks."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ..conftest import Client
from ..stepfunctions.conftest import TRUST
from .test_stacks import create, text, update

DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Word}", "End": true}}}'


def role() -> dict[str, Any]:
    trust = {"Version": "2012-10-17", "Statement": [TRUST]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


def machine(**properties: Any) -> dict[str, Any]:
    given = {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "DefinitionSubstitutions": {"Word": "one"}, **properties}
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": given}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def told(client: Client, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return found


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_a_state_machine_is_made_changed_in_place_and_deleted_with_its_stack(client: Client) -> None:
    wanted = {"Arn": {"Value": {"Ref": "Machine"}}, "Name": {"Value": {"Fn::GetAtt": ["Machine", "Name"]}}}
    more = {"TracingConfiguration": {"Enabled": True}, "LoggingConfiguration": {"Level": "ERROR"}}
    tags = [{"Key": "for", "Value": "us"}]
    first = machine(DefinitionString=DEFINITION, StateMachineType="STANDARD", Tags=tags, **more)
    stack = create(client, text(wanted, Role=role(), Machine=first), Capabilities=["CAPABILITY_IAM"])
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    arn, name = outputs(stack)["Arn"], outputs(stack)["Name"]
    assert arn.endswith(f":stateMachine:{name}")
    assert json.loads(told(client, arn)["definition"])["States"]["A"]["Result"] == "one"
    assert told(client, arn)["tracingConfiguration"] == {"enabled": True}
    assert told(client, arn)["loggingConfiguration"]["level"] == "ERROR"
    listed = client("stepfunctions").list_tags_for_resource(resourceArn=arn)["tags"]
    assert {"key": "for", "value": "us"} in listed
    second = machine(
        Definition=json.loads(DEFINITION), StateMachineType="STANDARD", DefinitionSubstitutions={"Word": "two"}
    )
    stack = update(client, text(wanted, Role=role(), Machine=second), Capabilities=["CAPABILITY_IAM"])
    assert (stack["StackStatus"], outputs(stack)["Arn"]) == ("UPDATE_COMPLETE", arn)
    assert json.loads(told(client, arn)["definition"])["States"]["A"]["Result"] == "two"
    client("cloudformation").delete_stack(StackName="app")
    assert client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_a_definition_comes_from_s3_too(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="assets", Key="run.json", Body=DEFINITION)
    made = machine(DefinitionS3Location={"Bucket": "assets", "Key": "run.json"})
    stack = create(client, text(Role=role(), Machine=made), Capabilities=["CAPABILITY_IAM"])
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack


def test_a_definition_that_aws_would_not_take_fails_the_stack(client: Client) -> None:
    for definition in ('{"StartAt": "A", "States": {}}', DEFINITION.replace("Word", "Other")):
        made = machine(DefinitionString=definition)
        stack = create(client, text(Role=role(), Machine=made), Capabilities=["CAPABILITY_IAM"])
        assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
        client("cloudformation").delete_stack(StackName="app")


def test_a_bucket_of_results_is_as_its_template_says(client: Client) -> None:
    logs = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::the-logs/*",
    }
    key = {"SSEAlgorithm": "AES256"}
    rules = [
        {"Id": "old", "Status": "Enabled", "ExpirationInDays": 400, "Prefix": "runs/"},
        {"Id": "versions", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
        {"Id": "parts", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        {"Id": "cold", "Status": "Enabled", "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}]},
    ]
    blocked = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::the-results/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    results = bucket(
        BucketName="the-results",
        BucketEncryption={"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": key}]},
        LifecycleConfiguration={"Rules": rules},
        LoggingConfiguration={"DestinationBucketName": {"Ref": "Logs"}, "LogFilePrefix": "results/"},
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        PublicAccessBlockConfiguration=blocked,
        Tags=[{"Key": "for", "Value": "us"}],
        VersioningConfiguration={"Status": "Enabled"},
    )

    def policy(of: str, statement: dict[str, Any]) -> dict[str, Any]:
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": of}, "PolicyDocument": document}}

    stack = create(
        client,
        text(
            Logs=bucket(BucketName="the-logs"),
            LogsPolicy=policy("Logs", logs),
            Results={**results, "DependsOn": ["LogsPolicy"]},
            ResultsPolicy=policy("Results", deny),
        ),
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    s3, name = client("s3"), "the-results"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == blocked
    lifecycle = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]}
    assert lifecycle["old"]["Expiration"] == {"Days": 400}
    assert lifecycle["old"]["Filter"] == {"Prefix": "runs/"}
    assert lifecycle["versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert lifecycle["cold"]["Transitions"] == [{"Days": 90, "StorageClass": "GLACIER"}]
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetBucket"] == "the-logs"
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "for", "Value": "us"}]
    assert s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    s3.put_object(Bucket=name, Key="runs/a.json", Body=b"{}")


def test_a_bucket_locks_its_objects_for_so_long_as_its_template_says(client: Client) -> None:
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
    locked = bucket(
        BucketName="the-records",
        VersioningConfiguration={"Status": "Enabled"},
        ObjectLockEnabled=True,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )
    stack = create(client, text({}, Records=locked))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    held = client("s3").get_object_lock_configuration(Bucket="the-records")["ObjectLockConfiguration"]
    assert (held["ObjectLockEnabled"], held["Rule"]["DefaultRetention"]["Mode"]) == ("Enabled", "GOVERNANCE")
    written = client("s3").put_object(Bucket="the-records", Key="report", Body=b"x", ChecksumAlgorithm="CRC32")
    with pytest.raises(ClientError, match="AccessDenied"):
        client("s3").delete_object(Bucket="the-records", Key="report", VersionId=written["VersionId"])
