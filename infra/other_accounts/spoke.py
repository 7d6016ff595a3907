"""The spoke roles: the hub's functions assume them in every other account; one reads, the other one changes."""

from collections.abc import Iterable

from aws_cdk import App, Aws, BootstraplessSynthesizer, CfnParameter, Stack
from aws_cdk import aws_iam as iam

from functions.shared.automation import Automation
from functions.shared.deployment.permissions import changes
from functions.shared.deployment.resources import HubDescription
from infra.iam.role import ManagedRole, RoleRights
from infra.other_accounts.spoke_rights import spoke_statements
from infra.other_accounts.spoke_trust import functions_of, naming_condition, trust_conditions

SPOKE_STACK_NAME = "watchkeeper-spoke-role"
"""Name of the template."""

HUB_ACCOUNT_PARAMETER = "HubAccount"
"""The template's parameter."""


class SpokeRoleTemplate(Stack):
    """The roles, once for each account; their names are the same in all of them."""

    def __init__(self, app: App, *, hub: HubDescription) -> None:
        """Create the stack, which takes the hub's account as its parameter unless the configuration names it.

        Raises:
            DeploymentError: a role cannot hold what the configuration asks for.
        """
        settings = hub.settings
        super().__init__(
            app,
            SPOKE_STACK_NAME,
            description=f"Watchkeeper: what a hub may do here, configuration {settings.config_hash}",
            synthesizer=BootstraplessSynthesizer(),
        )
        known = settings.document["hub"]["account"]
        self._hub = hub
        self._account = CfnParameter(
            self,
            HUB_ACCOUNT_PARAMETER,
            description="The account that the hub stands in",
            allowed_pattern="^[0-9]{12}$",
            default=None if known == "self" else known,
        ).value_as_string
        self._add_role("Spoke", hub.sweeping, is_changing=False)
        if with_changes := [each for each in hub.sweeping if changes(each, settings)]:
            self._add_role("SpokeApply", with_changes, is_changing=True)

    def _add_role(self, id_: str, automations: Iterable[Automation], *, is_changing: bool) -> None:
        """Add the role that reads or the one that changes, for the functions of some automations.

        Raises:
            DeploymentError: it cannot hold its rights, or its trust policy is too long.
        """
        hub, settings = self._hub, self._hub.settings
        held = (each for each in spoke_statements(settings, hub.sweeping) if each.changes is is_changing)
        owner = "the spoke role that changes" if is_changing else "the spoke role"
        rights = RoleRights(owner, tuple(held), {"partition": Aws.PARTITION, "account": Aws.ACCOUNT_ID})
        functions, principal = (
            functions_of(automations, with_pollers=not is_changing),
            iam.AccountPrincipal(self._account),
        )
        demanded = trust_conditions(hub, functions, f"arn:{Aws.PARTITION}:iam::{self._account}:")
        naming = iam.PolicyStatement(
            principals=[principal], actions=["sts:SetSourceIdentity"], conditions=naming_condition(functions)
        )
        name = settings.changing_role if is_changing else settings.spoke_role
        ManagedRole(self, id_, rights, assumed_by=principal.with_conditions(demanded), name=name).add_trust(naming)
