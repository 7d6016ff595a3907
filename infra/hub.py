"""The hub: one stack in the home Region, made from the manifests and the configuration."""

from collections.abc import Iterable

from aws_cdk import App, Environment, Stack, Tags, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import Construct

from functions.catalog import FUNCTIONS
from functions.shared.automation import Automation
from functions.shared.settings import Settings
from infra.alarms import Alarms
from infra.assets import Assets
from infra.forwarder import add_forwarders
from infra.foundation import Foundation
from infra.function import AutomationFunction
from infra.webhooks import Webhook

STACK_NAME = "watchkeeper"
"""Name of the hub's stack."""


class HubStack(Stack):
    """The ledger, the ways out, and a function for each automation that is not switched off.

    Attributes:
        functions: by the automation's name.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        settings: Settings,
        assets: Assets,
        automations: Iterable[Automation] = FUNCTIONS,
    ) -> None:
        """Create the stack in the home Region, for whatever account deploys it.

        Raises:
            RightsError: a role cannot hold what the configuration asks for.
            TopicError: the configuration's topic cannot be used.
        """
        description = f"Watchkeeper's hub, configuration {settings.config_hash}"
        super().__init__(scope, STACK_NAME, env=_environment(settings), description=description)
        Tags.of(self).add("application", STACK_NAME)
        foundation = Foundation.lay(self, settings, assets.layer)
        self._watch(foundation)
        self._post(foundation)
        self.functions = {
            automation.name: AutomationFunction(
                self,
                automation,
                assets=assets,
                foundation=foundation,
            )
            for automation in automations
            if settings.section(automation.name).get("mode") != "off"
        }

    def _post(self, foundation: Foundation) -> None:
        bus, undelivered = foundation.channels.bus, foundation.dead_letters.undelivered
        for webhook in foundation.settings.section("notifications")["webhooks"]:
            Webhook(self, f"Webhook-{webhook['name']}", webhook, bus=bus, undelivered=undelivered)

    def _watch(self, foundation: Foundation) -> None:
        alarms = Alarms(self, "Alarms", topic=foundation.channels.topic)
        alarms.watch_queue("Undelivered", foundation.dead_letters.undelivered)
        alarms.watch_queue("Failed", foundation.dead_letters.failed)


def add_hub(app: App, settings: Settings, assets: Assets, automations: Iterable[Automation] = FUNCTIONS) -> HubStack:
    """Add the hub and its forwarders to *app*, and the rules that fail its synthesis."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    add_forwarders(app, settings, automations)
    return HubStack(app, settings=settings, assets=assets, automations=automations)


def _environment(settings: Settings) -> Environment:
    account = settings.document["hub"]["account"]
    return Environment(region=settings.hub_region, account=None if account == "self" else account)
