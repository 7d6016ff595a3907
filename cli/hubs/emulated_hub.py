"""A hub in the emulated AWS: what a deployment creates in the hub's account, created by ordinary calls."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.session import Session

from cli.hubs.emulated_resources import EmulatedResources, Handler, silent
from cli.hubs.emulated_webhooks import create_webhook
from emulator.aws import Emulator
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Automation, DurableFunction, StreamTrigger
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.deployment.audience import subscribers
from functions.shared.deployment.event_rules import HubsOwn
from functions.shared.deployment.forwarding import forwarded, forwarding_regions
from functions.shared.deployment.permissions import FORWARDER_PERMISSIONS, MAP_PERMISSIONS
from functions.shared.deployment.resources import (
    ALIAS,
    BUS_NAME,
    DEAD_LETTERS_KEPT,
    DISPLAY_NAME,
    EXPIRES_AT,
    FORWARDER_STACK_NAME,
    INDEXES,
    LOCK_MODE,
    REPLACED_KEPT,
    STACK_NAME,
    STREAM_VIEW,
    TABLE_KEY,
    TABLE_PARAMETER,
    TABLE_PARAMETER_SAYS,
    UPLOADS_ABORTED_AFTER,
    HubDescription,
)
from functions.shared.deployment.state_machine import definition
from functions.shared.deployment.statements import filled, statements
from functions.shared.settings import SETTINGS_FILE, Settings

TABLE_NAME = "watchkeeper-ledger"

_KEPT_SECONDS = int(DEAD_LETTERS_KEPT.total_seconds())


@dataclass(frozen=True, slots=True)
class HubNames:
    """The names of a hub's resources in the emulated AWS.

    Attributes:
        account: the hub's.
        region: the home Region.
        table: the ledger.
        topic_arn: where people are notified.
        failed_arn: the dead-letter queue of what a function failed at for good.
        undelivered_arn: that of what never reached its target.
    """

    account: str
    region: str
    table: str
    topic_arn: str
    failed_arn: str
    undelivered_arn: str


@contextmanager
def emulated_hub(
    aws: Emulator,
    settings: Settings,
    account: str,
    around: Callable[[Handler], Handler] = silent,
    *,
    complete: bool = False,
) -> Iterator[HubNames]:
    """Have a hub in the emulated *account* for the time of the block, with every function that is not off.

    Args:
        aws: where it is.
        settings: the compiled configuration.
        account: 12 digits.
        around: what each handler runs in.
        complete: with the compliance run, and with the rights of each role; most tests need neither, and both
            take longer to create than all else.
    """
    hub = HubDescription.of(settings, FUNCTIONS, COMPLIANCE_RUN)
    with tempfile.TemporaryDirectory() as task_root:
        Path(task_root, SETTINGS_FILE).write_text(json.dumps(settings.document), encoding="utf-8")
        clients = Clients(Session(), Credentials(account, "emulated", ""))
        known = {"partition": "aws", "account": account, "hub_region": settings.hub_region, "stack": STACK_NAME}
        resources = EmulatedResources(aws, clients, hub, task_root, around, known, with_rights=complete)
        yield _Builder(resources).build(complete=complete)


def create_ledger(account: str, region: str, *, keeps_data: bool = True) -> str:
    """Create the ledger's table in the emulated *account*, and the parameter that names it; return its stream's ARN."""
    clients = Clients(Session(), Credentials(account, "emulated", ""))
    dynamodb = clients.calls("dynamodb", region)
    table = dynamodb("CreateTable", **_TABLE, DeletionProtectionEnabled=keeps_data)["TableDescription"]
    expires = {"Enabled": True, "AttributeName": EXPIRES_AT}
    dynamodb("UpdateTimeToLive", TableName=TABLE_NAME, TimeToLiveSpecification=expires)
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb("UpdateContinuousBackups", TableName=TABLE_NAME, PointInTimeRecoverySpecification=recovery)
    parameter = {"Name": TABLE_PARAMETER, "Description": TABLE_PARAMETER_SAYS, "Type": "String"}
    clients.calls("ssm", region)("PutParameter", Value=TABLE_NAME, **parameter)
    return str(table["LatestStreamArn"])


@dataclass(frozen=True, slots=True)
class _Builder:
    resources: EmulatedResources

    @property
    def hub(self) -> HubDescription:
        return self.resources.hub

    def build(self, *, complete: bool) -> HubNames:
        """Create all; return the names."""
        names = self._create_foundation()
        configured = self.hub.settings.section("notifications")["webhooks"]
        webhooks = [arn for webhook in configured for arn in create_webhook(self.resources, webhook)]
        for automation in self.hub.automations:
            self._create_function(automation, webhooks)
        self._create_forwarders()
        if complete and self.hub.sweeping:
            self._create_run()
        return names

    def _create_foundation(self) -> HubNames:
        """Create what all functions share."""
        call, known = self.resources.call, self.resources.placeholders
        account, region = known["account"], self.resources.region
        known["stream"] = create_ledger(account, region, keeps_data=self.hub.keeps_data)
        known["table"] = known["stream"].partition("/stream/")[0]
        known["table_name"], known["bus_name"] = TABLE_NAME, BUS_NAME
        known["bus"] = call("events", "CreateEventBus", Name=BUS_NAME)["EventBusArn"]
        statements = [{"Sid": sid, **filled(each, known)} for sid, each in self.hub.bus_statements().items()]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        call("events", "PutPermission", EventBusName=BUS_NAME, Policy=policy)
        known["undelivered"] = self.resources.create_queue("watchkeeper-undelivered", _KEPT_SECONDS)
        known["failed_invocations"] = self.resources.create_queue("watchkeeper-failed", _KEPT_SECONDS)
        known["topic"] = self._create_topic()
        known["key"] = self.hub.options.kms_key_arn
        return HubNames(account, region, TABLE_NAME, known["topic"], known["failed_invocations"], known["undelivered"])

    def _create_topic(self) -> str:
        section, call = self.hub.settings.section("notifications"), self.resources.call
        if section["topic"] != "create":
            return str(section["topic"])
        arn = str(call("sns", "CreateTopic", Name="watchkeeper", Attributes={"DisplayName": DISPLAY_NAME})["TopicArn"])
        redrive = json.dumps({"deadLetterTargetArn": self.resources.placeholders["undelivered"]})
        for each in subscribers(section["emails"]):
            wanted = {"FilterPolicy": json.dumps(each.filter_policy)} if each.filter_policy else {}
            attributes = {"RedrivePolicy": redrive, **wanted}
            call("sns", "Subscribe", TopicArn=arn, Protocol="email", Endpoint=each.address, Attributes=attributes)
        return arn

    def _create_function(self, automation: Automation, webhooks: Sequence[str]) -> None:
        """Create one function, its poller where it has one, and its triggers."""
        poller = ""
        if automation.poller:
            self.resources.placeholders["poller"] = self._create_poller(automation, automation.poller)
            poller = self.resources.placeholders["poller"].removesuffix(f":{ALIAS}")
        arn = self.resources.create_function(automation.name, self.hub.function(automation))
        own = HubsOwn(self.resources.placeholders["account"], poller, webhooks)
        for rule in self.hub.rules(automation, own):
            name, target = f"{automation.name}-{rule.trigger}", {"Id": "Function", "Arn": arn}
            rule_arn = self.resources.create_rule(name, rule.bus, rule.pattern, target)
            self.resources.allow_rule(automation.name, rule_arn)
        for trigger in automation.triggers:
            if isinstance(trigger, StreamTrigger):
                self.resources.map_stream(arn, trigger)
        for scheduled in self.hub.schedules(automation):
            self.resources.create_schedule(automation.name, scheduled, "lambda:InvokeFunction", arn)

    def _create_poller(self, automation: Automation, poller: DurableFunction) -> str:
        """Create a durable function; return the ARN of its alias, by which alone it can be invoked."""
        name = f"{automation.name}-poller"
        self.resources.create_function(name, self.hub.poller(automation, poller))
        version = self.resources.call("lambda", "PublishVersion", FunctionName=name)["Version"]
        alias = {"FunctionName": name, "Name": ALIAS, "FunctionVersion": version}
        return str(self.resources.call("lambda", "CreateAlias", **alias)["AliasArn"])

    def _create_forwarders(self) -> None:
        """Bring the events of the account's other Regions to the hub's bus."""
        kinds = forwarded(self.hub.settings, self.hub.automations)
        for region in forwarding_regions(kinds):
            if region != self.resources.region:
                name = f"{FORWARDER_STACK_NAME}-{region}"
                queue = self.resources.create_queue(name, _KEPT_SECONDS, region=region)
                role = self.resources.create_role(name, "events", statements(FORWARDER_PERMISSIONS), {})
                bus = self.resources.placeholders["bus"]
                target = {"Id": "Hub", "Arn": bus, "RoleArn": role, "DeadLetterConfig": {"Arn": queue}}
                for kind in kinds:
                    if kind.is_emitted_in(region):
                        self.resources.create_rule(kind.name, "default", kind.trigger.pattern, target, region=region)

    def _create_run(self) -> None:
        """Create the compliance run: its bucket, its functions, its state machine and its schedules."""
        call, known, name = self.resources.call, self.resources.placeholders, self.hub.workflow.name
        known["results_bucket"] = self._create_bucket(f"watchkeeper-results-{known['account']}")
        known["results"] = f"arn:aws:s3:::{known['results_bucket']}"
        steps = {
            step.name: self.resources.create_function(f"{name}-{step.name}", self.hub.step(step))
            for step in self.hub.workflow.steps
        }
        role = self.resources.create_role(f"watchkeeper-{name}", "states", self.hub.machine_statements(), steps)
        machine = call(
            "stepfunctions",
            "CreateStateMachine",
            name="watchkeeper",
            definition=json.dumps(definition(steps, known["partition"], known["account"])),
            roleArn=role,
            type="STANDARD",
            tracingConfiguration={"enabled": True},
        )["stateMachineArn"]
        of_map = {"machine": machine, "machine_name": machine.rpartition(":")[2]}
        self.resources.add_policy(role.rpartition("/")[2], "map", statements(MAP_PERMISSIONS), of_map)
        for scheduled in self.hub.run_schedules():
            self.resources.create_schedule(name, scheduled, "states:StartExecution", machine)

    def _create_bucket(self, name: str) -> str:
        """Create the bucket of the results; return its name."""
        call, region, locks = self.resources.call, self.resources.region, self.hub.locks_results
        bucket: dict[str, Any] = {"Bucket": name, **({"ObjectLockEnabledForBucket": True} if locks else {})}
        if region != "us-east-1":  # S3 refuses its name
            bucket["CreateBucketConfiguration"] = {"LocationConstraint": region}
        call("s3", "CreateBucket", **bucket)
        blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        call("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True))
        call("s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if locks:
            retention = {"DefaultRetention": {"Mode": LOCK_MODE, "Days": self.hub.results_kept.days}}
            lock = {"ObjectLockEnabled": "Enabled", "Rule": retention}
            call("s3", "PutObjectLockConfiguration", Bucket=name, ObjectLockConfiguration=lock)
        rule = {
            "ID": "",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": self.hub.results_kept.days},
            "NoncurrentVersionExpiration": {"NoncurrentDays": REPLACED_KEPT.days},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UPLOADS_ABORTED_AFTER.days},
        }
        call("s3", "PutBucketLifecycleConfiguration", Bucket=name, LifecycleConfiguration={"Rules": [rule]})
        return name


def _key(names: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)]


_KEY_ATTRIBUTES = dict.fromkeys([*TABLE_KEY, *(name for index in INDEXES for name in index.key)])
_TABLE: dict[str, Any] = {
    "TableName": TABLE_NAME,
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in _KEY_ATTRIBUTES],
    "KeySchema": _key(TABLE_KEY),
    "GlobalSecondaryIndexes": [
        {"IndexName": each.name, "KeySchema": _key(each.key), "Projection": {"ProjectionType": each.projection}}
        for each in INDEXES
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": STREAM_VIEW},
}
