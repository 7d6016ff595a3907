"""The report at the end of the demo: the findings of a last run, and what the ledger says of the whole day."""

import tempfile
from pathlib import Path

from cli.command.options import Options
from cli.demo.account import EmulatedAccount
from cli.hubs.hub import CommandHub
from cli.output.writing import show
from cli.run.runner import Runner
from functions.compliance_run.history import read_history
from functions.report.history import period_members
from functions.shared.ledger.history import Period, records
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
    period = Period(None, hub.now())
    with Runner(hub, Options(verb="demo", config=options.config)).run() as document, tempfile.TemporaryFile() as file:
        history = read_history(records(ledger.table, period), period, file)
        document["run"]["mode"] = "apply"  # as the hub did all day; this last run changed nothing
        document["actions"] = [row["action"] for row in history.rows if "action" in row]
        document |= {"period": period_members(period), "history": history.rows}
        show(document, Options(format="html", output=path, quiet=True))
    return path
