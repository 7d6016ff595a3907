"""The resources of a hub: their names, their limits, and what each function and schedule is made of.

``{table}``, ``{topic}`` and others are placeholders: their values are known when the resources have been created.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from functions.shared.automation import (
    LEAST_DISK_MB,
    Automation,
    DurableFunction,
    Permission,
    ScheduleTrigger,
    Step,
    Workflow,
)
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.deployment.bus_policy import bus_statements
from functions.shared.deployment.event_rules import HubsOwn, RuleDescription, rules_of
from functions.shared.deployment.forwarding import admitted_sources, forwarded
from functions.shared.deployment.options import DeploymentOptions
from functions.shared.deployment.permissions import (
    DURABLE_PERMISSIONS,
    MACHINE_PERMISSIONS,
    RUNTIME_PERMISSIONS,
    common_permissions,
    option_permissions,
    sender_permissions,
    source_identity,
    sweeping_permissions,
)
from functions.shared.deployment.scope import how_written, is_listed, regions_of, spokes
from functions.shared.deployment.statements import RoleStatement, statements, united
from functions.shared.ledger.records import DUE_INDEX, THREAD_INDEX
from functions.shared.settings import Settings

STACK_NAME = "watchkeeper"
FORWARDER_STACK_NAME = "watchkeeper-forwarder"
"""Of the template for any account and Region; the app's own forwarders add their Region to it."""
BUS_NAME = "watchkeeper"
"""A fixed name, because forwarders in other accounts and Regions send to this bus."""

TABLE_PARAMETER = "/watchkeeper/ledger-table"
"""The SSM parameter that names the ledger's table, in the hub's account and Region."""

TABLE_PARAMETER_SAYS = "Name of Watchkeeper's ledger table"

DISPLAY_NAME = "Watchkeeper"
"""Of the topic."""

METRICS_NAMESPACE = "Watchkeeper"

ALIAS = "live"
"""Of a durable function, which can only be invoked by an alias or a version."""


@dataclass(frozen=True, slots=True)
class TableIndex:
    """A global secondary index of the ledger's table.

    Attributes:
        name: of the index.
        key: the attributes that are its partition key and its sort key.
        projection: which attributes of an item it holds.
    """

    name: str
    key: tuple[str, str]
    projection: Literal["ALL", "KEYS_ONLY"]


TABLE_KEY = ("pk", "sk")
"""The partition key and the sort key of the ledger's table; all keys are texts."""

INDEXES = (
    TableIndex(DUE_INDEX, ("queue", "due_at"), projection="ALL"),
    TableIndex(THREAD_INDEX, ("thread_id", "sk"), projection="KEYS_ONLY"),
)
"""Of the ledger's table."""

STREAM_VIEW = "NEW_AND_OLD_IMAGES"
EXPIRES_AT = "expires_at"
"""The attribute that says when DynamoDB may delete an item of the ledger."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how often something is tried before it goes to a dead-letter queue."""

    longest: timedelta
    retries: int


DELIVERY = RetryPolicy(timedelta(hours=24), retries=185)
"""Of rules and schedules; records of the stream are as long."""

INVOCATION = RetryPolicy(timedelta(hours=6), retries=2)
"""Of functions that are invoked asynchronously."""

DEAD_LETTERS_KEPT = timedelta(days=14)

STREAM_GATHERS = timedelta(seconds=10)
"""Records of the ledger's stream within this time come as one batch, and become one digest."""

UPLOADS_ABORTED_AFTER = timedelta(days=14)
"""In the bucket of the results."""

LOCK_MODE = "GOVERNANCE"
"""Of S3 Object Lock, where the configuration asks for it: a person with a right of its own can end it, no function."""

REPLACED_KEPT = timedelta(days=30)
"""Versions of results that were replaced or deleted: for so long a report that somebody changed can be compared."""

FORWARDER_ALARMS = ("watchkeeper-forwarder-undelivered", "watchkeeper-forwarder-overlooked")
"""Fixed names of a forwarder's alarms: the hub tells people of no other alarm of another account."""


def alarm_pattern(arns: Iterable[str]) -> dict[str, Any]:
    """Return the pattern by which a forwarder sends its own alarms, of these *arns*, when they go off."""
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "resources": [*arns],
        "detail": {"state": {"value": ["ALARM"]}},
    }


_TRACES = RoleStatement(
    "XRay",
    ("xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    ("*",),
    conditions={},
    reason="X-Ray's actions take no resource",
)
"""What a state machine does to be traced."""


@dataclass(frozen=True, slots=True)
class FunctionDescription:
    """A Lambda function.

    Attributes:
        name: in its log, its metrics and messages; a poller has the name of its automation.
        summary: what it does, in one line.
        handler: dotted path.
        statements: all rights of its role.
        environment: its variables.
        timeout: of one invocation.
        memory_mb: of the function.
        durable: how long it may last, where it is a durable function.
        reserved_concurrency: executions that it has for itself, and at most has; None if the account's are shared.
        disk_mb: of its temporary files.
    """

    name: str
    summary: str
    handler: str
    statements: tuple[RoleStatement, ...]
    environment: Mapping[str, str]
    timeout: timedelta
    memory_mb: int
    durable: DurableFunction | None = None
    reserved_concurrency: int | None = None
    disk_mb: int = LEAST_DISK_MB


@dataclass(frozen=True, slots=True)
class ScheduledEvent:
    """What EventBridge Scheduler gives its target, and when.

    Attributes:
        name: unique among the schedules of one target.
        expression: a rate, or a time in UTC.
        event: the target's input.
    """

    name: str
    expression: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HubDescription:
    """The hub of one configuration.

    Attributes:
        settings: the compiled configuration.
        automations: those that are on.
        workflow: the compliance run.
    """

    settings: Settings
    automations: tuple[Automation, ...]
    workflow: Workflow

    @classmethod
    def of(cls, settings: Settings, automations: Iterable[Automation], workflow: Workflow) -> "HubDescription":
        """Describe the hub that runs those of *automations* that the configuration does not switch off."""
        on = tuple(each for each in automations if settings.section(each.name).get("mode") != "off")
        return cls(settings, on, workflow)

    @property
    def options(self) -> DeploymentOptions:
        """The section ``deployment``."""
        return DeploymentOptions.of(self.settings)

    @property
    def sweeping(self) -> tuple[Automation, ...]:
        """The automations that sweep; without one there is no compliance run."""
        return tuple(each for each in self.automations if each.run)

    @property
    def keeps_data(self) -> bool:
        """The ledger, the logs and the reports stay when the stack is deleted."""
        return bool(self.settings.document["removal"] != "destroy")

    @property
    def results_kept(self) -> timedelta:
        """How long a report is kept."""
        return timedelta(days=self.settings.document["report"]["retention_days"])

    @property
    def locks_results(self) -> bool:
        """Nobody can delete a version of a report for as long as it is kept, but who may bypass S3 Object Lock."""
        return bool(self.settings.document["report"]["object_lock"])

    def function(self, automation: Automation) -> FunctionDescription:
        """Describe the function of an automation."""
        common = common_permissions(automation, self.settings)
        return FunctionDescription(
            name=automation.name,
            summary=automation.summary,
            handler=automation.handler,
            statements=(*self._statements(automation, *automation.permissions, *common), *self._of_options()),
            environment=_environment(
                automation.name,
                automation.permissions,
                session=self._statements(automation, *automation.permissions) if automation.run else (),
            ),
            timeout=automation.timeout,
            memory_mb=automation.memory_mb,
            reserved_concurrency=self.options.reserved_concurrency,
        )

    def poller(self, automation: Automation, poller: DurableFunction) -> FunctionDescription:
        """Describe the durable function that an automation's own function starts."""
        worker = replace(
            automation,
            handler=poller.handler,
            permissions=(*poller.permissions, *DURABLE_PERMISSIONS),
            triggers=(),
            timeout=poller.timeout,
            memory_mb=poller.memory_mb,
        )
        return replace(self.function(worker), durable=poller)

    def step(self, step: Step) -> FunctionDescription:
        """Describe the function of one step of the compliance run."""
        name, runs = f"{self.workflow.name} {step.name}", self.sweeping if step.runs_automations else ()
        own = statements(step.permissions, how_written(self.settings), regions_of(self.settings))
        of_runs = [right for each in runs for right in self._statements(each, *each.permissions)]
        sweeps = sweeping_permissions(self.settings, name, runs) if runs else ()
        environment = _environment(
            name,
            (*step.permissions, *(permission for each in runs for permission in each.permissions)),
            session=(*of_runs, *own) if runs else (),
        )
        return FunctionDescription(
            name=name,
            summary=step.summary,
            handler=step.handler,
            statements=(*united((*of_runs, *own, *statements((*RUNTIME_PERMISSIONS, *sweeps)))), *self._of_options()),
            environment={**environment, "RESULTS_BUCKET": "{results_bucket}"},
            timeout=step.timeout,
            memory_mb=step.memory_mb,
            disk_mb=step.disk_mb,
        )

    def schedules(self, automation: Automation) -> tuple[ScheduledEvent, ...]:
        """Return the schedules of an automation's function; none if compliance runs sweep at the same rate instead."""
        if automation.run and self.settings.fans_out:
            return ()
        triggers = (trigger for trigger in automation.triggers if isinstance(trigger, ScheduleTrigger))
        return tuple(ScheduledEvent(trigger.name, _rate(trigger.every), SWEEP_EVENT) for trigger in triggers)

    def run_schedules(self) -> tuple[ScheduledEvent, ...]:
        """Return the schedules of the compliance run: the daily one with the report, and those for sweeps."""
        by_rate: dict[str, list[str]] = {}
        for automation in self.sweeping if self.settings.fans_out else ():
            if (every := sweep_rate(automation)) is not None:
                by_rate.setdefault(_rate(every), []).append(automation.name)
        return (
            ScheduledEvent("daily", self.workflow.report_at, {"report": True}),
            *(
                ScheduledEvent(f"every_{_name_of(rate)}", rate, {"automations": names, "report": False})
                for rate, names in by_rate.items()
            ),
        )

    def machine_statements(self) -> tuple[RoleStatement, ...]:
        """Return what the state machine of the compliance run may do."""
        return (*statements((*MACHINE_PERMISSIONS, *sender_permissions(self.options))), _TRACES)

    def rules(self, automation: Automation, own: HubsOwn) -> tuple[RuleDescription, ...]:
        """Return the rules that trigger an automation's function."""
        return tuple(rules_of(automation, self.settings, BUS_NAME, own))

    def bus_statements(self) -> dict[str, Any]:
        """Return the statements of the bus's policy, by their Sids."""
        sources = admitted_sources(forwarded(self.settings, self.automations))
        accounts = spokes(self.settings) if is_listed(self.settings) else None
        return bus_statements(sources, accounts, self.options.organization_id)

    def _statements(self, automation: Automation, *permissions: Permission) -> tuple[RoleStatement, ...]:
        return statements(permissions, self.settings.section(automation.name), regions_of(self.settings))

    def _of_options(self) -> tuple[RoleStatement, ...]:
        return statements(option_permissions(self.options))


def sweep_rate(automation: Automation) -> timedelta | None:
    """Return the time between two sweeps of an automation; None if it has no schedule."""
    return min((each.every for each in automation.triggers if isinstance(each, ScheduleTrigger)), default=None)


def _environment(name: str, permissions: Iterable[Permission], session: Iterable[RoleStatement]) -> dict[str, str]:
    """Return the variables of a function.

    Args:
        name: in its log and its metrics.
        permissions: of its manifest; only what they name is in the variables.
        session: what its sessions in other accounts are narrowed to; nothing for a function that has none.
    """
    variables = {
        "{bus}": ("BUS_NAME", "{bus_name}"),
        "{poller}": ("POLLER_ARN", "{poller}"),
        "{topic}": ("TOPIC_ARN", "{topic}"),
    }
    named = {resource for permission in permissions for resource in permission.resources}
    held = tuple(session)
    reads, changes = (sorted({each.action for each in held if each.changes is kind}) for kind in (False, True))
    return {
        "LEDGER_TABLE": "{table_name}",
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        **({"SOURCE_IDENTITY": source_identity(name), "SESSION_ACTIONS": json.dumps(reads)} if held else {}),
        **({"SESSION_CHANGES": json.dumps(changes)} if changes else {}),
        **dict(variable for placeholder, variable in variables.items() if placeholder in named),
    }


def _rate(every: timedelta) -> str:
    """Write a rate of whole minutes as EventBridge Scheduler does."""
    units = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    unit, length = next((unit, length) for unit, length in units.items() if not every % length)
    count = every // length
    return f"rate({count} {unit}{'s' * (count > 1)})"


def _name_of(rate: str) -> str:
    return rate.removeprefix("rate(").removesuffix(")").replace(" ", "_")
