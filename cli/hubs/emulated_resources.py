"""The calls that create the resources of a hub in the emulated AWS, as the CDK's constructs do in any."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from io import StringIO
from typing import Any

from emulator.aws import Emulator
from emulator.awslambda.runtime import InProcess, InProcessDurable
from functions.shared.automation import DurableFunction, StreamTrigger
from functions.shared.aws.clients import Clients
from functions.shared.deployment.permissions import schedule_permissions
from functions.shared.deployment.resources import (
    DELIVERY,
    INVOCATION,
    STREAM_GATHERS,
    FunctionDescription,
    HubDescription,
    ScheduledEvent,
)
from functions.shared.deployment.statements import RoleStatement, filled, policy_document, statements

Handler = Callable[[Any, Any], Any]
"""A function's code, as Lambda calls it."""

_RETRY_POLICY = {
    "MaximumEventAgeInSeconds": int(DELIVERY.longest.total_seconds()),
    "MaximumRetryAttempts": DELIVERY.retries,
}


def silent(handler: Handler) -> Handler:
    """Keep a function's metrics, which it prints for CloudWatch Logs, off this process's own output."""

    def handle(event: Any, context: Any) -> Any:
        with redirect_stdout(StringIO()):
            return handler(event, context)

    return handle


@dataclass(frozen=True, slots=True)
class EmulatedResources:
    """Creates resources in one account; their names are those that they are given, not generated ones.

    Attributes:
        aws: the emulated AWS.
        clients: of the account.
        hub: what is created.
        task_root: the folder that each function has in place of its zip.
        around: what each handler runs in.
        placeholders: the values of the placeholders in descriptions, as far as they are known.
        with_rights: each role is created with its policies, and functions say who may invoke them.
    """

    aws: Emulator
    clients: Clients
    hub: HubDescription
    task_root: str
    around: Callable[[Handler], Handler]
    placeholders: dict[str, str]
    with_rights: bool

    @property
    def region(self) -> str:
        """The home Region."""
        return self.hub.settings.hub_region

    def call(self, service: str, operation: str, region: str = "", **parameters: Any) -> dict[str, Any]:
        """Make a call, in the home Region unless another one is named.

        Raises:
            CallError: it was refused.
        """
        return self.clients.calls(service, region or self.region)(operation, **parameters)

    def create_queue(self, name: str, kept_seconds: int, *, region: str = "") -> str:
        """Create a dead-letter queue that takes letters from the rules of its account and Region; return its ARN."""
        where = f"{region or self.region}:{{account}}"
        arn = f"arn:{{partition}}:sqs:{where}:{name}".format_map(self.placeholders)
        rules = f"arn:{{partition}}:events:{where}:rule/*".format_map(self.placeholders)
        attributes = {"MessageRetentionPeriod": str(kept_seconds), "Policy": json.dumps(_taking_from(rules, arn))}
        self.call("sqs", "CreateQueue", region=region, QueueName=name, Attributes=attributes)
        return arn

    def create_role(
        self, name: str, service: str, held: tuple[RoleStatement, ...], placeholders: Mapping[str, str]
    ) -> str:
        """Create the role that a service has in the account; return its ARN.

        Without rights all share one role: what runs in this process acts as the account itself.
        """
        if not self.with_rights and "role" in self.placeholders:
            return self.placeholders["role"]
        principal = {"Service": f"{service}.amazonaws.com"}
        trust: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        if service != "lambda":
            trust["Condition"] = {"StringEquals": {"aws:SourceAccount": self.placeholders["account"]}}
        trusted = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = str(self.call("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=trusted)["Role"]["Arn"])
        self.add_policy(name, "rights", held, placeholders)
        self.placeholders.setdefault("role", arn)
        return arn

    def add_policy(
        self, role: str, name: str, held: tuple[RoleStatement, ...], placeholders: Mapping[str, str]
    ) -> None:
        """Give a role rights, by an inline policy."""
        if self.with_rights:
            document = json.dumps(policy_document(held, {**self.placeholders, **placeholders}))
            self.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=document)

    def allow_rule(self, function: str, rule_arn: str) -> None:
        """Let a rule invoke a function."""
        if self.with_rights:
            statement = {"StatementId": sha256(rule_arn.encode()).hexdigest(), "SourceArn": rule_arn}
            allowed = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", **statement}
            self.call("lambda", "AddPermission", FunctionName=function, **allowed)

    def create_function(self, name: str, description: FunctionDescription) -> str:
        """Create a function, with its role and the queue for what it fails at; return its ARN."""
        log_group = f"arn:{{partition}}:logs:{{hub_region}}:{{account}}:log-group:/aws/lambda/{name}:*"
        of_log = {"log_group": log_group.format_map(self.placeholders)}
        role = self.create_role(f"watchkeeper-{name}", "lambda", description.statements, of_log)
        environment = filled(description.environment, self.placeholders)
        durable, failed = description.durable, self.placeholders["failed_invocations"]
        created = self.call(
            "lambda",
            "CreateFunction",
            FunctionName=name,
            Description=description.summary,
            Role=role,
            Runtime="python3.13",
            Architectures=["arm64"],
            Handler=description.handler,
            Code={"ZipFile": _empty_zip()},
            Environment={"Variables": environment},
            Timeout=int(description.timeout.total_seconds()),
            MemorySize=description.memory_mb,
            EphemeralStorage={"Size": description.disk_mb},
            TracingConfig={"Mode": "Active"},
            **(_durability(durable, failed) if durable else {}),
        )
        arn = str(created["FunctionArn"])
        run = InProcessDurable if durable else InProcess
        handler = self.around(_named(description.handler))
        self.aws.functions.run_with(arn, run(handler, {**environment, "LAMBDA_TASK_ROOT": self.task_root}))
        if not durable:
            self._set_aside_what_fails(name, failed)
        if reserved := description.reserved_concurrency:
            self.call("lambda", "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)
        return arn

    def create_rule(
        self, name: str, bus: str, pattern: Mapping[str, Any], target: Mapping[str, Any], *, region: str = ""
    ) -> str:
        """Create a rule that delivers for a day, and then to the queue of its Region; return its ARN.

        Args:
            name: of the rule.
            bus: name of its bus.
            pattern: of its events.
            target: with its id and ARN; with a dead-letter queue if that is not the hub's.
            region: of the rule.
        """
        dead_letters = {"Arn": self.placeholders["undelivered"]}
        whole = {"DeadLetterConfig": dead_letters, "RetryPolicy": _RETRY_POLICY, **target}
        rule = {"Name": name, "EventBusName": bus, "EventPattern": json.dumps(pattern)}
        arn = self.call("events", "PutRule", region=region, **rule)["RuleArn"]
        self.call("events", "PutTargets", region=region, Rule=name, EventBusName=bus, Targets=[whole])
        return str(arn)

    def create_schedule(self, owner: str, scheduled: ScheduledEvent, action: str, target: str) -> None:
        """Create a schedule, and the role in which it starts its target."""
        name = f"{owner}-{scheduled.name}"
        held = statements(schedule_permissions(action, self.hub.options))
        role = self.create_role(f"watchkeeper-{name}", "scheduler", held, {"target": target})
        self.call(
            "scheduler",
            "CreateSchedule",
            Name=name,
            ScheduleExpression=scheduled.expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": target,
                "RoleArn": role,
                "Input": json.dumps(dict(scheduled.event)),
                "DeadLetterConfig": {"Arn": self.placeholders["undelivered"]},
                "RetryPolicy": _RETRY_POLICY,
            },
        )

    def map_stream(self, function_arn: str, trigger: StreamTrigger) -> None:
        """Give a function the ledger's stream."""
        self.call(
            "lambda",
            "CreateEventSourceMapping",
            EventSourceArn=self.placeholders["stream"],
            FunctionName=function_arn,
            StartingPosition="TRIM_HORIZON",
            BatchSize=trigger.batch_size,
            MaximumBatchingWindowInSeconds=int(STREAM_GATHERS.total_seconds()),
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=trigger.retries,
            MaximumRecordAgeInSeconds=int(DELIVERY.longest.total_seconds()),
            FunctionResponseTypes=["ReportBatchItemFailures"],
            FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)} for pattern in trigger.filters]},
            DestinationConfig={"OnFailure": {"Destination": self.placeholders["failed_invocations"]}},
        )

    def _set_aside_what_fails(self, function: str, queue: str) -> None:
        self.call(
            "lambda",
            "PutFunctionEventInvokeConfig",
            FunctionName=function,
            Qualifier="$LATEST",
            MaximumRetryAttempts=INVOCATION.retries,
            MaximumEventAgeInSeconds=int(INVOCATION.longest.total_seconds()),
            DestinationConfig={"OnFailure": {"Destination": queue}},
        )


def _taking_from(rules: str, queue: str) -> dict[str, Any]:
    sender = {"Principal": {"Service": "events.amazonaws.com"}, "Condition": {"ArnLike": {"aws:SourceArn": rules}}}
    statement = {"Sid": "RulesOfThisHub", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue, **sender}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _durability(durable: DurableFunction, queue: str) -> dict[str, Any]:
    longest = int(durable.execution_timeout.total_seconds())
    return {
        "DurableConfig": {"ExecutionTimeout": longest, "RetentionPeriodInDays": durable.retention_days},
        "DeadLetterConfig": {"TargetArn": queue},
    }


def _named(handler: str) -> Handler:
    module, _, name = handler.rpartition(".")
    found: Handler = getattr(import_module(module), name)
    return found


@cache
def _empty_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("in_process.txt"), "the code runs in the process of the emulated AWS")
    return packed.getvalue()
