"""What every run stands on: the configuration, the hub and its ledger, and the way into other accounts."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial

from functions.shared.change import Commission
from functions.shared.clients import Clients
from functions.shared.ledger import Ledger, NoMemory
from functions.shared.settings import Settings
from functions.shared.table import Table
from functions.shared.target import Target, Wake, targets

_LONGEST_SESSION_POLICY = 2048


@dataclass(frozen=True, slots=True)
class House:
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

    def targets(self, automation: str, wake: Wake) -> Iterator[Target]:
        """Yield the targets of *automation* in scope that *wake* asks for.

        Raises:
            UnsupportedScopeError: the scope is not a list of accounts and Regions.
        """
        only_region = self.settings.target_region(automation)
        return targets(self.settings.scope, self.hub_account, self.partition, wake, only_region)

    def commission(  # the composition root
        self,
        automation: str,
        target: Target,
        actions: Iterable[str],
        wake: Wake,
        now: datetime,
    ) -> Commission:
        """Put together what one run of *automation* over *target* is given.

        Args:
            automation: its name.
            target: the account and Region to look at.
            actions: the IAM actions that a session in another account is narrowed to.
            wake: what to look at.
            now: the time of the run.
        """
        return Commission(
            automation=automation,
            target=target,
            connect=cache(partial(self._clients_for, target, actions)),
            configuration=self.settings,
            ledger=self.ledger,
            memory=self.ledger or NoMemory(),
            now=now,
            dry_run=self.dry_run,
            wake=wake,
        )

    def _clients_for(self, target: Target, actions: Iterable[str]) -> Clients:
        if target.account == self.hub_account:
            return self.clients
        scope = self.settings.scope
        return self.clients.assume(
            f"arn:{target.partition}:iam::{target.account}:role/{scope['spoke_role']}",
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
