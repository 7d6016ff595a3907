"""The hub, as a function or a command line stands in it: its configuration, its ledger, and the way into accounts."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.lazy import Lazy
from functions.shared.aws.target import Target
from functions.shared.ledger.actions import ActionKey
from functions.shared.ledger.ledger import Ledger, Memory, NoMemory
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.table import Table
from functions.shared.mutes import Mute
from functions.shared.run.cold_start import cold_start
from functions.shared.run.context import RunContext
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.scope import ConfiguredScope
from functions.shared.settings import Settings

_LONGEST_SESSION_POLICY = 2048


# What a hub demands of a run: a function that only reads the hub's settings does not carry the sweep along.


class _Finishes(Protocol):
    def finish(self) -> None:
        """Write down what was found."""


S = TypeVar("S", bound=_Finishes)
S_co = TypeVar("S_co", bound=_Finishes, covariant=True)


class _Runs(Protocol[S_co]):
    @property
    def manifest(self) -> Automation:
        """The automation's."""

    @property
    def clients(self) -> Callable[[], Clients]:
        """Returns the clients of the target's account."""

    def over(self, context: RunContext) -> S_co:
        """Look at the target of *context*."""


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub, as one function or one command line sees it.

    Attributes:
        settings: the compiled configuration.
        account: the hub's; 12 digits.
        partition: of the hub.
        clients: with the caller's own credentials, in the hub's account.
        ledger: None where there is none.
        memory: what earlier runs wrote: the ledger, where there is one that may be read.
        dry_run: look and decide only.
        now: returns the present time.
        approved: the only changes that may be made: those that a person was shown; None for all.
        account_names: by number, where they are known without the ledger.
        source_identity: what other accounts' records name as the source of the hub's calls; empty for the caller's own.
        mutes: returns those of the ledger; raises CallError where it cannot be read.
    """

    settings: Settings
    account: str
    partition: str
    clients: Clients
    ledger: Ledger | None
    memory: Memory = field(default_factory=NoMemory)
    dry_run: bool = False
    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
    approved: frozenset[ActionKey] | None = None
    account_names: Mapping[str, str] = field(default_factory=dict)
    source_identity: str = ""
    mutes: Callable[[], tuple[Mute, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Read the mutes of the ledger once, when they are first needed."""
        object.__setattr__(self, "mutes", Lazy(lambda: self.memory.mutes(self.now())))

    @classmethod
    def of(cls, settings: Settings, account: str, partition: str, clients: Clients, table: str) -> "Hub":
        """Return the hub whose ledger is *table*."""
        ledger = ledger_of(settings, clients, table)
        return cls(settings, account, partition, clients, ledger, ledger)

    def targets(self, automation: str, selection: Selection) -> Iterator[Target]:
        """Yield the targets of *automation* in scope that *selection* asks for.

        Raises:
            UnsupportedScopeError: the scope is not a list of accounts and Regions, and *selection* names no account.
        """
        is_member = Membership(self.ledger.table).is_member if self.ledger else None
        scope = ConfiguredScope(self.settings.scope, self.account, self.partition, is_member)
        return scope.targets(self._widened(selection), self.settings.target_region(automation))

    def _widened(self, selection: Selection) -> Selection:
        """Return all of a scope that one function can sweep; of a larger one the account alone, and runs sweep it."""
        if not selection.everywhere:
            return selection
        if not self.settings.fans_out:
            return EVERYTHING
        return Selection(selection.account, selection.region if self.settings.scope["regions"] == "enabled" else "")

    def sweep(self, target: Target, selection: Selection, run: _Runs[S]) -> S:
        """Look at one target, and write what was found to the ledger, unless it is a dry run.

        Returns:
            The finished sweep; its `errors` are what could not be recorded.

        Raises:
            CallError: the ledger could not be read; nothing was looked at.
        """
        sweep = run.over(self.context(target, selection, run))
        sweep.finish()
        return sweep

    def context(self, target: Target, selection: Selection, run: _Runs[_Finishes]) -> RunContext:
        """Return what one run over *target* is given."""
        return RunContext(
            manifest=run.manifest,
            target=target,
            clients=run.clients,
            configuration=self.settings,
            ledger=self.ledger,
            memory=self.memory,
            now=self.now(),
            dry_run=self.dry_run,
            selection=selection,
            approved=self.approved,
            mutes=self.mutes,
            account_name=Lazy(partial(self._name_of, target.account)),
        )

    def _name_of(self, account: str) -> str:
        """Return an account's name; without one a person reads the number, so nothing else depends on it."""
        if account in self.account_names or self.ledger is None or "accounts" in self.settings.scope:
            return self.account_names.get(account, "")
        with suppress(CallError):
            return Membership(self.ledger.table).name_of(account)
        return ""

    def clients_for(self, account: str, actions: Iterable[str], changes: Iterable[str] = ()) -> Lazy[Clients]:
        """Return the clients of an account: its roles are assumed when first needed, once for all who share them.

        In an account other than the hub's one role reads. Another one changes, and is assumed for the first change.

        Args:
            account: 12 digits.
            actions: the IAM actions that a session of the role that reads is narrowed to.
            changes: those that a session of the other is narrowed to; without any it is never assumed.
        """
        return Lazy(partial(self._clients_in, account, frozenset(actions), frozenset(changes)))

    def _clients_in(self, account: str, actions: frozenset[str], changes: frozenset[str]) -> Clients:
        if account == self.account:
            return self.clients
        reading = self._assume(account, self.settings.spoke_role, actions)
        if not changes:
            return reading
        return reading.with_changes(changes, Lazy(partial(self._assume, account, self.settings.changing_role, changes)))

    def _assume(self, account: str, name: str, actions: frozenset[str]) -> Clients:
        return self.clients.assume(
            f"arn:{self.partition}:iam::{account}:role/{name}",
            region=self.settings.hub_region,
            external_id=self.settings.scope["external_id"],
            policy=session_policy(actions),
            source_identity=self.source_identity,
        )


def hub_of(context: Any) -> Hub:
    """Return the hub as one invocation sees it; a call that one invocation has given up, the next one tries again.

    Args:
        context: Lambda's.
    """
    _, partition, _, _, account, *_ = context.invoked_function_arn.split(":")
    settings, clients = cold_start(os.environ["LAMBDA_TASK_ROOT"])
    hub = Hub.of(settings, account, partition, clients, os.environ["LEDGER_TABLE"])
    return replace(hub, source_identity=os.environ.get("SOURCE_IDENTITY", ""))


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
