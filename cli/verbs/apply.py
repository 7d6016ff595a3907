"""Does what the configuration has on apply."""

import sys
from dataclasses import replace
from typing import Any

from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hub import enter
from cli.options import Options
from cli.output.writing import show
from cli.sweeping import Runner


def run(options: Options) -> int:
    """Ask, unless told not to; then change, record, and show the state after it."""
    settings = load(options.config)
    if not options.yes and not sys.stdin.isatty():
        raise UsageError("apply changes things, and nobody is there to be asked", "add --yes, or look first with plan")
    house, clock = enter(settings, options, dry_run=False)
    if not options.yes:
        document = Runner(replace(house, dry_run=True), clock, options).run()
        show(document, options)
        if not _agreed(_wanted(document, settings.document)):
            return ExitStatus.INTERRUPTED
    document = Runner(house, clock, options).run()
    show(document, options)
    return exit_status(document)


def _wanted(document: dict[str, Any], settings: Any) -> int:
    """Count the planned changes of the automations that may make them."""
    return sum(a["status"] == "PLANNED" and settings[a["automation"]]["mode"] == "apply" for a in document["actions"])


def _agreed(changes: int) -> bool:
    sys.stderr.write(f"Make {changes} changes, and write the findings to the ledger? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
