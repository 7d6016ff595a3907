"""What every run stands on: the configuration, the hub and its ledger, and the way into other accounts."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from functions.shared.aws.clients import Clients
from functions.shared.aws.lazy import Lazy
from functions.shared.aws.target import Selection, Target, targets
from functions.shared.ledger.ledger import Ledger, NoMemory
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.table import Table
from functions.shared.run.actions import RunContext
from functions.shared.settings import Settings

_LONGEST_SESSION_POLICY = 2048


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub, as one function or one command line sees it.

    Attributes:
        settings: the compiled configuration.
        hub_account: 12 digits.
        partition: of the hub.
        clients: with the caller's own credentials, in the hub's account.
        ledger: None where there is none.
        dry_run: look and decide only.
    """

    settings: Settings
    hub_account: str
    partition: str
    clients: Clients
    ledger: Ledger | None
    dry_run: bool = False

    def targets(self, automation: str, selection: Selection) -> Iterator[Target]:
        """Yield the targets of *automation* in scope that *selection* asks for.

        Raises:
            UnsupportedScopeError: the scope is not a list of accounts and Regions, and *selection* names no account.
        """
        only_region = self.settings.target_region(automation)
        is_member = Membership(self.ledger.table).is_member if self.ledger else None
        return targets(self.settings.scope, self.hub_account, self.partition, selection, only_region, is_member)

    def run_context(
        self,
        automation: str,
        target: Target,
        connect: Callable[[], Clients],
        selection: Selection,
        now: datetime,
    ) -> RunContext:
        """Put together what one run of *automation* over *target* is given.

        Args:
            automation: its name.
            target: the account and Region to look at.
            connect: the way into the account, as `entrance` returns it.
            selection: what to look at.
            now: the time of the run.
        """
        return RunContext(
            automation=automation,
            target=target,
            connect=connect,
            configuration=self.settings,
            ledger=self.ledger,
            memory=self.ledger or NoMemory(),
            now=now,
            dry_run=self.dry_run,
            selection=selection,
        )

    def clients_for(self, account: str, actions: Iterable[str]) -> Lazy[Clients]:
        """Return the way into an account: its role is assumed when it is first used, once for whoever shares it.

        Args:
            account: 12 digits.
            actions: the IAM actions that a session in another account is narrowed to.
        """
        return Lazy(partial(self._clients_in, account, actions))

    def _clients_in(self, account: str, actions: Iterable[str]) -> Clients:
        if account == self.hub_account:
            return self.clients
        scope = self.settings.scope
        return self.clients.assume(
            f"arn:{self.partition}:iam::{account}:role/{scope['spoke_role']}",
            region=self.settings.hub_region,
            external_id=scope["external_id"],
            policy=session_policy(actions),
        )


def ledger_of(settings: Settings, clients: Clients, table: str) -> Ledger:
    """Return the ledger of the hub, whose table is *table*."""
    retention = timedelta(days=settings.document["report"]["retention_days"])
    return Ledger(Table(clients.calls("dynamodb", settings.hub_region), table), settings.config_hash, retention)


def session_policy(actions: Iterable[str]) -> str:
    """Return a session policy of *actions* alone: a session holds what both it and the role allow.

    Raises:
        ValueError: it is longer than STS takes.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    statement = {"Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    if len(policy) > _LONGEST_SESSION_POLICY:
        raise ValueError(f"the session policy has {len(policy)} characters, {_LONGEST_SESSION_POLICY} is the most")
    return policy
