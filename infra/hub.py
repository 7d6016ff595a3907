"""The hub: one stack in the home Region, made from the manifests and the configuration."""

from collections.abc import Iterable, Sequence

from aws_cdk import App, Environment, Stack, Validations
from constructs import Construct

from bundling.assets import Assets
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Automation
from functions.shared.deployment.forwarding import forwarded, forwarding_regions
from functions.shared.deployment.options import Options
from functions.shared.deployment.scope import is_listed, spokes
from functions.shared.settings import Settings
from infra.foundation.foundation import Foundation
from infra.functions.function import AutomationFunction
from infra.monitoring.alarms import Alarms
from infra.monitoring.dashboard import Dashboard
from infra.other_accounts.forwarded_alarms import ForwardedAlarms
from infra.other_accounts.forwarder import add_forwarders
from infra.other_accounts.stack_sets import StackSets
from infra.other_accounts.templates import Templates, write_templates
from infra.outputs import add_outputs
from infra.rule_packs import rule_packs
from infra.tagging import dress
from infra.webhooks import Webhook
from infra.workflow.compliance_run import ComplianceRun

STACK_NAME = "watchkeeper"
"""Name of the hub's stack."""

_VERSIONS_KNOW_LAYERS = "@aws-cdk/aws-lambda:recognizeLayerVersion"
"""Without it no change of the layer, where our shared modules are, would make a new version of a durable function.

Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html
"""


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
        templates: Templates | None = None,
    ) -> None:
        """Create the stack in the home Region, for whatever account deploys it.

        Args:
            scope: the app.
            settings: the compiled configuration.
            assets: what is deployed.
            automations: that there are.
            templates: for the other accounts in scope; None where there are none.

        Raises:
            RightsError: a role, or a stack set, cannot hold what the configuration asks for.
            TopicError: the configuration's topic cannot be used.
        """
        description = f"Watchkeeper's hub, configuration {settings.config_hash}"
        super().__init__(scope, STACK_NAME, env=_environment(settings), description=description)
        self.node.set_context(_VERSIONS_KNOW_LAYERS, True)  # noqa: FBT003  # a flag of the CDK
        foundation = Foundation.lay(self, settings, assets.layer)
        self._watch(foundation)
        self._post(foundation)
        self.functions = {
            automation.name: AutomationFunction(self, automation, assets=assets, foundation=foundation)
            for automation in automations
            if settings.section(automation.name).get("mode") != "off"
        }
        sweeping = [each for each in automations if each.run and each.name in self.functions]
        run = self._run(foundation, sweeping, assets) if sweeping else None
        self._tell(foundation, sweeping, run)
        if templates and (option := Options.of(settings).stack_set):
            kinds = forwarded(settings, automations)
            StackSets(self, "StackSets", option=option, accounts=spokes(settings)).deploy(
                templates,
                home=settings.hub_region,
                regions=forwarding_regions(kinds),
                bus=foundation.channels.bus,
            )

    def _run(self, foundation: Foundation, sweeping: Sequence[Automation], assets: Assets) -> ComplianceRun:
        pollers = [each.poller.function_arn for each in self.functions.values() if each.poller]
        return ComplianceRun(
            self,
            COMPLIANCE_RUN,
            automations=sweeping,
            places={"poller": pollers[0]} if pollers else {},
            assets=assets,
            foundation=foundation,
        )

    def _tell(self, foundation: Foundation, sweeping: Iterable[Automation], run: ComplianceRun | None) -> None:
        functions = {name: each.function for name, each in self.functions.items()}
        shown = Dashboard(
            self, "Dashboard", automations=sweeping, functions=functions, dead_letters=foundation.dead_letters
        )
        add_outputs(self, foundation=foundation, dashboard=shown.dashboard, functions=functions, run=run)

    def _post(self, foundation: Foundation) -> None:
        bus, undelivered = foundation.channels.bus, foundation.dead_letters.undelivered
        for webhook in foundation.settings.section("notifications")["webhooks"]:
            Webhook(self, f"Webhook-{webhook['name']}", webhook, bus=bus, undelivered=undelivered)

    def _watch(self, foundation: Foundation) -> None:
        channels, dead_letters = foundation.channels, foundation.dead_letters
        ForwardedAlarms(self, "ForwardedAlarms", bus=channels.bus, topic=channels.topic, dead_letters=dead_letters)
        alarms = Alarms(self, "Alarms", topic=channels.topic)
        alarms.watch_queue("Undelivered", dead_letters.undelivered)
        alarms.watch_queue("Failed", dead_letters.failed)


def add_hub(app: App, settings: Settings, assets: Assets, automations: Iterable[Automation] = FUNCTIONS) -> HubStack:
    """Add the hub and its forwarders to *app*, the rules that fail its synthesis, and the templates for elsewhere.

    Raises:
        RightsError: a role, or the bus, cannot hold what the configuration asks for.
        TopicError: the configuration's topic cannot be used.
    """
    wanted = tuple(automations)
    Validations.of(app).add_plugins(*rule_packs(app))
    templates = None
    if spokes(settings) or not is_listed(settings):
        templates = write_templates(settings, wanted, hub_stack=STACK_NAME, into=app.outdir)
    add_forwarders(app, settings, wanted)
    hub = HubStack(app, settings=settings, assets=assets, automations=wanted, templates=templates)
    dress(app, settings)
    return hub


def _environment(settings: Settings) -> Environment:
    account = settings.document["hub"]["account"]
    return Environment(region=settings.hub_region, account=None if account == "self" else account)
