"""One generic construct: a manifest becomes a function with its role, its log, what wakes it and what watches it."""

from dataclasses import replace
from typing import assert_never

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bundling.archives import Asset
from bundling.assets import Assets
from functions.shared.automation import (
    Automation,
    DurableFunction,
    EventTrigger,
    Permission,
    ScheduleTrigger,
    StreamTrigger,
)
from functions.shared.deployment.permissions import DURABLE_PERMISSIONS, common_permissions
from functions.shared.deployment.scope import fans_out, regions_of
from functions.shared.deployment.statements import Statement, statements
from functions.shared.run.events import SWEEP_EVENT
from infra.foundation.foundation import Foundation
from infra.functions.environment import environment
from infra.functions.lambda_function import FunctionPlan, create_alias, create_function, duration
from infra.functions.schedules import Schedule, Woken, rate
from infra.functions.triggers import LedgerTrigger, RuleTrigger
from infra.logical_ids import logical
from infra.monitoring.alarms import Alarms


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
            self.poller = self._create_poller(automation.poller, assets.pollers[automation.name])
        self.function = create_function(self, self._plan(automation, assets.functions[automation.name]), foundation)
        for trigger in automation.triggers:
            self._wake_by(trigger)
        self._watch()

    def _create_poller(self, poller: DurableFunction, asset: Asset) -> lambda_.Alias:
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
            execution_timeout=duration(poller.execution_timeout),
            retention_period=Duration.days(poller.retention_days),
        )
        function = create_function(scope, self._plan(worker, asset, durable), self._foundation)
        Alarms(scope, "Alarms", topic=self._foundation.channels.topic).watch_function(f"{worker.name} poller", function)
        return create_alias(scope, function)

    def _plan(self, automation: Automation, asset: Asset, durable: lambda_.DurableConfig | None = None) -> FunctionPlan:
        common = common_permissions(automation, self._foundation.settings)
        declared = [statement.action for statement in self._statements(automation.permissions)]
        return FunctionPlan(
            owner=automation.name,
            summary=automation.summary,
            handler=automation.handler,
            asset=asset,
            statements=self._statements((*automation.permissions, *common)),
            places=self._places,
            environment=environment(
                automation.name,
                automation.permissions,
                self._foundation,
                self._places,
                session_actions=declared if automation.run else None,
            ),
            timeout=automation.timeout,
            memory_mb=automation.memory_mb,
            durable=durable,
        )

    def _statements(self, permissions: tuple[Permission, ...]) -> tuple[Statement, ...]:
        settings = self._foundation.settings
        return statements(permissions, settings.section(self._automation.name), regions_of(settings))

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
            case ScheduleTrigger() if self._automation.run and fans_out(foundation.settings):
                pass  # the compliance run sweeps so many targets, at that rate
            case ScheduleTrigger():
                woken = Woken(self.function.function_arn, "lambda:InvokeFunction", SWEEP_EVENT)
                Schedule(
                    self, logical(trigger.name), expression=rate(trigger.every), woken=woken, foundation=foundation
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
