"""Says which automations an event triggers, and where they look."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

from moto.events.models import EventPattern

from cli.run.event_forms import merged
from cli.terminal.notes import note
from cli.terminal.safe_text import quoted
from functions.catalog import AUTOMATIONS
from functions.report.html.markup import counted
from functions.shared.automation import Automation, EventTrigger
from functions.shared.aws.target import SWEEP_EVENT
from functions.shared.run.events import Selection, selection_of


def selections(
    events: Sequence[Any], automations: Sequence[Automation], *, named: bool
) -> Iterator[tuple[Automation, Selection]]:
    """Yield what the events trigger, each place once; say on standard error what triggers nothing.

    Args:
        events: as EventBridge delivers them.
        automations: that are switched on.
        named: the command line names these automations, so that they look at whatever the events name.
    """
    idle = [event for event in events if not named and not any(_matches(each, event) for each in automations)]
    if len(idle) == len(events):
        note(f"nothing was looked at: {_why_untriggered(idle[0])}" + (" (and so the others)" if len(idle) > 1 else ""))
    elif idle:
        some = f"{counted(len(idle), 'event')} of {len(events):,}"
        note(f"{some} triggered nothing that is on; of the first: {_why_untriggered(idle[0])}")
    for automation in automations:
        triggering = [event for event in events if named or _matches(automation, event)]
        found = [selection_of(event, re.compile(automation.resource), automation.everywhere) for event in triggering]
        if lost := found.count(None):
            what = "the event has" if len(events) == 1 else f"{counted(lost, 'event')} of {len(events):,} have"
            note(f"{automation.name} was not looked at: {what} no account, Region and source of AWS")
        yield from ((automation, each) for each in merged(each for each in found if each is not None))


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
    return any(pattern.matches_event(cast("Any", event)) for pattern in _patterns(automation.name))


@cache
def _patterns(name: str) -> list[EventPattern]:
    """Return the patterns of an automation, as EventBridge reads them: a log file has thousands of records."""
    triggers = (trigger for each in AUTOMATIONS if each.name == name for trigger in each.triggers)
    return [EventPattern.load(json.dumps(each.pattern)) for each in triggers if isinstance(each, EventTrigger)]
