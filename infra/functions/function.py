"""One generic construct: a manifest becomes a function with its role, its log, its triggers and its alarms."""

from collections.abc import Sequence
from itertools import groupby

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bundling.assets import Assets
from functions.shared.automation import Automation, StreamTrigger
from functions.shared.deployment.event_rules import HubsOwn
from functions.shared.deployment.resources import ALIAS, sweep_rate
from infra.foundation.foundation import Foundation
from infra.functions.lambda_function import create_function
from infra.functions.schedules import EventSchedule
from infra.functions.triggers import LedgerTrigger, RuleTrigger
from infra.logical_ids import logical
from infra.monitoring.alarms import Alarms


class AutomationFunction(Construct):
    """The function of one automation and all that belongs to it alone.

    Attributes:
        function: the Lambda function.
        poller: the alias of the durable function that it starts; None where it starts none.
    """

    def __init__(
        self,
        scope: Construct,
        automation: Automation,
        *,
        assets: Assets,
        foundation: Foundation,
        webhooks: Sequence[str] = (),
    ) -> None:
        """Create it as the manifest says.

        Args:
            scope: the hub's stack.
            automation: the manifest.
            assets: what is deployed.
            foundation: what the hub's functions share.
            webhooks: ARNs of the webhooks' API destinations and connections.

        Raises:
            DeploymentError: the role cannot hold what the configuration asks for.
        """
        super().__init__(scope, logical(automation.name))
        self._foundation = foundation
        hub, asset, placeholders = foundation.hub, assets.functions[automation.name], foundation.placeholders
        self.poller = self._create_poller(automation, assets)
        if self.poller:
            placeholders |= {"poller": self.poller.function_arn}
        self.function = create_function(self, hub.function(automation), asset, foundation, placeholders)
        poller = self.poller.lambda_.function_arn if self.poller else ""
        self._add_triggers(automation, HubsOwn(Stack.of(self).account, poller, webhooks))
        alarms = Alarms(self, "Alarms", topic=foundation.channels.topic)
        alarms.watch_function(automation.name, self.function)
        if automation.run and (every := sweep_rate(automation)):
            alarms.watch_sweeps(automation.name, every)

    def _create_poller(self, automation: Automation, assets: Assets) -> lambda_.Alias | None:
        """Create the durable function, whose versions stay: an execution ends on the version that it began on."""
        if automation.poller is None:
            return None
        scope, foundation = Construct(self, "Poller"), self._foundation
        description, asset = foundation.hub.poller(automation, automation.poller), assets.pollers[automation.name]
        function = create_function(scope, description, asset, foundation, foundation.placeholders)
        Alarms(scope, "Alarms", topic=foundation.channels.topic).watch_function(f"{automation.name} poller", function)
        return lambda_.Alias(scope, "Alias", alias_name=ALIAS, version=function.current_version)

    def _add_triggers(self, automation: Automation, own: HubsOwn) -> None:
        function, foundation = self.function, self._foundation
        for trigger, rules in groupby(foundation.hub.rules(automation, own), key=lambda rule: rule.trigger):
            RuleTrigger(self, trigger, rules, function=function, foundation=foundation)
        for each in automation.triggers:
            if isinstance(each, StreamTrigger):
                LedgerTrigger(self, each, function=function, foundation=foundation)
        for scheduled in foundation.hub.schedules(automation):
            target, action = function.function_arn, "lambda:InvokeFunction"
            EventSchedule(self, scheduled, target=target, action=action, foundation=foundation)
