"""The hub: one stack in the home Region, made from the manifests and the configuration."""

from collections.abc import Iterable

from aws_cdk import App, Environment, Stack, Validations
from constructs import Construct

from bundling.assets import Assets
from functions.catalog import COMPLIANCE_RUN, FUNCTIONS
from functions.shared.automation import Automation
from functions.shared.deployment.resources import STACK_NAME, HubDescription
from functions.shared.deployment.scope import is_listed, spokes
from functions.shared.settings import Settings
from infra.foundation.foundation import Foundation
from infra.functions.function import AutomationFunction
from infra.monitoring.alarms import Alarms
from infra.monitoring.dashboard import HubDashboard
from infra.nag import rule_packs
from infra.other_accounts.forwarder import add_forwarders
from infra.other_accounts.stack_sets import StackSets
from infra.other_accounts.templates import Templates, write_templates
from infra.outputs import add_outputs
from infra.tagging import apply_tags_and_boundary
from infra.webhooks import Webhook
from infra.workflow.compliance_run import ComplianceRun

_VERSIONS_KNOW_LAYERS = "@aws-cdk/aws-lambda:recognizeLayerVersion"
"""Without this flag, a change of the layer, which has our shared modules, makes no new version of a durable function.

Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html
"""


class HubStack(Stack):
    """The ledger, the channels, and a function for each automation that is not switched off.

    Attributes:
        functions: by the automation's name.
    """

    def __init__(self, scope: Construct, *, hub: HubDescription, assets: Assets, templates: Templates | None) -> None:
        """Create the stack in the home Region of the account that deploys it.

        Args:
            scope: the app.
            hub: what is deployed.
            assets: its code.
            templates: for the other accounts in scope; None where there are none.

        Raises:
            DeploymentError: AWS cannot deploy what the configuration asks for.
        """
        description = f"Watchkeeper's hub, configuration {hub.settings.config_hash}"
        super().__init__(scope, STACK_NAME, env=_environment(hub.settings), description=description)
        self.node.set_context(_VERSIONS_KNOW_LAYERS, True)  # noqa: FBT003  # a flag of the CDK
        foundation = Foundation.create(self, hub, assets.layer)
        alarms = Alarms(self, "Alarms", topic=foundation.channels.topic)
        alarms.watch_queue("Undelivered", foundation.dead_letters.undelivered)
        alarms.watch_queue("Failed", foundation.dead_letters.failed)
        webhooks = [
            Webhook(self, each, foundation=foundation) for each in hub.settings.section("notifications")["webhooks"]
        ]
        arns = [arn for webhook in webhooks for arn in webhook.arns]
        self.functions = {
            automation.name: AutomationFunction(self, automation, assets=assets, foundation=foundation, webhooks=arns)
            for automation in hub.automations
        }
        run = self._add_run(foundation, assets) if hub.sweeping else None
        functions = {name: each.function for name, each in self.functions.items()}
        shown = HubDashboard(self, "Dashboard", functions=functions, foundation=foundation)
        add_outputs(self, foundation=foundation, dashboard=shown.dashboard, functions=functions, run=run)
        if templates and (option := hub.options.stack_set):
            StackSets(self, "StackSets", option=option, templates=templates, foundation=foundation)

    def _add_run(self, foundation: Foundation, assets: Assets) -> ComplianceRun:
        pollers = [each.poller.function_arn for each in self.functions.values() if each.poller]
        return ComplianceRun(self, poller="".join(pollers[:1]), assets=assets, foundation=foundation)


def add_hub(app: App, settings: Settings, assets: Assets, automations: Iterable[Automation] = FUNCTIONS) -> HubStack:
    """Add the hub, its forwarders and cdk-nag's rules to *app*; write the templates for other accounts.

    Raises:
        DeploymentError: AWS cannot deploy what the configuration asks for.
    """
    hub = HubDescription.of(settings, automations, COMPLIANCE_RUN)
    Validations.of(app).add_plugins(*rule_packs(app))
    templates = write_templates(hub, into=app.outdir) if spokes(settings) or not is_listed(settings) else None
    stack = HubStack(app, hub=hub, assets=assets, templates=templates)
    add_forwarders(app, hub, after=stack)
    apply_tags_and_boundary(app, settings)
    return stack


def _environment(settings: Settings) -> Environment:
    account = settings.document["hub"]["account"]
    return Environment(region=settings.hub_region, account=None if account == "self" else account)
