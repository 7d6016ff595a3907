"""A service, its clients and a ledger in memory: for tables of cases, each of which takes a millisecond."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from functions.shared.automation import Automation
from functions.shared.aws.calls import Calls
from functions.shared.aws.target import Target
from functions.shared.finding import Finding
from functions.shared.ledger.records import Item, finding_record, timestamp
from functions.shared.run.context import RunContext
from functions.shared.run.events import Selection
from functions.shared.run.sweep import Sweep, run_sweep
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from functions.shared.aws.clients import Clients
    from functions.shared.ledger.ledger import Ledger

HERE = Target("123456789012", "us-east-1")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)

JUNK: Mapping[str, object] = {
    "absent": None,
    "empty": "",
    "a number": 7,
    "a list": ["ACTIVE"],
    "a structure": {"status": "ACTIVE"},
    "unknown": "FROBNICATED",
}
"""What AWS could answer where it promises a text or a value of an enumeration."""

DENIED = "User: arn:aws:sts::123456789012:assumed-role/watchkeeper-spoke/x is not authorized to perform: ram:X "
REFUSALS: Mapping[str, tuple[str, int, str]] = {
    "IAM": ("AccessDeniedException", 400, f"{DENIED}because no identity-based policy allows the ram:X action"),
    "a service control policy": (
        "AccessDeniedException",
        403,
        f"{DENIED}with an explicit deny in a service control policy",
    ),
    "no words": ("AccessDenied", 403, ""),
    "the service": ("OperationNotPermittedException", 400, "not permitted"),
    "the service, for its parameter": ("InvalidParameterException", 400, "no"),
    "the service, at its limit": ("ThrottlingException", 400, "Rate exceeded"),
    "the service, failing": ("ServerInternalException", 500, "again"),
}
"""What a call can be refused with: code, HTTP status and message, by whose words they are."""


def refusal(operation: str, who: str) -> ClientError:
    """Return the refusal of a call."""
    code, status, message = REFUSALS[who]
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(cast("Any", answer), operation)


@dataclass(slots=True)
class MemoryLedger:
    """Takes every record, and remembers what it is given at the start.

    Attributes:
        findings: the open ones.
        earlier: records of actions.
    """

    findings: Iterable[Finding] = ()
    earlier: list[Item] = field(default_factory=list)

    def open_findings(self, *_: object) -> dict[str, Item]:
        """Return the open findings, as the ledger does."""
        first = {"status": "OPEN", "first_seen": timestamp(NOW), "version": 1, "notified_version": 1}
        return {each.finding_id: finding_record(each) | first for each in self.findings}

    def actions(self, *_: object) -> list[Item]:
        """Return the earlier actions."""
        return self.earlier

    def begin_action(self, *_: object) -> dict[str, Any]:
        """Take it."""
        return {}

    def end_action(self, *_: object) -> None:
        """Take it."""


@dataclass(frozen=True, slots=True)
class MemoryClients:
    """Clients of one service, without patience.

    Attributes:
        client: the service, as botocore's client shows it.
    """

    client: object

    def calls(self, *_: str) -> Calls:
        """Return the calls of the one service."""
        return Calls(cast("Any", self.client), patience_seconds=0)


def look(
    automation: tuple[Automation, Callable[[Sweep], None]],
    client: object,
    document: Mapping[str, Any],
    *,
    ledger: MemoryLedger | None = None,
    target: Target = HERE,
    dry_run: bool = False,
    resources: Iterable[str] = (),
) -> Sweep:
    """Let an automation look once at a service in memory.

    Args:
        automation: its manifest and its run.
        client: of the service.
        document: the configuration; without mutes if it has none.
        ledger: an empty one if none is given.
        target: what is looked at.
        dry_run: change nothing.
        resources: what an event names; everything if it names nothing.
    """
    manifest, run = automation
    held, clients = cast("Ledger", ledger or MemoryLedger()), cast("Clients", MemoryClients(client))
    selection = Selection(target.account, target.region, frozenset(resources)) if resources else Selection()
    settings = Settings({"mutes": [], **document})
    return run_sweep(RunContext(manifest, target, lambda: clients, settings, held, held, NOW, dry_run, selection), run)
