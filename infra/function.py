"""One generic construct: a manifest becomes a function with its role, its log, what wakes it and what watches it."""

import json
from datetime import timedelta
from typing import assert_never, cast

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.shared.automation import Automation, EventTrigger, Permission, ScheduleTrigger, StreamTrigger
from infra.acknowledgements import acknowledge
from infra.alarms import NAMESPACE, Alarms
from infra.archives import Asset
from infra.foundation import ARCHITECTURE, RUNTIME, Foundation
from infra.house_rights import house_permissions
from infra.rights import Statement, statements
from infra.role import FunctionRole
from infra.triggers import LedgerTrigger, RateTrigger, RuleTrigger, logical

_RUNTIME_REASON = "the layer's compiled modules are those of Python 3.13, which AWS supports until 2029"
_RETRIES = 2
_LONGEST_WAIT = Duration.hours(6)


class AutomationFunction(Construct):
    """The function of one automation and all that belongs to it alone.

    Attributes:
        function: the Lambda function.
    """

    def __init__(self, scope: Construct, automation: Automation, *, asset: Asset, foundation: Foundation) -> None:
        """Create it as the manifest says.

        Raises:
            RightsError: the role cannot hold what the configuration asks for.
        """
        super().__init__(scope, logical(automation.name))
        self._automation = automation
        self._foundation = foundation
        self.function = self._create_function(asset)
        for trigger in automation.triggers:
            self._wake_by(trigger)
        self._watch()

    def _create_function(self, asset: Asset) -> lambda_.Function:
        permissions = (
            *self._automation.permissions,
            *house_permissions(self._automation, self._foundation.settings.scope),
        )
        log_group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=self._foundation.removal,
        )
        function = lambda_.Function(
            self,
            "Function",
            description=self._automation.summary,
            code=lambda_.Code.from_asset(str(asset.path), asset_hash=asset.digest),
            handler=self._automation.handler,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            layers=[self._foundation.layer],
            memory_size=self._automation.memory_mb,
            timeout=_duration(self._automation.timeout),
            environment=self._environment(),
            role=FunctionRole(
                self,
                "Rights",
                owner=self._automation.name,
                statements=self._statements(permissions),
                places={**self._foundation.places, "log_group": log_group.log_group_arn},
            ).role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            retry_attempts=_RETRIES,
            max_event_age=_LONGEST_WAIT,
            on_failure=destinations.SqsDestination(self._foundation.dead_letters.failed),
        )
        acknowledge(function, "L1", _RUNTIME_REASON)
        # CDK waits for the role twice, by reference and by name; cfn-lint would have it once.
        resource = cast("lambda_.CfnFunction", function.node.default_child)
        resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3005"]}})
        return function

    def _statements(self, permissions: tuple[Permission, ...]) -> tuple[Statement, ...]:
        settings = self._foundation.settings
        regions = settings.scope["regions"]
        section = settings.section(self._automation.name)
        return statements(permissions, section, regions if isinstance(regions, list) else ("*",))

    def _environment(self) -> dict[str, str]:
        """The places that the function may reach, what it may do elsewhere, and what Powertools needs to know."""
        channels, declared = self._foundation.channels, self._automation.permissions
        actions = sorted({statement.action for statement in self._statements(declared)})
        reachable = {
            "{topic}": ("TOPIC_ARN", channels.topic.topic_arn),
            "{bus}": ("BUS_NAME", channels.bus.event_bus_name),
        }
        reached = {resource for permission in declared for resource in permission.resources}
        return {
            "LEDGER_TABLE": self._foundation.ledger.table.table_name,
            "POWERTOOLS_SERVICE_NAME": self._automation.name,
            "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
            **({"SESSION_ACTIONS": json.dumps(actions)} if self._automation.run else {}),
            **dict(reachable[place] for place in sorted(reachable.keys() & reached)),
        }

    def _wake_by(self, trigger: EventTrigger | ScheduleTrigger | StreamTrigger) -> None:
        foundation, dead_letters = self._foundation, self._foundation.dead_letters
        match trigger:
            case EventTrigger():
                bus = foundation.channels.bus
                RuleTrigger(self, trigger, function=self.function, bus=bus, dead_letters=dead_letters)
            case ScheduleTrigger():
                RateTrigger(self, trigger, function=self.function, dead_letters=dead_letters)
            case StreamTrigger():
                table = foundation.ledger.table
                LedgerTrigger(self, trigger, function=self.function, table=table, dead_letters=dead_letters)
            case _:
                assert_never(trigger)

    def _watch(self) -> None:
        name = self._automation.name
        alarms = Alarms(self, "Alarms", topic=self._foundation.channels.topic)
        alarms.watch_function(name, self.function)
        rates = [trigger.every for trigger in self._automation.triggers if isinstance(trigger, ScheduleTrigger)]
        if self._automation.run and rates:
            alarms.watch_sweeps(name, min(rates))


def _duration(time: timedelta) -> Duration:
    return Duration.seconds(time.total_seconds())
