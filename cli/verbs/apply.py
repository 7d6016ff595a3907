"""Does what the configuration has on apply."""

import sys
from dataclasses import replace

from cli.configuration.loading import load
from cli.consent import agreed
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hub import enter
from cli.options import Options
from cli.output.writing import show
from cli.saved_result import read_earlier
from cli.sweeping import Runner


def run(options: Options) -> int:
    """Ask, unless told not to; then change, record, and show the state after it."""
    settings, previous = load(options.config), read_earlier(options.since)
    if not options.yes and not sys.stdin.isatty():
        raise UsageError("apply changes things, and nobody is there to be asked", "add --yes, or look first with plan")
    house, clock = enter(settings, options, dry_run=False)
    if not options.yes:
        preview = Runner(replace(house, dry_run=True), clock, Options(**{**vars(options), "resume": False}))
        with preview.run() as document:
            if not agreed(document, settings.document):
                return ExitStatus.INTERRUPTED
    with Runner(house, clock, options, previous).run() as document:
        show(document, options)
        return exit_status(document)
