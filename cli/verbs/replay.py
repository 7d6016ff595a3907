"""Gives one event to the automation that it wakes."""

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
from functions.shared.run.events import Selection, selection_of


def run(options: Options) -> int:
    """Do what the function in the cloud would do with the event; on a terminal, ask first."""
    settings = load(options.config)
    event = _read(options.event)
    hub, clock = enter(settings, options, dry_run=False)
    runner = Runner(hub, clock, options)
    wakes = list(_selections(event, runner.automations(), options))
    preview = Runner(dry(hub), clock, options)
    asks = sys.stdin.isatty() and not options.yes
    if wakes and asks and not agreed(preview.run_these(wakes), settings.document):
        return ExitStatus.INTERRUPTED
    document = runner.run_these(wakes)
    show(document, options)
    return exit_status(document)


def _selections(event: Any, automations: list[Automation], options: Options) -> Iterator[tuple[Automation, Selection]]:
    for automation in _woken(event, automations, options):
        selection = selection_of(event, re.compile(automation.resource))
        if selection is None:
            sys.stderr.write("watchkeeper: the event has no shape that is known: nothing is looked at\n")
        else:
            yield automation, selection


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is not JSON: {error}", "an event is one JSON document, as EventBridge delivers it"
        ) from error


def _woken(event: Any, automations: list[Automation], options: Options) -> list[Automation]:
    if options.automations:
        return automations
    woken = [automation for automation in automations if _matches(automation, event)]
    if not woken:
        detail_type = event.get("detail-type", "") if isinstance(event, dict) else type(event).__name__
        sys.stderr.write(f"watchkeeper: no automation wakes on {quoted(str(detail_type))}; --automation names one\n")
    return woken


def _matches(automation: Automation, event: Any) -> bool:
    """Match as EventBridge does; a schedule's event wakes whatever has a schedule."""
    if not isinstance(event, dict):
        return False
    if all(event.get(name) == value for name, value in SWEEP_EVENT.items()):
        return True
    patterns = [trigger.pattern for trigger in automation.triggers if isinstance(trigger, EventTrigger)]
    return any(EventPattern.load(json.dumps(pattern)).matches_event(cast("Any", event)) for pattern in patterns)
