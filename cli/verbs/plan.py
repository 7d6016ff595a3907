"""Reads the accounts, and shows what is found and what apply would do."""

from cli.configuration.loading import load
from cli.exit_status import exit_status
from cli.hub import enter
from cli.options import Options
from cli.output.writing import show
from cli.saved_result import read_earlier
from cli.sweeping import Runner


def run(options: Options) -> int:
    """Look and decide; change nothing, write nothing."""
    settings, previous = load(options.config), read_earlier(options.since)
    house, clock = enter(settings, options, dry_run=True)
    with Runner(house, clock, options, previous).run() as document:
        show(document, options)
        return exit_status(document)
