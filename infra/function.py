"""One generic construct: a manifest becomes a function with its role, its log, what wakes it and what watches it."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never, cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.shared.automation import (
    Automation,
    DurableFunction,
    EventTrigger,
    Permission,
    ScheduleTrigger,
    StreamTrigger,
)
from infra.acknowledgements import acknowledge
from infra.alarms import Alarms
from infra.archives import Asset
from infra.assets import Assets
from infra.environment import environment
from infra.foundation import ARCHITECTURE, RUNTIME, Foundation
from infra.house_rights import DURABLE_PERMISSIONS, house_permissions
from infra.logical_ids import logical
from infra.option_rights import key_permissions, sender_actions, vpc_permissions
from infra.rights import Statement, statements
from infra.role import FunctionRole
from infra.triggers import LedgerTrigger, RateTrigger, RuleTrigger

_RUNTIME_REASON = "the layer's compiled modules are those of Python 3.13, which AWS supports until 2029"
_DESTINATION_REASON = "what it fails at goes to a destination, which unlike a dead-letter queue keeps the error too"
_RETRIES = 2
_LONGEST_WAIT = Duration.hours(6)


class AutomationFunction(Construct):
    """The function of one automation and all that belongs to it alone.

    Attributes:
        function: the Lambda function.
        poller: the alias of the durable function that it starts; None where it starts none.
    """

    def __init__(self, scope: Construct, automation: Automation, *, assets: Assets, foundation: Foundation) -> None:
        """Create it as the manifest says.

        Raises:
            RightsError: the role cannot hold what the configuration asks for.
        """
        super().__init__(scope, logical(automation.name))
        self._automation = automation
        self._foundation = foundation
        self.poller: lambda_.Alias | None = None
        if automation.poller:
            self.poller = self._create_poller(automation.poller, assets)
        self.function = self._create_function(self, automation, assets.functions[automation.name])
        for trigger in automation.triggers:
            self._wake_by(trigger)
        self._watch()

    def _create_poller(self, poller: DurableFunction, assets: Assets) -> lambda_.Alias:
        """Create the durable function, whose versions stay: an execution ends on the version that it began on."""
        scope = Construct(self, "Poller")
        worker = replace(
            self._automation,
            handler=poller.handler,
            permissions=(*poller.permissions, *DURABLE_PERMISSIONS),
            timeout=poller.timeout,
            memory_mb=poller.memory_mb,
        )
        durable = lambda_.DurableConfig(
            execution_timeout=_duration(poller.execution_timeout),
            retention_period=Duration.days(poller.retention_days),
        )
        function = self._create_function(scope, worker, assets.pollers[worker.name], durable)
        alias = lambda_.Alias(scope, "Alias", alias_name="live", version=function.current_version)
        failed = self._foundation.dead_letters.failed
        alias.configure_async_invoke(
            on_failure=destinations.SqsDestination(failed), retry_attempts=_RETRIES, max_event_age=_LONGEST_WAIT
        )
        Alarms(scope, "Alarms", topic=self._foundation.channels.topic).watch_function(f"{worker.name} poller", function)
        return alias

    def _create_function(
        self, scope: Construct, automation: Automation, asset: Asset, durable: lambda_.DurableConfig | None = None
    ) -> lambda_.Function:
        permissions = (
            *automation.permissions,
            *house_permissions(automation, self._foundation.settings.scope),
            *key_permissions(self._foundation.options),
            *vpc_permissions(self._foundation.options),
        )
        log_group = self._create_log(scope)
        function = lambda_.Function(
            scope,
            "Function",
            description=automation.summary,
            code=lambda_.Code.from_asset(str(asset.path), asset_hash=asset.digest),
            handler=automation.handler,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            layers=[self._foundation.layer],
            memory_size=automation.memory_mb,
            timeout=_duration(automation.timeout),
            environment=environment(
                automation, self._statements(automation.permissions), self._foundation, self._places
            ),
            environment_encryption=self._foundation.key,
            role=FunctionRole(
                scope,
                "Rights",
                owner=automation.name,
                statements=self._statements(permissions),
                places={**self._places, "log_group": log_group.log_group_arn},
            ).role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            retry_attempts=_RETRIES,
            max_event_age=_LONGEST_WAIT,
            on_failure=destinations.SqsDestination(self._foundation.dead_letters.failed),
            durable_config=durable,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        acknowledge(function, "L1", _RUNTIME_REASON)
        acknowledge(function, "LambdaLatestVersion", _RUNTIME_REASON, pack="Serverless")
        acknowledge(function, "LambdaDLQ", _DESTINATION_REASON, pack="Serverless")
        # CDK waits for the role twice, by reference and by name; cfn-lint would have it once.
        resource = cast("lambda_.CfnFunction", function.node.default_child)
        resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3005"]}})
        if vpc := self._foundation.options.vpc:
            resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
                subnet_ids=[*vpc.subnet_ids], security_group_ids=[*vpc.security_group_ids]
            )
        return function

    def _create_log(self, scope: Construct) -> logs.LogGroup:
        foundation = self._foundation
        group = logs.LogGroup(scope, "Log", encryption_key=foundation.key, removal_policy=foundation.removal)
        cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = foundation.options.log_retention_days
        return group

    def _statements(self, permissions: tuple[Permission, ...]) -> tuple[Statement, ...]:
        settings = self._foundation.settings
        regions = settings.scope["regions"]
        section = settings.section(self._automation.name)
        return statements(permissions, section, regions if isinstance(regions, list) else ("*",))

    @property
    def _places(self) -> dict[str, str]:
        """What stands for the places in a permission's resources."""
        poller = {"poller": self.poller.function_arn} if self.poller else {}
        return self._foundation.places | poller

    def _wake_by(self, trigger: EventTrigger | ScheduleTrigger | StreamTrigger) -> None:
        foundation, dead_letters = self._foundation, self._foundation.dead_letters
        match trigger:
            case EventTrigger():
                bus = foundation.channels.bus
                RuleTrigger(self, trigger, function=self.function, bus=bus, dead_letters=dead_letters)
            case ScheduleTrigger():
                RateTrigger(
                    self,
                    trigger,
                    function=self.function,
                    dead_letters=dead_letters,
                    sends_with=(foundation.options.kms_key_arn, sender_actions(foundation.options)),
                )
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
