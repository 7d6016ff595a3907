"""Gives one event to the automation that it triggers."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from moto.events.models import EventPattern

from cli.command.options import Options
from cli.configuration.loading import load
from cli.errors import UsageError
from cli.exit_status import ExitStatus, exit_status
from cli.hubs.hub import dry, enter
from cli.output.writing import show
from cli.run.consent import agreed
from cli.run.runner import Runner
from cli.terminal.safe_text import quoted
from functions.shared.automation import SWEEP_EVENT, Automation, EventTrigger
from functions.shared.finding import plain_line
from functions.shared.run.events import Selection, selection_of


def run(options: Options) -> int:
    """Do what the function in the cloud would do with the event; on a terminal, ask first."""
    settings = load(options.config)
    event = _read(options.event)
    hub = enter(settings, options, dry_run=False)
    runner = Runner(hub, options)
    selections = list(_selections(event, runner.automations(), options))
    preview = Runner(dry(hub), options)
    asks = sys.stdin.isatty() and not options.yes
    if selections and asks and not agreed(preview.run_these(selections), settings.document):
        return ExitStatus.INTERRUPTED
    document = runner.run_these(selections)
    show(document, options)
    return exit_status(document)


def _selections(event: Any, automations: list[Automation], options: Options) -> Iterator[tuple[Automation, Selection]]:
    for automation in _triggered(event, automations, options):
        selection = selection_of(event, re.compile(automation.resource), automation.everywhere)
        if selection is None:
            sys.stderr.write("watchkeeper: unknown form of event: nothing is read\n")
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
        detail_type = event.get("detail-type", "") if isinstance(event, dict) else type(event).__name__
        sys.stderr.write(
            f"watchkeeper: no automation is triggered by {quoted(str(detail_type))}; name one with --automation\n"
        )
    return triggered


def _matches(automation: Automation, event: Any) -> bool:
    """Match as EventBridge does; the event of a schedule triggers every automation."""
    if not isinstance(event, dict):
        return False
    if all(event.get(name) == value for name, value in SWEEP_EVENT.items()):
        return True
    patterns = [trigger.pattern for trigger in automation.triggers if isinstance(trigger, EventTrigger)]
    return any(EventPattern.load(json.dumps(pattern)).matches_event(cast("Any", event)) for pattern in patterns)
