"""Does what the configuration has on apply."""

import sys

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import dry, enter
from cli.output.writing import show
from cli.run.consent import agreed
from cli.run.resume import is_interrupted, nothing_to_resume
from cli.run.runner import Clock, Runner
from cli.run.saved_result import read_earlier
from functions.shared.run.hub import Hub


def run(options: Options) -> int:
    """Ask, unless told not to; then change, record, and show the state after it."""
    settings, previous = load(options.config), read_earlier(options.since)
    if not options.yes and not sys.stdin.isatty():
        raise UsageError("apply changes things, and nobody is there to be asked", "add --yes, or look first with plan")
    hub, clock = enter(settings, options, dry_run=False)
    acting = options if options.yes else _agreed(hub, clock, options)
    if acting is None:
        return ExitStatus.INTERRUPTED
    with Runner(hub, clock, acting, previous).run() as document:
        show(document, options)
        return exit_status(document)


def _agreed(hub: Hub, clock: Clock, options: Options) -> Options | None:
    """Show what would be done, ask whether it may be, and return with what options; None if it may not.

    What was interrupted may have been the look before the question: then nothing was begun that could go on.

    Raises:
        UsageError: neither was interrupted, and one is to go on.
    """
    looking = dry(hub)
    looked, acted = (options.resume and is_interrupted(each, options) for each in (looking, hub))
    if options.resume and not (looked or acted):
        raise nothing_to_resume()
    with Runner(looking, clock, _resuming(options, looked)).run() as preview:
        return _resuming(options, acted) if agreed(preview, hub.settings.document) else None


def _resuming(options: Options, resume: bool) -> Options:  # noqa: FBT001  # it is a member of the options
    return Options(**{**vars(options), "resume": resume})
