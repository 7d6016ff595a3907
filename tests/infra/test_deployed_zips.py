"""The very zips that would be deployed run in the emulator, under the Python of Lambda's runtime."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import aws_durable_execution_sdk_python_testing.runner as official
import pytest
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.runner import WebRunner, WebRunnerConfig
from aws_durable_execution_sdk_python_testing.web.server import WebServiceConfig

from bundling.archives import Asset, AssetError
from bundling.assets import Assets, build
from bundling.runtime import runtime_packages
from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.awslambda.sandbox.interpreter import Interpreter
from emulator.s3control import faults
from functions.mrap_operations.manifest import AUTOMATION
from functions.shared.automation import Automation, DurableFunction
from tests.conftest import REGION, US, Table, clients_of, settings
from tests.infra.conftest import missing
from tests.mrap_operations.conftest import FollowedClock

NAME = AUTOMATION.name
POLLER = f"{NAME}-poller"
HOME = "us-west-2"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="session")
def python(python313: Path) -> Interpreter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_OFFLINE", "1")
        try:
            return Interpreter("python3.13", python313, runtime_packages())
        except AssetError as error:
            missing(f"{error}; `python -m bundling.runtime` installs it")


@dataclass(frozen=True, slots=True)
class Zips:
    """What would be deployed of the automation."""

    assets: Assets

    def deploy_poller(self, name: str, *, is_durable: bool = True, **variables: str) -> str:
        """Deploy the poller, and return the ARN of its alias."""
        assert AUTOMATION.poller
        zipped = self.assets.pollers[NAME]
        durable = {"ExecutionTimeout": int(AUTOMATION.poller.execution_timeout.total_seconds())}
        self._deploy(name, AUTOMATION.poller, zipped, {"DurableConfig": durable} if is_durable else {}, variables)
        version = call("PublishVersion", FunctionName=name)["Version"]
        return str(call("CreateAlias", FunctionName=name, Name="live", FunctionVersion=version)["AliasArn"])

    def deploy(self, **variables: str) -> None:
        """Deploy the function that starts pollers."""
        self._deploy(NAME, AUTOMATION, self.assets.functions[NAME], {}, variables)

    def _deploy(
        self,
        name: str,
        of: Automation | DurableFunction,
        zipped: Asset,
        durable: dict[str, Any],
        variables: dict[str, str],
    ) -> None:
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam = clients_of().calls("iam", REGION)
        layer = call("PublishLayerVersion", LayerName="shared", Content={"ZipFile": content(self.assets.layer)})
        call(
            "CreateFunction",
            FunctionName=name,
            Runtime="python3.13",
            Role=iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"],
            Handler=of.handler,
            Code={"ZipFile": content(zipped)},
            Layers=[layer["LayerVersionArn"]],
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


@pytest.fixture
def zips(aws: Emulator, table: Table, python: Interpreter, tmp_path: Path) -> Zips:
    """An account with a ledger, in which zips run."""
    assert table
    aws.run_zips(python)
    return Zips(build(settings(), into=tmp_path))


def content(asset: Asset) -> bytes:
    return asset.path.read_bytes()


def call(operation: str, **given: Any) -> dict[str, Any]:
    return clients_of().calls("lambda", REGION)(operation, **given)


def begin_what_fails() -> str:
    """Begin an operation that fails after five minutes, and return its token."""
    faults.next_operation(US, takes=5 * MINUTE, fails=True)
    details = {"Name": "prod-logs", "Regions": [{"Bucket": "logs"}]}
    begun = clients_of().calls("s3control", HOME)(
        "CreateMultiRegionAccessPoint", AccountId=US, ClientToken="one", Details=details
    )
    return str(begun["RequestTokenARN"])


def test_an_operation_that_fails_is_found_by_the_zips_that_would_be_deployed(
    aws: Emulator, table: Table, zips: Zips
) -> None:
    poller_arn = zips.deploy_poller(POLLER)
    zips.deploy(POLLER_ARN=poller_arn)
    token = begin_what_fails()
    event = {"account_id": US, "request_token_arn": token}
    call("Invoke", FunctionName=NAME, InvocationType="Event", Payload=json.dumps(event).encode())
    aws.advance(30 * MINUTE)
    assert [run.outcome for run in aws.functions.runs if run.outcome.failed] == []
    (execution,) = aws.durable.executions.of(poller_arn)
    assert execution.status == "SUCCEEDED"
    found = {(item["check"], item["resource"]) for item in table.items("open#")}
    assert found == {("operation-failed", token)}
    assert len(aws.functions.runs) > 5
    log = clients_of().calls("logs", REGION)("FilterLogEvents", logGroupName=f"/aws/lambda/{POLLER}")["events"]
    streams = {each["logStreamName"] for each in log}
    assert len(streams) == 1, "one process ran every invocation"


@pytest.fixture
def runner(aws: Emulator, zips: Zips, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebRunner]:
    """AWS's own runner, served: it invokes what stands in the emulator."""
    assert zips
    monkeypatch.setattr(official, "SkipClock", lambda: FollowedClock(aws))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", US)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws.secret_key)
    served = WebServiceConfig(host="127.0.0.1", port=0, log_level=logging.WARNING)
    config = WebRunnerConfig(served, lambda_endpoint=aws.serve(), local_runner_region=REGION, skip_time=True)
    with WebRunner(config) as running:
        assert running._server
        thread = Thread(target=running.serve_forever)
        thread.start()
        assert running._scheduler
        loop = running._scheduler._loop
        yield running
        running._server.shutdown()
        thread.join()
    loop.close()


def test_the_pollers_zip_runs_to_its_end_in_the_official_runner(
    aws: Emulator, table: Table, zips: Zips, runner: WebRunner
) -> None:
    assert runner._server
    assert runner._executor
    address = f"http://127.0.0.1:{runner._server.server_address[1]}"
    zips.deploy_poller(POLLER, is_durable=False, AWS_ENDPOINT_URL_LAMBDA=address)  # what makes it durable is the runner
    token = begin_what_fails()
    started = StartDurableExecutionInput(
        account_id=US,
        function_name=POLLER,
        function_qualifier="live",
        execution_name="one",
        execution_timeout_seconds=90_000,
        execution_retention_period_days=14,
        input=json.dumps({"account_id": US, "request_token_arn": token}),
    )
    arn = runner._executor.start_execution(started).execution_arn
    assert arn
    assert runner._executor.wait_until_complete(arn, timeout=60)
    execution = runner._executor.get_execution_details(arn)
    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert json.loads(execution.result or "{}")["outcome"] == "ended"
    assert [run.outcome for run in aws.functions.runs if run.outcome.failed] == []
    assert {(item["check"], item["resource"]) for item in table.items("open#")} == {("operation-failed", token)}
    assert len(aws.functions.runs) > 5
