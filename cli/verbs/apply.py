"""Makes the changes that the configuration has on apply."""

import sys

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import dry, enter
from cli.output.writing import show
from cli.run.consent import agreed
from cli.run.resume import is_interrupted, nothing_to_resume
from cli.run.runner import Runner
from cli.run.saved_result import read_earlier
from functions.shared.run.hub import Hub


def run(options: Options) -> int:
    """Ask, unless told not to; then change, record, and show the state after it."""
    settings, previous = load(options.config), read_earlier(options.since)
    if not options.yes and not sys.stdin.isatty():
        raise UsageError(
            "apply needs confirmation, but there is no terminal: use --yes",
            "plan shows the changes without making them",
        )
    hub = enter(settings, options, dry_run=False)
    acting = options if options.yes else _agreed(hub, options)
    if acting is None:
        return ExitStatus.INTERRUPTED
    with Runner(hub, acting, previous).run() as document:
        show(document, options)
        return exit_status(document)


def _agreed(hub: Hub, options: Options) -> Options | None:
    """Show what would be done, ask for consent, and return the options to apply with; None without consent.

    Either the dry run before the question or the run after it may be the one to resume.

    Raises:
        UsageError: there is no run to resume.
    """
    looking = dry(hub)
    dry_resumes, resumes = (options.resume and is_interrupted(each, options) for each in (looking, hub))
    if options.resume and not (dry_resumes or resumes):
        raise nothing_to_resume()
    with Runner(looking, _resuming(options, dry_resumes)).run() as preview:
        return _resuming(options, resumes) if agreed(preview, hub.settings.document) else None


def _resuming(options: Options, resume: bool) -> Options:  # noqa: FBT001  # it is a member of the options
    return Options(**{**vars(options), "resume": resume})
