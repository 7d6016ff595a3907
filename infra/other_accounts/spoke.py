"""The spoke role: what the hub's functions become in each other account, and what they may do there."""

from collections.abc import Iterable, Iterator, Mapping

from aws_cdk import App, Aws, BootstraplessSynthesizer, CfnParameter, Stack
from aws_cdk import aws_iam as iam

from functions.catalog import COMPLIANCE_RUN
from functions.shared.automation import Automation
from functions.shared.deployment.options import Options
from functions.shared.settings import Settings
from infra.iam.policies import RightsError
from infra.iam.role import FunctionRole
from infra.logical_ids import logical
from infra.other_accounts.spoke_rights import spoke_statements

STACK_NAME = "watchkeeper-spoke-role"
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
    """The role, for any account and once in it: its name is the same everywhere."""

    def __init__(self, app: App, *, settings: Settings, automations: Iterable[Automation], hub_stack: str) -> None:
        """Create the stack, which takes the hub's account as its parameter unless the configuration names it.

        Args:
            app: the app.
            settings: the compiled configuration.
            automations: what the hub runs.
            hub_stack: name of the hub's stack, with which the names of its roles begin.

        Raises:
            RightsError: the role cannot hold what the configuration asks for.
        """
        super().__init__(
            app,
            STACK_NAME,
            description=f"Watchkeeper: what a hub may do here, configuration {settings.config_hash}",
            synthesizer=BootstraplessSynthesizer(),
        )
        on = [a for a in automations if a.run and settings.section(a.name).get("mode") != "off"]
        FunctionRole(
            self,
            "Spoke",
            owner="the spoke role",
            statements=spoke_statements(settings, on),
            places={"partition": Aws.PARTITION, "account": Aws.ACCOUNT_ID},
            assumed_by=self._hub(settings, on, hub_stack),
            name=settings.scope["spoke_role"],
        )

    def _hub(self, settings: Settings, automations: Iterable[Automation], hub_stack: str) -> iam.IPrincipal:
        known = settings.document["hub"]["account"]
        account = CfnParameter(
            self,
            HUB_ACCOUNT_PARAMETER,
            description="The account that the hub stands in",
            allowed_pattern="^[0-9]{12}$",
            default=None if known == "self" else known,
        ).value_as_string
        roles = [
            f"arn:{Aws.PARTITION}:iam::{account}:role/{hub_stack}-{start}RightsRole*" for start in _starts(automations)
        ]
        options, external_id = Options.of(settings), settings.scope["external_id"]
        equal = {"sts:ExternalId": external_id, "aws:PrincipalOrgID": options.organization_id}
        asked = {key: value for key, value in equal.items() if value}
        conditions = {"ArnLike": {"aws:PrincipalArn": roles}, **({"StringEquals": asked} if asked else {})}
        _check(len(roles), hub_stack, asked)
        return iam.AccountPrincipal(account).with_conditions(conditions)


def _check(roles: int, hub_stack: str, asked: Mapping[str, str]) -> None:
    """Estimate the trust policy's length from above.

    Raises:
        RightsError: it is longer than IAM takes.
    """
    size = _TRUST_FRAME + roles * (_TRUST_ROLE + len(hub_stack)) + sum(len(f'"{k}":"{v}",') for k, v in asked.items())
    if size > TRUST_CHARACTERS:
        raise RightsError(
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
