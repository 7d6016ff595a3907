"""Gives one event to the automation that it triggers."""

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from moto.events.models import EventPattern

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import dry, enter
from cli.output.writing import show
from cli.run.consent import approved, note_what_was_not_shown
from cli.run.runner import Runner
from cli.terminal.notes import note
from cli.terminal.safe_text import quoted
from functions.catalog import AUTOMATIONS
from functions.report.verdict import READ, RunVerdict, verdict_of
from functions.shared.automation import SWEEP_EVENT, Automation, EventTrigger
from functions.shared.finding import plain_line
from functions.shared.run.events import Selection, selection_of

_JUDGED = ("compliant", "non_compliant", "insufficient_data")


def run(options: Options) -> int:
    """Do what the function in the cloud would do with the event; on a terminal, ask first."""
    settings = load(options.config)
    event = _read(options.event)
    hub = enter(settings, options, dry_run=False)
    runner = Runner(hub, options)
    selections = list(_selections(event, runner.automations(), options))
    if selections and sys.stdin.isatty() and not options.yes:
        preview = Runner(dry(hub), options).run_these(selections)
        if verdict_of(preview) is not RunVerdict.NOTHING:
            shown = approved(preview, settings.document)
            if shown is None:
                return ExitStatus.INTERRUPTED
            runner = Runner(replace(hub, approved=shown), options, is_repeated=True)
    document = runner.run_these(selections)
    show(document, options)
    _note_what_is_not_there(document, {automation.name for automation, selection in selections if selection.resources})
    note_what_was_not_shown(document)
    return exit_status(document)


def _note_what_is_not_there(document: Mapping[str, Any], narrowed: Collection[str]) -> None:
    """Say of each complete look that judged nothing that what was to be looked at alone is not there.

    Args:
        document: the result.
        narrowed: the automations for which the event names what to look at.
    """
    for row in document["coverage"]:
        if row["automation"] in narrowed and row["status"] in READ and not any(row[count] for count in _JUDGED):
            where = f"{row['account']} {row['region']}"
            note(f"{row['automation']} in {where}: what the event names is not there, or not to be judged")


def _selections(event: Any, automations: list[Automation], options: Options) -> Iterator[tuple[Automation, Selection]]:
    for automation in _triggered(event, automations, options):
        selection = selection_of(event, re.compile(automation.resource), automation.everywhere)
        if selection is None:
            note(f"{automation.name} was not looked at: the event has no account, Region and source of AWS")
        else:
            yield automation, selection


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{plain_line(path)} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        hint = "an event is one JSON document, as EventBridge delivers it"
        raise UsageError(f"{plain_line(path)} is not JSON: {error}", hint) from error


def _triggered(event: Any, automations: list[Automation], options: Options) -> list[Automation]:
    if options.automations:
        return automations
    triggered = [automation for automation in automations if _matches(automation, event)]
    if not triggered:
        note(f"nothing was looked at: {_why_untriggered(event)}")
    return triggered


def _why_untriggered(event: Any) -> str:
    """Name the disabled automations that the event would trigger, or say that it triggers none."""
    if disabled := [automation.name for automation in AUTOMATIONS if _matches(automation, event)]:
        return f"the event triggers {', '.join(disabled)}, which the configuration has off"
    if not isinstance(event, dict) or "detail-type" not in event:
        return "this is no event of EventBridge: it has no detail-type"
    what = quoted(str(event["detail-type"]))
    return f"no automation is triggered by {what} of its source; name one with --automation"


def _matches(automation: Automation, event: Any) -> bool:
    """Match as EventBridge does; the event of a schedule triggers every automation."""
    if not isinstance(event, dict):
        return False
    if all(event.get(name) == value for name, value in SWEEP_EVENT.items()):
        return True
    patterns = [trigger.pattern for trigger in automation.triggers if isinstance(trigger, EventTrigger)]
    return any(EventPattern.load(json.dumps(pattern)).matches_event(cast("Any", event)) for pattern in patterns)
