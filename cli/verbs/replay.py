"""Gives events to the automations that they trigger."""

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cli.command.options import Options
from cli.configuration.loading import load
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import dry, enter
from cli.output.writing import show
from cli.run.consent import approved, note_what_was_not_shown
from cli.run.event_forms import read_events
from cli.run.runner import Runner
from cli.run.triggered import selections
from cli.terminal.notes import note
from functions.report.verdict import READ, RunVerdict, verdict_of

_JUDGED = ("compliant", "non_compliant", "insufficient_data")


def run(options: Options) -> int:
    """Do what the functions in the cloud would do with the events; on a terminal, ask first."""
    settings = load(options.config)
    events = read_events(options.event)
    hub = enter(settings, options, dry_run=False)
    runner = Runner(hub, options)
    selected = [*selections(events, runner.automations(), named=bool(options.automations))]
    if selected and sys.stdin.isatty() and not options.yes:
        preview = Runner(dry(hub), options).run_these(selected)
        if verdict_of(preview) is not RunVerdict.NOTHING:
            shown = approved(preview, settings.document)
            if shown is None:
                return ExitStatus.INTERRUPTED
            runner = Runner(replace(hub, approved=shown), options, is_repeated=True)
    document = runner.run_these(selected)
    show(document, options)
    note_what_was_not_shown(document)
    return _status(document, {automation.name for automation, selection in selected if selection.resources})


def _status(document: Mapping[str, Any], narrowed: Collection[str]) -> ExitStatus:
    """Return the exit status; where nothing was there to be judged, nothing is known to comply.

    Args:
        document: the result.
        narrowed: the automations for which the events name what to look at.
    """
    absent = [*_nothing_there(document, narrowed)]
    for row in absent:
        where = f"{row['account']} {row['region']}"
        note(f"{row['automation']} in {where}: what the event names is not there, or not to be judged")
    status = exit_status(document)
    is_all = len(absent) == len(document["coverage"])
    return ExitStatus.USAGE if is_all and status is ExitStatus.COMPLIES else status


def _nothing_there(document: Mapping[str, Any], narrowed: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """Yield each complete look that judged nothing: what was to be looked at alone is not there."""
    for row in document["coverage"]:
        if row["automation"] in narrowed and row["status"] in READ and not any(row[count] for count in _JUDGED):
            yield row
