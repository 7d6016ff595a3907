"""The report at the end of the demo: the findings of a last run, and the actions of the whole day."""

from pathlib import Path

from cli.command.options import Options
from cli.demo.account import EmulatedAccount
from cli.hubs.hub import CommandHub
from cli.output.writing import show
from cli.run.runner import Runner
from functions.shared.run.actions import action_row
from functions.shared.run.hub import ledger_of
from functions.shared.settings import Settings

DEFAULT_PATH = Path("build") / "watchkeeper-demo.html"


def write_report(account: EmulatedAccount, settings: Settings, options: Options) -> Path:
    """Write the page where the options say, and return its path.

    Raises:
        UsageError: it cannot be written there.
    """
    path = options.output or DEFAULT_PATH
    if options.output is None:
        path.parent.mkdir(parents=True, exist_ok=True)
    ledger = ledger_of(settings, account.clients, account.hub.table)
    hub = CommandHub(settings, account.number, "aws", account.clients, ledger, ledger, dry_run=True)
    with Runner(hub, Options(verb="demo", config=options.config)).run() as document:
        document["run"]["mode"] = "apply"  # as the hub did all day; this last run changed nothing
        document["actions"] = [*map(action_row, account.actions())]
        show(document, Options(format="html", output=path, quiet=True))
    return path
