"""Reads the accounts, and shows findings and what apply would do."""

from cli.command.options import Options
from cli.configuration.loading import load
from cli.exit_status import exit_status
from cli.hubs.hub import enter
from cli.output.writing import show
from cli.run.runner import Runner
from cli.run.saved_result import read_earlier


def run(options: Options) -> int:
    """Read and decide; change nothing, write nothing to the ledger."""
    settings, previous = load(options.config), read_earlier(options.since)
    hub = enter(settings, options, dry_run=True)
    with Runner(hub, options, previous).run() as document:
        show(document, options)
        return exit_status(document)
