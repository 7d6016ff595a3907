"""What all diagnostics read from: the hub's account, and the part of the scope that the command line picks."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cli.command.options import Options
from cli.hubs.hub import picked_accounts
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.compliance_run.decision import ACTIVE
from functions.compliance_run.scope import ResolvedScope, resolve
from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.clients import Clients
from functions.shared.run.hub import session_policy
from functions.shared.settings import Settings


@dataclass(frozen=True)
class DiagnosticContext:
    """The hub, with the caller's credentials.

    Attributes:
        settings: the compiled configuration.
        options: what to read.
        clients: with the caller's credentials.
        account: the hub's.
        caller_arn: whose credentials they are.
        now: AWS's time.
        is_deployed: whether there is a hub, as far as is known; until then other accounts are left out, unless they
            were picked: nobody has given them roles yet.
    """

    settings: Settings
    options: Options
    clients: Clients
    account: str
    caller_arn: str
    now: datetime
    is_deployed: bool = True
    _entered: dict[str, Clients | CallError] = field(default_factory=dict, repr=False)

    @property
    def region(self) -> str:
        """The home Region."""
        return self.settings.hub_region

    @property
    def partition(self) -> str:
        """The hub's."""
        return self.caller_arn.split(":")[1]

    def calls(self, service: str, region: str = "") -> Calls:
        """Return a caller in the hub's account; in the home Region unless another is given."""
        return self.clients.calls(service, region or self.region)

    @cached_property
    def scope(self) -> ResolvedScope:
        """The accounts in scope, wherever the configuration has them from, and what could not be listed."""
        return resolve(self.settings, self.account, self.clients)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The active accounts in scope, and of them those that were picked."""
        closed = {each.account for each in self.scope.accounts if each.state != ACTIVE}
        wanted = sorted(picked_accounts(self.options, self.account)) or [each.account for each in self.scope.accounts]
        is_narrow = not self.is_deployed and not self.options.accounts
        return tuple(a for a in wanted if a not in closed and (a == self.account or not is_narrow))

    @property
    def other_accounts(self) -> tuple[str, ...]:
        """These accounts without the hub's."""
        return tuple(each for each in self.accounts if each != self.account)

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that were picked or are in scope; the home Region alone if the scope is every enabled Region."""
        in_scope = self.settings.scope["regions"]
        return tuple(self.options.regions or (in_scope if isinstance(in_scope, list) else (self.region,)))

    @property
    def automations(self) -> tuple[Automation, ...]:
        """The enabled automations, and of them those that were picked."""
        wanted = self.options.automations
        return tuple(a for a in AUTOMATIONS if self.is_on(a) and (not wanted or a.name in wanted))

    def is_on(self, automation: Automation) -> bool:
        """Say whether a function is enabled in the configuration."""
        return bool(self.settings.section(automation.name).get("mode") != "off")

    @property
    def functions(self) -> tuple[Automation, ...]:
        """All functions that the configuration deploys."""
        return tuple(each for each in FUNCTIONS if self.is_on(each))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The IAM actions with which the automations read."""
        document = self.settings.document
        rights = ((document[each.name], right) for each in self.automations for right in each.permissions)
        return tuple(sorted({right.action for section, right in rights if right.is_wanted(section, dry_run=True)}))

    def role(self, account: str, name: str) -> str:
        """Return the ARN of a role in another account."""
        return f"arn:{self.partition}:iam::{account}:role/{name}"

    def enter(self, account: str) -> Clients:
        """Return clients of an account, as the functions get them; in accounts other than the hub's they can only read.

        Raises:
            CallError: its role cannot be assumed.
        """
        if account == self.account:
            return self.clients
        if account not in self._entered:
            self._entered[account] = self._assume(account)
        entered = self._entered[account]
        if isinstance(entered, CallError):
            raise entered
        return entered

    def _assume(self, account: str) -> Clients | CallError:
        try:
            return self.clients.assume(
                self.role(account, self.settings.spoke_role),
                region=self.region,
                external_id=self.settings.scope["external_id"],
                policy=session_policy(self.reads),
            )
        except CallError as error:
            return error
