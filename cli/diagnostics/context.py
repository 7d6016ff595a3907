"""Who is examined: the hub's account, and the part of the scope that the command line picks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from cli.command.options import Options
from cli.errors import UsageError
from functions.catalog import AUTOMATIONS, FUNCTIONS
from functions.compliance_run.decision import ACTIVE
from functions.compliance_run.scope import ResolvedScope, resolve
from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.clients import Clients
from functions.shared.run.hub import session_policy
from functions.shared.settings import Settings


@dataclass(frozen=True)
class Patient:
    """The hub, as the caller's credentials see it.

    Attributes:
        settings: the compiled configuration.
        options: what to look at.
        clients: with the caller's credentials.
        account: the hub's.
        caller_arn: whose credentials they are.
        now: AWS's time.
    """

    settings: Settings
    options: Options
    clients: Clients
    account: str
    caller_arn: str
    now: datetime
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

    def check_picked(self) -> None:
        """Hold the accounts that were picked against the scope, as far as that is known.

        Raises:
            UsageError: one is not in it.
        """
        strangers = sorted(self._picked - {each.account for each in self.scope.accounts})
        if strangers and not self.scope.unlisted:
            raise UsageError(f"account {strangers[0]} is not in the scope", "the organization does not name it there")

    @property
    def accounts(self) -> tuple[str, ...]:
        """The open accounts in scope, of them those that were picked; the hub's own among them if it is in scope."""
        closed = {each.account for each in self.scope.accounts if each.state != ACTIVE}
        wanted = sorted(self._picked) or [each.account for each in self.scope.accounts]
        return tuple(each for each in wanted if each not in closed)

    @property
    def _picked(self) -> set[str]:
        return {self.account if name == "self" else name for name in self.options.accounts}

    @property
    def other_accounts(self) -> tuple[str, ...]:
        """Those of them that are not the hub's."""
        return tuple(each for each in self.accounts if each != self.account)

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that were picked; of a scope that has whatever is enabled, the home Region alone."""
        in_scope = self.settings.scope["regions"]
        return tuple(self.options.regions or (in_scope if isinstance(in_scope, list) else (self.region,)))

    @property
    def automations(self) -> tuple[Automation, ...]:
        """The automations that are on, and of them those that were picked."""
        wanted = self.options.automations
        return tuple(a for a in AUTOMATIONS if self.is_on(a) and (not wanted or a.name in wanted))

    def is_on(self, automation: Automation) -> bool:
        """Say whether the configuration has a function switched on."""
        return bool(self.settings.section(automation.name).get("mode") != "off")

    @property
    def functions(self) -> tuple[Automation, ...]:
        """All functions that a deployment of the configuration has."""
        return tuple(each for each in FUNCTIONS if self.is_on(each))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The IAM actions of the automations that change nothing."""
        return tuple(sorted(set(_reads(self.automations, self.settings.document))))

    def spoke_role(self, account: str) -> str:
        """Return the ARN of the role in another account."""
        return f"arn:{self.partition}:iam::{account}:role/{self.settings.scope['spoke_role']}"

    def enter(self, account: str) -> Clients:
        """Return clients in an account, as the functions get them; in another than the hub's, such as can only read.

        Raises:
            CallError: its role may not be assumed.
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
                self.spoke_role(account),
                region=self.region,
                external_id=self.settings.scope["external_id"],
                policy=session_policy(self.reads),
            )
        except CallError as error:
            return error


def _reads(automations: Iterable[Automation], document: Mapping[str, Any]) -> Iterable[str]:
    for automation in automations:
        for right in automation.permissions:
            if right.is_wanted(document[automation.name], dry_run=True):
                yield right.action
