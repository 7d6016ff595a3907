"""Makes the changes that the configuration has on apply."""

import sys
from dataclasses import replace

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import CommandHub, dry, enter
from cli.output.writing import show
from cli.run.consent import approved, note_what_was_not_shown
from cli.run.resume import is_interrupted, nothing_to_resume
from cli.run.runner import Runner
from cli.run.saved_result import read_earlier
from functions.report.result import Result
from functions.report.verdict import RunVerdict, verdict_of


def run(options: Options) -> int:
    """Ask, unless told not to; then change, record, and show the state after it."""
    settings, previous = load(options.config), read_earlier(options.since)
    if not options.yes and not sys.stdin.isatty():
        raise UsageError(
            "apply needs confirmation, but there is no terminal: use --yes",
            "plan shows the changes without making them",
        )
    hub = enter(settings, options, dry_run=False)
    return _act(Runner(hub, options, previous)) if options.yes else _ask_and_act(hub, options, previous)


def _ask_and_act(hub: CommandHub, options: Options, previous: Result | None) -> int:
    """Show what would be done, ask for consent, and do what was shown.

    Either the dry run before the question or the run after it may be the one to resume.

    Raises:
        UsageError: there is no run to resume.
    """
    looking = dry(hub)
    dry_resumes, resumes = (options.resume and is_interrupted(each, options) for each in (looking, hub))
    if options.resume and not (dry_resumes or resumes):
        raise nothing_to_resume()
    with Runner(looking, _resuming(options, dry_resumes)).run() as preview:
        if verdict_of(preview) is RunVerdict.NOTHING:
            show(preview, options)
            return exit_status(preview)
        shown = approved(preview, hub.settings.document)
    if shown is None:
        return ExitStatus.INTERRUPTED
    return _act(Runner(replace(hub, approved=shown), _resuming(options, resumes), previous, is_repeated=True))


def _act(runner: Runner) -> int:
    with runner.run() as document:
        show(document, runner.options)
        note_what_was_not_shown(document)
        return exit_status(document)


def _resuming(options: Options, resume: bool) -> Options:  # noqa: FBT001  # it is a member of the options
    return Options(**{**vars(options), "resume": resume})
