"""Which events are forwarded from where: what the automations that are on want to hear."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.shared.automation import Automation, EventTrigger
from functions.shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One kind of event.

    Attributes:
        name: of an automation that it wakes, and of the trigger.
        trigger: with the event's pattern.
        regions: in which AWS emits it, as far as they are in scope; empty for every Region.
    """

    name: str
    trigger: EventTrigger
    regions: tuple[str, ...]

    def is_emitted_in(self, region: str) -> bool:
        """Say whether AWS emits it in *region*."""
        return not self.regions or region in self.regions


def forwarded(settings: Settings, automations: Iterable[Automation]) -> tuple[Forwarded, ...]:
    """Return all kinds of events that wake the automations that are on, each once: two may want the same."""
    in_scope = settings.scope["regions"]
    scope = tuple(in_scope) if isinstance(in_scope, list) else ()
    kinds: dict[str, Forwarded] = {}
    for name, trigger in _triggers(settings, automations):
        regions = (trigger.home_region,) if trigger.home_region else scope
        kinds.setdefault(json.dumps([trigger.pattern, regions]), Forwarded(name, trigger, regions))
    return tuple(kinds.values())


def forwarding_regions(kinds: Iterable[Forwarded]) -> tuple[str, ...]:
    """Return every Region in which AWS emits one of *kinds*, in order."""
    return tuple(sorted({region for kind in kinds for region in kind.regions}))


def _triggers(settings: Settings, automations: Iterable[Automation]) -> Iterator[tuple[str, EventTrigger]]:
    """Yield what wakes the automations that are on, but for what stands in the hub's own Region alone."""
    for automation in automations:
        if settings.section(automation.name).get("mode") != "off":
            for trigger in automation.triggers:
                if isinstance(trigger, EventTrigger) and not _is_of_the_hub(trigger):
                    yield f"{automation.name}-{trigger.name}", trigger


def _is_of_the_hub(trigger: EventTrigger) -> bool:
    """Say whether the event tells of the hub's own functions."""
    return trigger.pattern.get("source") == ["aws.lambda"]
