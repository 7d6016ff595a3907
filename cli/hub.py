"""The hub as a command line meets it: whose credentials these are, what time it is, and where the ledger is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from cli.errors import UsageError
from cli.options import Options
from cli.safe_text import escaped
from functions.shared.calls import CallError
from functions.shared.clients import Clients
from functions.shared.house import House, ledger_of
from functions.shared.ledger import TABLE_PARAMETER
from functions.shared.settings import Settings

_NO_LEDGER = (
    f"the SSM parameter {TABLE_PARAMETER} is missing in account {{account}}, {{region}}",
    "a ledger comes with the hub: deploy it, then run apply with credentials of the hub's account; plan works without",
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


def enter(settings: Settings, options: Options, *, dry_run: bool) -> tuple[House, AwsClock]:
    """Go in with the credentials that boto3 would find.

    Raises:
        UsageError: there are none, they belong to another account than the hub's, or AWS refuses them; or, unless it
            is a dry run, there is no ledger.
    """
    clients = _clients(options)
    region = settings.hub_region
    try:
        identity = clients.calls("sts", region)("GetCallerIdentity")
    except (BotoCoreError, CallError) as error:
        raise UsageError(
            f"AWS does not know who you are: {escaped(str(error))}",
            "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or use --profile",
        ) from error
    account = _hub_account(settings, identity["Account"])
    table = _ledger_table(clients, region)
    if table is None and not dry_run:
        raise UsageError(_NO_LEDGER[0].format(account=account, region=region), _NO_LEDGER[1])
    house = House(
        settings=settings,
        hub_account=account,
        partition=identity["Arn"].split(":")[1],
        clients=clients,
        ledger=ledger_of(settings, clients, table) if table else None,
        dry_run=dry_run,
    )
    return house, AwsClock(identity)


def _clients(options: Options) -> Clients:
    return Clients(Session(profile=options.profile or None))


def _hub_account(settings: Settings, caller: str) -> str:
    hub = settings.document["hub"]["account"]
    if hub not in ("self", caller):
        raise UsageError(
            f"the credentials belong to account {caller}, and the configuration's hub is {hub}",
            "use credentials of the hub's account, or set hub.account to self",
        )
    return caller


def _ledger_table(clients: Clients, region: str) -> str | None:
    try:
        name: str = clients.calls("ssm", region)("GetParameter", Name=TABLE_PARAMETER)["Parameter"]["Value"]
    except CallError as error:
        if error.code == "ParameterNotFound":
            return None
        raise UsageError(
            f"the ledger's name cannot be read: {escaped(str(error))}",
            f"allow ssm:GetParameter on the parameter {TABLE_PARAMETER}",
        ) from error
    return name
