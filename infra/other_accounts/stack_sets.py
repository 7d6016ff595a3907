"""Stack sets deploy the templates to the accounts in scope, except the management account."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, CfnStackSet
from constructs import Construct

from functions.shared.deployment.forwarding import forwarded, forwarding_regions
from functions.shared.deployment.options import StackSet
from functions.shared.deployment.resources import FORWARDER_STACK_NAME
from functions.shared.deployment.scope import spokes
from infra.foundation.foundation import Foundation
from infra.iam.policies import DeploymentError
from infra.other_accounts import forwarder, spoke
from infra.other_accounts.templates import Templates, as_text

TEMPLATE_BYTES = 51_200
"""Most bytes of a template that a stack set takes inline.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""


_TOLERATED_PERCENT = 10
"""If more accounts fail, the deployment is undone; the hub reports fewer as accounts that it cannot read."""


class StackSets(Construct):
    """One stack set for the spoke roles, in one Region, and one for the forwarders, in each.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html
    """

    def __init__(
        self, scope: Construct, id_: str, *, option: StackSet, templates: Templates, foundation: Foundation
    ) -> None:
        """Create both.

        Args:
            scope: the hub's stack.
            id_: of this construct.
            option: of the configuration.
            templates: of the spoke role and the forwarder.
            foundation: of the hub.

        Raises:
            DeploymentError: a template is longer than CloudFormation takes inline.
        """
        super().__init__(scope, id_)
        settings = foundation.hub.settings
        # EventBridge takes a rule only if the bus that it sends to is there and admits the account.
        self.node.add_dependency(
            *(foundation.channels.bus.node.find_child(sid) for sid in foundation.hub.bus_statements())
        )
        self._option, self._accounts = option, spokes(settings)
        parameters, home = {spoke.HUB_ACCOUNT_PARAMETER: Aws.ACCOUNT_ID}, settings.hub_region
        self._add("SpokeRoles", spoke.SPOKE_STACK_NAME, templates.spoke_role, parameters, [home])
        if regions := forwarding_regions(forwarded(settings, foundation.hub.automations)):
            parameters = {forwarder.HUB_BUS_PARAMETER: foundation.channels.bus.event_bus_arn}
            self._add("Forwarders", FORWARDER_STACK_NAME, templates.forwarder, parameters, [*regions])

    def _add(
        self, id_: str, name: str, template: Mapping[str, Any], parameters: Mapping[str, str], regions: list[str]
    ) -> None:
        CfnStackSet(
            self,
            id_,
            stack_set_name=f"{Aws.STACK_NAME}-{name.removeprefix('watchkeeper-')}",
            description=template["Description"],
            permission_model="SERVICE_MANAGED",
            call_as=self._option.call_as,
            auto_deployment=CfnStackSet.AutoDeploymentProperty(enabled=True, retain_stacks_on_account_removal=False),
            managed_execution={"Active": True},
            capabilities=["CAPABILITY_NAMED_IAM"],
            operation_preferences=CfnStackSet.OperationPreferencesProperty(
                failure_tolerance_percentage=_TOLERATED_PERCENT,
                max_concurrent_percentage=100,
                concurrency_mode="SOFT_FAILURE_TOLERANCE",
                region_concurrency_type="PARALLEL",
            ),
            parameters=[
                CfnStackSet.ParameterProperty(parameter_key=key, parameter_value=value)
                for key, value in parameters.items()
            ],
            stack_instances_group=[
                CfnStackSet.StackInstancesProperty(
                    deployment_targets=CfnStackSet.DeploymentTargetsProperty(
                        organizational_unit_ids=[*self._option.organizational_units],
                        account_filter_type="INTERSECTION" if self._accounts else None,
                        accounts=[*self._accounts] or None,
                    ),
                    regions=regions,
                )
            ],
            template_body=_inline(name, template),
        )


def _inline(name: str, template: Mapping[str, Any]) -> str:
    text = as_text(template)
    if len(text.encode()) > TEMPLATE_BYTES:
        raise DeploymentError(
            f"{name}: its template has {len(text.encode()):,} bytes, and a stack set takes {TEMPLATE_BYTES:,} inline. "
            f"Shorten the lists of the configuration, or take out deployment.stack_set and deploy it yourself."
        )
    return text
