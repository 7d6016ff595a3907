"""The spoke role: the hub's functions assume it in every other account."""

from collections.abc import Iterable, Iterator, Mapping

from aws_cdk import App, Aws, BootstraplessSynthesizer, CfnParameter, Stack
from aws_cdk import aws_iam as iam

from functions.catalog import COMPLIANCE_RUN
from functions.shared.automation import Automation
from functions.shared.deployment.resources import STACK_NAME, HubDescription
from infra.iam.policies import DeploymentError
from infra.iam.role import ManagedRole, RoleRights
from infra.logical_ids import logical
from infra.other_accounts.spoke_rights import spoke_statements

SPOKE_STACK_NAME = "watchkeeper-spoke-role"
"""Name of the template."""

HUB_ACCOUNT_PARAMETER = "HubAccount"
"""The template's parameter."""

TRUST_CHARACTERS = 2_048
"""Most characters of a role's trust policy, unless AWS was asked for more.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_TRUST_FRAME = 280
_TRUST_ROLE = 75


class SpokeRoleTemplate(Stack):
    """The role, once for each account; its name is the same in all of them."""

    def __init__(self, app: App, *, hub: HubDescription) -> None:
        """Create the stack, which takes the hub's account as its parameter unless the configuration names it.

        Raises:
            DeploymentError: the role cannot hold what the configuration asks for.
        """
        settings = hub.settings
        super().__init__(
            app,
            SPOKE_STACK_NAME,
            description=f"Watchkeeper: what a hub may do here, configuration {settings.config_hash}",
            synthesizer=BootstraplessSynthesizer(),
        )
        placeholders = {"partition": Aws.PARTITION, "account": Aws.ACCOUNT_ID}
        ManagedRole(
            self,
            "Spoke",
            RoleRights("the spoke role", spoke_statements(settings, hub.sweeping), placeholders),
            assumed_by=self._roles_of(hub),
            name=settings.scope["spoke_role"],
        )

    def _roles_of(self, hub: HubDescription) -> iam.IPrincipal:
        """Return the roles of the hub's functions, by the beginnings of their generated names."""
        settings = hub.settings
        known = settings.document["hub"]["account"]
        account = CfnParameter(
            self,
            HUB_ACCOUNT_PARAMETER,
            description="The account that the hub stands in",
            allowed_pattern="^[0-9]{12}$",
            default=None if known == "self" else known,
        ).value_as_string
        names = [f"{STACK_NAME}-{start}RightsRole*" for start in _starts(hub.sweeping)]
        roles = [f"arn:{Aws.PARTITION}:iam::{account}:role/{name}" for name in names]
        equal = {
            "sts:ExternalId": settings.scope["external_id"],
            "aws:PrincipalOrgID": hub.options.organization_id,
        }
        asked = {key: value for key, value in equal.items() if value}
        conditions = {"ArnLike": {"aws:PrincipalArn": roles}, **({"StringEquals": asked} if asked else {})}
        _check(len(roles), asked)
        return iam.AccountPrincipal(account).with_conditions(conditions)


def _check(roles: int, asked: Mapping[str, str]) -> None:
    """Make sure that the trust policy, whose length is estimated from above, is not too long.

    Raises:
        DeploymentError: it is longer than IAM takes.
    """
    size = _TRUST_FRAME + roles * (_TRUST_ROLE + len(STACK_NAME)) + sum(len(f'"{k}":"{v}",') for k, v in asked.items())
    if size > TRUST_CHARACTERS:
        raise DeploymentError(
            f"the spoke role: what it demands of who assumes it has up to {size:,} characters, and IAM takes "
            f"{TRUST_CHARACTERS:,}. Shorten scope.external_id."
        )


def _starts(automations: Iterable[Automation]) -> Iterator[str]:
    """Yield how the logical ids of the functions' roles begin, of which CloudFormation makes their names."""
    for automation in automations:
        yield logical(automation.name)
        if automation.poller:
            yield f"{logical(automation.name)}Poller"
    sweeping = (step for step in COMPLIANCE_RUN.steps if step.runs_automations)
    yield from (f"{logical(COMPLIANCE_RUN.name)}{logical(step.name)}" for step in sweeping)
