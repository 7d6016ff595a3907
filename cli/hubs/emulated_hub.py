"""A hub in the emulated AWS: what a deployment would create, made from the same manifests by ordinary calls."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from botocore.session import Session

from cli.hubs.emulated_webhooks import add_webhook
from emulator.aws import Emulator
from functions.catalog import FUNCTIONS
from functions.notifications.effects import DUE_INDEX
from functions.shared.automation import Automation, DurableFunction, EventTrigger, ScheduleTrigger, StreamTrigger
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.ledger.ledger import TABLE_PARAMETER
from functions.shared.run.events import SWEEP_EVENT
from functions.shared.settings import SETTINGS_FILE, Settings

BUS_NAME = "watchkeeper"
TABLE_NAME = "watchkeeper-ledger"

_ROLE = "arn:aws:iam::{account}:role/watchkeeper"


@dataclass(frozen=True, slots=True)
class EmulatedHub:
    """The names of what was created.

    Attributes:
        account: the hub's.
        region: the home Region.
        table: the ledger.
        topic_arn: where people are told.
        queue_arn: the dead-letter queue of everything.
    """

    account: str
    region: str
    table: str
    topic_arn: str
    queue_arn: str


Handler = Callable[[Any, Any], Any]
"""A function's code, as Lambda calls it."""


def silent(handler: Handler) -> Handler:
    """Keep a function's metrics, which it prints for CloudWatch Logs, off this process's own output."""

    def handle(event: Any, context: Any) -> Any:
        with redirect_stdout(StringIO()):
            return handler(event, context)

    return handle


@contextmanager
def standing(
    aws: Emulator, settings: Settings, account: str, around: Callable[[Handler], Handler] = silent
) -> Iterator[EmulatedHub]:
    """Let a hub stand in the emulated *account* for the time of the block, with every function that is not off.

    Args:
        aws: where it stands.
        settings: the compiled configuration.
        account: 12 digits.
        around: what each handler runs in.
    """
    region = settings.hub_region
    with tempfile.TemporaryDirectory() as task_root:
        Path(task_root, SETTINGS_FILE).write_text(json.dumps(settings.document), encoding="utf-8")
        clients = Clients(Session(), Credentials(account, "emulated", ""))
        hub = _Builder(aws, clients, settings, account, region, task_root, around).build()
        for automation in FUNCTIONS:
            if settings.section(automation.name).get("mode") != "off":
                hub.add(automation)
        for webhook in settings.section("notifications")["webhooks"]:
            add_webhook(clients, hub.names, BUS_NAME, webhook)
        yield hub.names


def create_ledger(account: str, region: str) -> str:
    """Create the ledger's table in the emulated *account*, and the parameter that names it; return its stream's ARN."""
    clients = Clients(Session(), Credentials(account, "emulated", ""))
    table = clients.calls("dynamodb", region)("CreateTable", **_TABLE)["TableDescription"]
    clients.calls("ssm", region)("PutParameter", Name=TABLE_PARAMETER, Value=TABLE_NAME, Type="String")
    return str(table["LatestStreamArn"])


@dataclass(slots=True)
class _Builder:
    aws: Emulator
    clients: Clients
    settings: Settings
    account: str
    region: str
    task_root: str
    around: Callable[[Handler], Handler]
    names: EmulatedHub = None  # type: ignore[assignment]  # build() sets it
    stream_arn: str = ""

    def build(self) -> "_Builder":
        """Create what all functions share."""
        self.stream_arn = create_ledger(self.account, self.region)
        self._call("events", "CreateEventBus", Name=BUS_NAME)
        topic = self._call("sns", "CreateTopic", Name="watchkeeper")["TopicArn"]
        queue = self._call("sqs", "CreateQueue", QueueName="watchkeeper-dead-letters")["QueueUrl"]
        wanted = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
        queue_arn = self._call("sqs", "GetQueueAttributes", **wanted)["Attributes"]["QueueArn"]
        self.names = EmulatedHub(self.account, self.region, TABLE_NAME, topic, queue_arn)
        return self

    def add(self, automation: Automation) -> None:
        """Create one function, its poller where it has one, and what wakes it."""
        environment = self._environment(automation)
        if automation.poller:
            environment["POLLER_ARN"] = self._add_poller(automation.name, automation.poller, environment)
        function_arn = self.aws.functions.register(
            automation.name,
            self.around(_named(automation.handler)),
            account=self.account,
            region=self.region,
            environment=environment,
            timeout=automation.timeout,
            memory_mb=automation.memory_mb,
        )
        failed = {"OnFailure": {"Destination": self.names.queue_arn}}
        self._call("lambda", "PutFunctionEventInvokeConfig", FunctionName=automation.name, DestinationConfig=failed)
        for trigger in automation.triggers:
            self._wake(function_arn, f"{automation.name}-{trigger.name}", trigger)

    def _add_poller(self, owner: str, poller: DurableFunction, environment: dict[str, str]) -> str:
        """Create a durable function; return the ARN of its alias, by which alone it can be invoked."""
        name = f"{owner}-poller"
        self.aws.functions.register(
            name,
            self.around(_named(poller.handler)),
            account=self.account,
            region=self.region,
            environment=environment,
            timeout=poller.timeout,
            memory_mb=poller.memory_mb,
            durable=poller.execution_timeout,
        )
        version = self._call("lambda", "PublishVersion", FunctionName=name)["Version"]
        alias = self._call("lambda", "CreateAlias", FunctionName=name, Name="live", FunctionVersion=version)
        return str(alias["AliasArn"])

    def _wake(self, function_arn: str, name: str, trigger: EventTrigger | ScheduleTrigger | StreamTrigger) -> None:
        match trigger:
            case EventTrigger():
                self._put_rule(function_arn, name, trigger)
            case ScheduleTrigger():
                self._create_schedule(function_arn, name, trigger)
            case StreamTrigger():
                self._map_stream(function_arn, trigger)

    def _put_rule(self, function_arn: str, name: str, trigger: EventTrigger) -> None:
        """Let events wake a function: those of our bus, and those of the Region in which AWS emits them."""
        target = {"Id": "function", "Arn": function_arn, "DeadLetterConfig": {"Arn": self.names.queue_arn}}
        self._put_rule_at(self.region, BUS_NAME, name, trigger, target)
        bus = f"arn:aws:events:{self.region}:{self.account}:event-bus/{BUS_NAME}"
        forwarded = {"Id": "hub", "Arn": bus, "RoleArn": _ROLE.format(account=self.account)}
        for region in {trigger.home_region} if trigger.home_region else {self.region, *self.settings.scope["regions"]}:
            self._put_rule_at(region, "default", name, trigger, target if region == self.region else forwarded)

    def _put_rule_at(self, region: str, bus: str, name: str, trigger: EventTrigger, target: dict[str, Any]) -> None:
        calls, pattern = self.clients.calls("events", region), json.dumps(trigger.pattern)
        calls("PutRule", Name=name, EventBusName=bus, EventPattern=pattern)
        calls("PutTargets", Rule=name, EventBusName=bus, Targets=[target])

    def _create_schedule(self, function_arn: str, name: str, trigger: ScheduleTrigger) -> None:
        minutes = int(trigger.every.total_seconds() // 60)
        self._call(
            "scheduler",
            "CreateSchedule",
            Name=name,
            ScheduleExpression=f"rate({minutes} minute{'s' * (minutes > 1)})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": function_arn,
                "RoleArn": _ROLE.format(account=self.account),
                "Input": json.dumps(dict(SWEEP_EVENT)),
                "DeadLetterConfig": {"Arn": self.names.queue_arn},
            },
        )

    def _map_stream(self, function_arn: str, trigger: StreamTrigger) -> None:
        self._call(
            "lambda",
            "CreateEventSourceMapping",
            EventSourceArn=self.stream_arn,
            FunctionName=function_arn,
            StartingPosition="TRIM_HORIZON",
            BatchSize=trigger.batch_size,
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=trigger.retries,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)} for pattern in trigger.filters]},
            DestinationConfig={"OnFailure": {"Destination": self.names.queue_arn}},
        )

    def _environment(self, automation: Automation) -> dict[str, str]:
        section = self.settings.section(automation.name)
        return {
            "LAMBDA_TASK_ROOT": self.task_root,
            "LEDGER_TABLE": TABLE_NAME,
            "TOPIC_ARN": self.names.topic_arn,
            "BUS_NAME": BUS_NAME,
            "SESSION_ACTIONS": json.dumps(
                [right.action for right in automation.permissions if right.is_wanted(section)]
            ),
            "POWERTOOLS_SERVICE_NAME": automation.name,
            "POWERTOOLS_METRICS_NAMESPACE": "Watchkeeper",
        }

    def _call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.clients.calls(service, self.region)(operation, **parameters)


def _named(handler: str) -> Handler:
    module, _, name = handler.rpartition(".")
    found: Handler = getattr(import_module(module), name)
    return found


def _key(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)]


_TABLE: dict[str, Any] = {
    "TableName": TABLE_NAME,
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "queue", "due_at")],
    "KeySchema": _key("pk", "sk"),
    "GlobalSecondaryIndexes": [
        {"IndexName": DUE_INDEX, "KeySchema": _key("queue", "due_at"), "Projection": {"ProjectionType": "ALL"}}
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}
