"""The hub as the command line reaches it: caller, time, ledger and scope."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from time import monotonic
from typing import Any

from botocore.session import Session

from cli.command.options import Options
from cli.errors import UsageError
from cli.hubs.credential_problems import CredentialProblem, problem_of
from cli.hubs.endpoint import without_account
from cli.hubs.mfa import ask_on_terminals_alone
from cli.terminal.notes import note
from functions.compliance_run.scope import ResolvedScope
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.finding import plain_line
from functions.shared.ledger.ledger import Memory, NoMemory
from functions.shared.ledger.records import Item
from functions.shared.mutes import Mute
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.settings import Settings

_HINT = (
    "deploy the hub, which creates the ledger, and use credentials of the hub's account; plan works without a ledger"
)


@dataclass(frozen=True, slots=True)
class CommandHub(Hub):
    """The hub, as a command line sees it.

    Attributes:
        caller: ARN of the credentials; empty where nobody else could ever call so.
    """

    caller: str = ""


IDENTITY_PATIENCE_SECONDS = 10.0
"""A person who waits wants to know soon that a proxy refuses; a throttle is over by then."""


class UnknownCallerError(UsageError):
    """AWS does not say who calls.

    Attributes:
        problem: why.
    """

    def __init__(self, problem: CredentialProblem) -> None:
        """Say why, and what to do."""
        super().__init__(problem.sentence, problem.fix)
        self.problem = problem


def aws_clock(answer: Mapping[str, Any]) -> Callable[[], datetime]:
    """Return a function that tells AWS's time, whatever this machine's clock says.

    Args:
        answer: of any call: its Date header sets the clock.
    """
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    answered_at = parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
    started = monotonic()
    return lambda: answered_at + timedelta(seconds=monotonic() - started)


def enter(settings: Settings, options: Options, *, dry_run: bool) -> CommandHub:
    """Return the hub, with the credentials that boto3 would find.

    Raises:
        UsageError: there are no credentials, they are not of the hub's account, or AWS refuses them; or, unless it is
            a dry run, there is no ledger.
    """
    clients, identity = identified(settings, options)
    region = settings.hub_region
    account = _hub_account(settings, identity["Account"])
    table = _ledger_table(clients, region, account, dry_run=dry_run)
    ledger = ledger_of(settings, clients, table) if table else None
    partition = identity["Arn"].split(":")[1]
    memory, caller = ledger or NoMemory(), identity["Arn"]
    hub = CommandHub(settings, account, partition, clients, ledger, memory, now=aws_clock(identity), caller=caller)
    return dry(hub) if dry_run else hub


def dry(hub: CommandHub) -> CommandHub:
    """Return the hub for a dry run, which works without the ledger if it cannot be read."""
    return replace(hub, dry_run=True, memory=_MemoryIfReadable(hub.memory))


class _MemoryIfReadable:
    """What earlier runs wrote; nothing after the ledger could not be read, which is reported once."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._one_at_a_time = Lock()

    def open_findings(self, automation: str, target: Target) -> Mapping[str, Item]:
        """Return the open findings of a target; none if they cannot be read."""
        try:
            return self._memory.open_findings(automation, target)
        except CallError as error:
            with self._one_at_a_time:
                if not isinstance(self._memory, NoMemory):
                    warn_of_missing_ledger(error)
                    self._memory = NoMemory()
            return {}

    def actions(self, automation: str, target: Target, since: datetime) -> list[Item]:
        """Return the actions begun since then."""
        return self._memory.actions(automation, target, since)

    def remembered(self, automation: str, target: Target) -> Mapping[str, Any]:
        """Return what the sweeps of a target wrote down."""
        return self._memory.remembered(automation, target)

    def notes(self, automation: str, target: Target) -> Mapping[str, str]:
        """Return what runs noted about single things."""
        return self._memory.notes(automation, target)

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Return what people have muted without a deployment; nothing if that cannot be read, which is said."""
        try:
            return self._memory.mutes(now)
        except CallError as error:
            note(f"the mutes of the ledger cannot be read, so what they silence counts as open: {error}")
            return ()


def picked_accounts(options: Options, hub_account: str) -> set[str]:
    """Return the numbers of the accounts that the options name; none for all."""
    return {hub_account if name == "self" else name for name in options.accounts}


def check_listed(picked: AbstractSet[str], scope: ResolvedScope) -> None:
    """Compare the accounts that were picked with those that AWS lists, if it lists all.

    Raises:
        UsageError: one of them is not in scope.
    """
    unknown = sorted(picked - {each.account for each in scope.accounts})
    if unknown and not scope.unlisted:
        raise UsageError(f"account {unknown[0]} is not in scope", "the organization does not list it in the scope")


def who_calls(clients: Clients, region: str) -> Mapping[str, Any]:
    """Return what STS says of the caller.

    Raises:
        CallError: it refuses the credentials, or gives no answer; with them botocore raises whatever their source does.
    """
    calls = clients.calls("sts", region)
    calls.patience_seconds = IDENTITY_PATIENCE_SECONDS
    return calls("GetCallerIdentity", expects="Account")


def identified(settings: Settings, options: Options) -> tuple[Clients, Mapping[str, Any]]:
    """Return clients with the credentials that boto3 would find, and what STS says of the caller.

    Raises:
        UnknownCallerError: there are no credentials, or AWS refuses them, or cannot be reached.
    """
    try:
        session = without_account(Session(profile=options.profile or None))
        ask_on_terminals_alone(session)
        clients = Clients(session)
        return clients, who_calls(clients, settings.hub_region)
    except Exception as error:  # the boundary: files, programs and questions raise whatever they like
        raise UnknownCallerError(problem_of(error, options.profile)) from error


def _hub_account(settings: Settings, caller: str) -> str:
    hub = settings.document["hub"]["account"]
    if hub not in ("self", caller):
        raise UsageError(
            f"the credentials belong to account {caller}, but the hub of the configuration is {hub}",
            "use credentials of the hub's account, or set hub.account to self",
        )
    return caller


def _ledger_table(clients: Clients, region: str, account: str, *, dry_run: bool) -> str | None:
    """Return the ledger's name; a dry run works without a ledger, and says what it leaves out."""
    try:
        name: str = clients.calls("ssm", region)("GetParameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
    except CallError as error:
        if not dry_run:
            where = f"account {account}, {region}"
            raise UsageError(f"no ledger: {TABLE_PARAMETER} in {where}: {plain_line(error)}", _HINT) from error
        if error.code != "ParameterNotFound":
            warn_of_missing_ledger(error)
        return None
    return name


def warn_of_missing_ledger(error: CallError) -> None:
    """Say on standard error that a dry run cannot read the ledger of earlier runs."""
    note(f"the ledger cannot be read, so earlier runs are not known: {error}")
