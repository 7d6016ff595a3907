"""What one run of one automation over one target is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.shared.automation import Automation
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.ledger.actions import ActionKey
from functions.shared.ledger.ledger import Ledger, Memory
from functions.shared.mutes import Mute
from functions.shared.run.events import Selection
from functions.shared.settings import Settings


@dataclass(frozen=True, slots=True)
class RunContext:
    """What one run of one automation over one target is given.

    Attributes:
        manifest: the automation's.
        target: the account and Region to look at.
        clients: returns the clients of that account; raises CallError where its role may not be assumed.
        configuration: the compiled configuration.
        ledger: where findings and actions are written; without one nothing is written, and nothing changed.
        memory: what earlier runs wrote: the ledger too, where it may be read.
        now: the time of the run.
        dry_run: look and decide only.
        selection: what to look at.
        approved: the only changes that may be made; None for all that the configuration allows.
        mutes: returns those of the ledger; raises CallError where it cannot be read.
        account_name: returns the account's name in the organization; an empty one where it is not known.
    """

    manifest: Automation
    target: Target
    clients: Callable[[], Clients]
    configuration: Settings
    ledger: Ledger | None
    memory: Memory
    now: datetime
    dry_run: bool
    selection: Selection = field(default_factory=Selection)
    approved: frozenset[ActionKey] | None = None
    account_name: Callable[[], str] = str
    mutes: Callable[[], tuple[Mute, ...]] = tuple

    @property
    def automation(self) -> str:
        """The automation's name."""
        return self.manifest.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """The automation's own section of the configuration."""
        return self.section(self.automation)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return any section of the configuration."""
        return self.configuration.section(name)
