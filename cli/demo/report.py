"""The report at the end of the demo's day: what a look at the emulated AWS finds, and what was done all day."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.command.options import Options
from cli.demo.world import World
from cli.output.writing import show
from cli.run.runner import Runner
from functions.shared.run.hub import Hub, ledger_of
from functions.shared.settings import Settings

DEFAULT_PATH = Path("build") / "watchkeeper-demo.html"

_OF_AN_ACTION = ("automation", "account", "region", "action", "resource", "rule", "status", "detail")


@dataclass(frozen=True, slots=True)
class _EmulatedClock:
    """Tells the time of the day that is played: it is the process's own."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)


def write_report(world: World, settings: Settings, options: Options) -> Path:
    """Write the page where the options say, and return where that is.

    Raises:
        UsageError: it cannot be written there.
    """
    path = options.output or DEFAULT_PATH
    if options.output is None:
        path.parent.mkdir(parents=True, exist_ok=True)
    ledger = ledger_of(settings, world.clients, world.hub.table)
    hub = Hub(settings, world.account, "aws", world.clients, ledger, ledger, dry_run=True)
    with Runner(hub, _EmulatedClock(), Options(verb="demo", config=options.config)).run() as document:
        document["run"]["mode"] = "apply"  # as the hub did all day; this last look changed nothing
        document["actions"] = [_row(action) for action in world.actions()]
        show(document, Options(format="html", output=path, quiet=True))
    return path


def _row(action: dict[str, Any]) -> dict[str, Any]:
    return {member: action.get(member, "") for member in _OF_AN_ACTION}
