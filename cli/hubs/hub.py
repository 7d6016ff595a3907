"""The hub as a command line meets it: whose credentials these are, what time it is, and where the ledger is."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from cli.command.options import Options
from cli.errors import UsageError
from cli.hubs.endpoint import without_account
from cli.terminal.safe_text import escaped
from functions.shared.aws.calls import CallError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.deployment.resources import TABLE_PARAMETER
from functions.shared.ledger.ledger import Memory, NoMemory
from functions.shared.ledger.records import Item
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.settings import Settings

_HINT = (
    "a ledger comes with the hub: deploy it, then run apply with credentials of the hub's account; plan works without"
)


class AwsClock:
    """Tells the time as AWS does, so that neither a laptop's clock nor an emulated one matters."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        """Set it by the Date header of any answer."""
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        self._at_first = parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
        self._started = monotonic()

    def now(self) -> datetime:
        """Return the present moment."""
        return self._at_first + timedelta(seconds=monotonic() - self._started)


def enter(settings: Settings, options: Options, *, dry_run: bool) -> tuple[Hub, AwsClock]:
    """Go in with the credentials that boto3 would find.

    Raises:
        UsageError: there are none, they belong to another account than the hub's, or AWS refuses them; or, unless it
            is a dry run, there is no ledger.
    """
    clients = clients_of(options)
    region = settings.hub_region
    try:
        identity = clients.calls("sts", region)("GetCallerIdentity")
    except CallError as error:
        if not error.answered:
            raise UsageError(f"AWS cannot be reached: {escaped(str(error))}", "is AWS_ENDPOINT_URL right?") from error
        raise _unknown_caller(error) from error
    except (BotoCoreError, ValueError) as error:  # botocore has no error of its own for an endpoint that is no URL
        raise _unknown_caller(error) from error
    account = _hub_account(settings, identity["Account"])
    table = _ledger_table(clients, region, account, dry_run=dry_run)
    clock, ledger = AwsClock(identity), ledger_of(settings, clients, table) if table else None
    partition = identity["Arn"].split(":")[1]
    hub = Hub(settings, account, partition, clients, ledger, ledger or NoMemory(), now=clock.now)
    return dry(hub) if dry_run else hub, clock


def dry(hub: Hub) -> Hub:
    """Return the hub for a dry run, which goes on without the ledger where that cannot be read."""
    return replace(hub, dry_run=True, memory=_MemoryIfReadable(hub.memory))


class _MemoryIfReadable:
    """What earlier runs wrote; nothing once the ledger was refused, which is said once."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._one_at_a_time = Lock()

    def open_findings(self, automation: str, target: Target) -> Mapping[str, Item]:
        """Return the open findings of a target; none where they cannot be read."""
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


def _unknown_caller(error: Exception) -> UsageError:
    hint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or use --profile"
    return UsageError(f"AWS does not know who you are: {escaped(str(error))}", hint)


def clients_of(options: Options) -> Clients:
    """Return clients with the credentials that boto3 would find."""
    return Clients(without_account(Session(profile=options.profile or None)))


def _hub_account(settings: Settings, caller: str) -> str:
    hub = settings.document["hub"]["account"]
    if hub not in ("self", caller):
        raise UsageError(
            f"the credentials belong to account {caller}, and the configuration's hub is {hub}",
            "use credentials of the hub's account, or set hub.account to self",
        )
    return caller


def _ledger_table(clients: Clients, region: str, account: str, *, dry_run: bool) -> str | None:
    """Return the ledger's name; a dry run goes on without, and says what it leaves out."""
    try:
        name: str = clients.calls("ssm", region)("GetParameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
    except CallError as error:
        if not dry_run:
            where = f"account {account}, {region}"
            raise UsageError(
                f"there is no ledger: {TABLE_PARAMETER} in {where}: {escaped(str(error))}", _HINT
            ) from error
        if error.code != "ParameterNotFound":
            warn_of_missing_ledger(error)
        return None
    return name


def warn_of_missing_ledger(error: CallError) -> None:
    """Say on standard error that a dry run knows nothing of earlier runs, although there may be a ledger."""
    sys.stderr.write(
        f"watchkeeper: the ledger cannot be read, so nothing of earlier runs is known: {escaped(str(error))}\n"
    )
