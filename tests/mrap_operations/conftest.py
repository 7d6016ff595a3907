"""An account with access points, in which operations go as they are told to, and pollers skip the time they wait."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aws_durable_execution_sdk_python_testing.runner as official
import pytest
from aws_durable_execution_sdk_python import state
from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner
from moto.awslambda.models import lambda_backends

from cli.configuration.loading import compiled
from cli.hubs.emulated_hub import TABLE_NAME, HubNames, emulated_hub
from emulator.aws import Emulator
from emulator.awslambda.runtime import Outcome
from emulator.s3control.operations import CREATE
from functions.catalog import AUTOMATIONS
from functions.mrap_operations.handler import lambda_handler
from functions.mrap_operations.manifest import AUTOMATION
from functions.shared.aws.target import Target
from functions.shared.ledger.records import Item
from functions.shared.run import cold_start
from functions.shared.settings import SETTINGS_FILE
from tests.conftest import REGION, US, Table, clients_of, settings
from tests.world import AutomationWorld

HERE = Target(US, "us-west-2")
LIST = "s3:ListMultiRegionAccessPoints"
DESCRIBE = "s3:DescribeMultiRegionAccessPointOperation"
INVOKE = "lambda:Invoke"
POLLER = f"arn:aws:lambda:{REGION}:{US}:function:poller"
DETAILS = {"Name": "prod-logs", "Regions": [{"Bucket": "logs.us-east-1"}, {"Bucket": "logs.eu-west-1"}]}

HOME = "us-west-2"

Found = set[tuple[str, str]]


def begin(operation: str = CREATE, **details: Any) -> str:
    """Begin an operation, as somebody in the account does, and return its token."""
    calls = clients_of().calls("s3control", HOME)
    return str(calls(operation, AccountId=US, ClientToken=operation, Details=details or DETAILS)["RequestTokenARN"])


@dataclass(slots=True)
class World(AutomationWorld):
    """An account, as the automation looks at it."""

    automation = "mrap_operations"
    target = HERE
    shown = ("check", "region")

    def configure(self, **scope: Any) -> None:
        """Write the configuration where the functions read it."""
        listed = {} if "organization" in scope else {"accounts": ["self"]}
        given = settings(mrap_operations=self.section, scope={**listed, "regions": [REGION], **scope}).document
        (self.task_root / SETTINGS_FILE).write_text(json.dumps(given), encoding="utf-8")
        cold_start.cold_start.cache_clear()

    def begin(self, operation: str = CREATE, **details: Any) -> str:
        """Begin an operation, and return its token."""
        return begin(operation, **details)

    def invoke(self, event: object) -> Outcome:
        """Invoke the function, as AWS does."""
        with redirect_stdout(io.StringIO()):  # metrics are printed
            return self.aws.functions.invoke(lambda_backends[US][REGION].get_function("watcher"), event)

    def invoked(self) -> list[Mapping[str, Any]]:
        """Return how pollers were started."""
        return [call.parameters for call in self.aws.calls.of(INVOKE)]

    def closed(self) -> list[tuple[str, str]]:
        """Return the findings that ended: check, and how."""
        return sorted((item["check"], item.get("resolution", "")) for item in self.table.items("closed#"))

    def findings(self) -> list[Item]:
        """Return the open findings of the ledger."""
        return self.table.items("open#")


@pytest.fixture
def world(aws: Emulator, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account with an empty ledger, and the functions in it."""
    made = World(aws, table, tmp_path)
    environment = {
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "LEDGER_TABLE": TABLE_NAME,
        "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
        "SESSION_ACTIONS": json.dumps([right.action for right in AUTOMATION.permissions]),
    }
    aws.functions.register(
        "watcher", lambda_handler, account=US, region=REGION, environment={**environment, "POLLER_ARN": POLLER}
    )
    aws.functions.register("poller", lambda _, __: None, account=US, region=REGION)
    for name, value in {**environment, "AWS_ACCESS_KEY_ID": US, "AWS_SECRET_ACCESS_KEY": "emulated"}.items():
        monkeypatch.setenv(name, value)
    made.configure()
    aws.calls.clear()
    yield made
    cold_start.cold_start.cache_clear()


class FollowedClock:
    """The official runner's clock: where it would skip a wait, the emulated AWS lets that time pass."""

    def __init__(self, aws: Emulator) -> None:
        """Take the emulator whose time it is."""
        self._aws = aws

    def now(self) -> datetime:
        """Return the emulated present."""
        return datetime.now(UTC)

    def arm(self, selection: datetime) -> float:
        """Let the time until *wake* pass; nothing is left to wait for."""
        if (length := selection - self.now()) > timedelta(0):
            self._aws.advance(length)
        return 0.0


Poll = Callable[..., dict[str, Any]]


@pytest.fixture
def poll(world: World, aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Poll:
    """Run the poller of a token to its end, in the official runner."""
    assert world
    monkeypatch.setattr(official, "SkipClock", lambda: FollowedClock(aws))
    monkeypatch.setattr(state, "_STOP_SIGNAL_POLL_SECONDS", 0.002)  # by which each invocation ends late

    def ran(token: str, handler: Callable[..., Any] | None = None, **more: str) -> dict[str, Any]:
        from functions.mrap_operations.poller import lambda_handler as poller  # noqa: PLC0415 - it loads the SDK

        runner = DurableFunctionTestRunner(handler or poller, poll_interval=0.01)
        event = {"account_id": token.split(":")[4], "request_token_arn": token, **more}
        try:
            with runner:
                result = runner.run(input=json.dumps(event), execution_timeout=7200)
        finally:
            runner._scheduler._loop.close()
        assert result.status.value == "SUCCEEDED", result.error
        outcome: dict[str, Any] = json.loads(result.result or "{}")
        return outcome

    return ran


@pytest.fixture
def hub(aws: Emulator) -> Iterator[HubNames]:
    """A hub outside of us-west-2 in which nothing but this automation, and what tells of it, is on."""
    others = {other.name: {"mode": "off"} for other in AUTOMATIONS if other is not AUTOMATION}
    assert REGION != HOME
    with emulated_hub(aws, compiled(settings(**others).document), US) as stands:
        yield stands
