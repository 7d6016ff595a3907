"""Who destroys a hub is told what goes with it and what stays, by what is deployed, and is asked once."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cli.hubs.destroy import main
from emulator.aws import Emulator
from tests.conftest import REGION, US, clients_of

STAYS = ("the ledger: ", "the reports: ", "logs: ")


def deploy(removal: str, **more: Any) -> str:
    """Deploy what can stay of a hub, with a report that was replaced, and then deleted; return its bucket's name."""
    policy = {"DeletionPolicy": "Retain" if removal == "retain" else "Delete"}
    key = {"AttributeName": "pk", "AttributeType": "S"}
    table = {
        "AttributeDefinitions": [key],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    resources: dict[str, Any] = {
        "Ledger": {"Type": "AWS::DynamoDB::Table", "Properties": table, **policy},
        "Results": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}, **more},
            **policy,
        },
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {}, **policy},
        "Other": {"Type": "AWS::Logs::LogGroup", "Properties": {}, **policy},
    }
    outputs = {"ResultsBucket": {"Value": {"Ref": "Results"}}}
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    stacks = clients_of().calls("cloudformation", REGION)
    stacks("CreateStack", StackName="watchkeeper", TemplateBody=body)
    found = stacks("DescribeStackResources", StackName="watchkeeper")["StackResources"]
    bucket = next(each["PhysicalResourceId"] for each in found if each["ResourceType"] == "AWS::S3::Bucket")
    report = {"Bucket": bucket, "Key": "runs/1/report.html"}
    for body in (b"report", b"other"):
        clients_of().calls("s3", REGION)("PutObject", Body=body, **report)
    clients_of().calls("s3", REGION)("DeleteObject", **report)
    return str(bucket)


def reports(bucket: str) -> int:
    return len(clients_of().calls("s3", REGION)("ListObjectVersions", Bucket=bucket).get("Versions", ()))


class Person:
    """Answers the question, and reads what stands before it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "watchkeeper.yaml"
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", US)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulated")

    def destroys(self, removal: str, answer: str) -> tuple[int, str]:
        text = f"version: 1\nhub: {{region: {REGION}}}\nscope: {{regions: [{REGION}]}}\nremoval: {removal}\n"
        self.config.write_text(text)
        self.monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        return main([str(self.config)]), self.capsys.readouterr().err


@pytest.fixture
def person(
    aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Person:
    assert aws
    return Person(tmp_path, monkeypatch, capsys)


def test_what_stays_is_named_and_left_alone(person: Person) -> None:
    bucket = deploy("retain")
    status, told = person.destroys("retain", "y")
    assert (status, reports(bucket)) == (0, 2)
    assert all(word in told for word in (*STAYS, bucket, "and 1 more"))
    assert "deleted\n" not in told


def test_what_goes_is_said_before_anything_is_deleted(person: Person) -> None:
    bucket = deploy("destroy")
    status, told = person.destroys("destroy", "n")
    assert (status, reports(bucket)) == (1, 2)
    assert f"every report in {bucket} are deleted with it, for good" in told
    status, told = person.destroys("destroy", "y")
    assert (status, reports(bucket)) == (0, 0)
    assert "3 versions of objects deleted" in told


def test_a_word_in_the_configuration_that_was_never_deployed_deletes_nothing(person: Person) -> None:
    bucket = deploy("retain")
    status, told = person.destroys("destroy", "y")
    assert (status, reports(bucket)) == (0, 2)
    assert "make deploy first" in told


def test_without_a_hub_it_says_so(person: Person) -> None:
    status, told = person.destroys("retain", "y")
    assert status == 0
    assert f"There is no hub in {REGION}" in told


def test_a_configuration_that_is_wrong_destroys_nothing(person: Person) -> None:
    status, told = person.destroys("perhaps", "y")
    assert status == 1
    assert "removal: found the text" in told


def test_what_is_locked_is_not_deleted_and_the_refusal_is_said(person: Person) -> None:
    lock = {"Mode": "GOVERNANCE", "Days": 1}
    bucket = deploy(
        "destroy",
        ObjectLockEnabled=True,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": lock}},
    )
    status, told = person.destroys("destroy", "y")
    assert (status, reports(bucket)) == (1, 2)
    assert "AccessDenied" in told
