"""The very zips that would be deployed run in the emulator, under the Python of Lambda's runtime."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.errors import CannotMeasureError
from benchmarks.reference_packages import runtime
from cli.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.s3control import mishaps
from emulator.sandbox.interpreter import Interpreter
from functions.mrap_operations.manifest import AUTOMATION
from functions.shared.automation import DurableFunction
from infra.archives import Asset
from infra.assets import ROOT, Assets, build_function, build_poller
from tests.conftest import REGION, US, Table, clients_of, settings
from tests.infra.conftest import missing

NAME = AUTOMATION.name
HOME = "us-west-2"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="session")
def python(python313: Path) -> Interpreter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_OFFLINE", "1")
        try:
            return Interpreter("python3.13", python313, runtime())
        except CannotMeasureError as error:
            missing(f"{error}; `python -m benchmarks cold_start` installs it")


@pytest.fixture
def poller_arn(aws: Emulator, table: Table, python: Interpreter, real_assets: Assets, tmp_path: Path) -> str:
    """Deploy the automation and its poller; return the ARN of the poller's alias."""
    assert table
    assert AUTOMATION.poller
    aws.run_zips(python)
    poller, configured = f"{NAME}-poller", settings()
    layer = call("PublishLayerVersion", LayerName="shared", Content={"ZipFile": content(real_assets.layer)})
    zipped = build_poller(NAME, AUTOMATION.poller, configured, ROOT, tmp_path)
    deploy(poller, AUTOMATION.poller, zipped, layer["LayerVersionArn"])
    version = call("PublishVersion", FunctionName=poller)["Version"]
    alias = call("CreateAlias", FunctionName=poller, Name="live", FunctionVersion=version)["AliasArn"]
    zipped = build_function(AUTOMATION, configured, ROOT, tmp_path)
    deploy(NAME, AUTOMATION, zipped, layer["LayerVersionArn"], POLLER_ARN=alias)
    return str(alias)


def content(asset: Asset) -> bytes:
    return asset.path.read_bytes()


def call(operation: str, **given: Any) -> dict[str, Any]:
    return clients_of().calls("lambda", REGION)(operation, **given)


def deploy(name: str, of: Any, asset: Asset, layer: str, **variables: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = clients_of().calls("iam", REGION)("CreateRole", RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    is_durable = isinstance(of, DurableFunction)
    durable = {"DurableConfig": {"ExecutionTimeout": int(of.execution_timeout.total_seconds())}} if is_durable else {}
    call(
        "CreateFunction",
        FunctionName=name,
        Runtime="python3.13",
        Role=role["Arn"],
        Handler=of.handler,
        Code={"ZipFile": content(asset)},
        Layers=[layer],
        Timeout=int(of.timeout.total_seconds()),
        Environment={
            "Variables": {
                "LEDGER_TABLE": TABLE_NAME,
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
                "SESSION_ACTIONS": json.dumps([right.action for right in AUTOMATION.permissions]),
                **variables,
            }
        },
        **durable,
    )


def test_an_operation_that_fails_is_found_by_the_zips_that_would_be_deployed(
    aws: Emulator, table: Table, poller_arn: str
) -> None:
    mishaps.next_operation(US, takes=5 * MINUTE, fails=True)
    details = {"Name": "prod-logs", "Regions": [{"Bucket": "logs"}]}
    begun = clients_of().calls("s3control", HOME)(
        "CreateMultiRegionAccessPoint", AccountId=US, ClientToken="one", Details=details
    )
    event = {"account_id": US, "request_token_arn": begun["RequestTokenARN"]}
    call("Invoke", FunctionName=NAME, InvocationType="Event", Payload=json.dumps(event).encode())
    aws.advance(30 * MINUTE)
    assert [run.outcome for run in aws.functions.runs if run.outcome.failed] == []
    (execution,) = aws.durable.executions.of(poller_arn)
    assert execution.status == "SUCCEEDED"
    found = {(item["check"], item["resource"]) for item in table.items("open#")}
    assert found == {("operation-failed", begun["RequestTokenARN"])}
    assert len(aws.functions.runs) > 5
    log = clients_of().calls("logs", REGION)("FilterLogEvents", logGroupName=f"/aws/lambda/{NAME}-poller")["events"]
    streams = {each["logStreamName"] for each in log}
    assert len(streams) == 1, "one process ran every invocation"
