"""Reads the accounts, and shows what is found and what apply would do."""

from cli.command.options import Options
from cli.configuration.loading import load
from cli.exit_status import exit_status
from cli.hubs.hub import enter
from cli.output.writing import show
from cli.run.runner import Runner
from cli.run.saved_result import read_earlier


def run(options: Options) -> int:
    """Look and decide; change nothing, write nothing."""
    settings, previous = load(options.config), read_earlier(options.since)
    hub, clock = enter(settings, options, dry_run=True)
    with Runner(hub, clock, options, previous).run() as document:
        show(document, options)
        return exit_status(document)
