"""Which events are forwarded to the hub, and from which Regions: those that trigger an automation that is on."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.shared.automation import Automation, EventTrigger
from functions.shared.settings import Settings

HUBS_OWN = frozenset({"aws.events", "aws.lambda"})
"""Sources of what AWS says of the hub's own webhooks and functions: it is taken from the hub's default bus alone."""

FORWARDERS = frozenset({"aws.cloudwatch"})
"""The source of what forwarders say of themselves, by their alarms: each forwards its own, and nobody else's."""

_OTHER_PARTITIONS = ("us-gov-", "us-iso", "cn-", "eu-iso", "eusc-")
"""Begin the names of the Regions of all partitions but that in which every home Region is."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One kind of event.

    Attributes:
        name: of an automation that it triggers, and of the trigger.
        trigger: with the event's pattern.
        regions: those in scope in which AWS emits it; empty for every Region.
    """

    name: str
    trigger: EventTrigger
    regions: tuple[str, ...]

    def is_emitted_in(self, region: str) -> bool:
        """Say whether AWS emits it in *region*."""
        return not self.regions or region in self.regions


def forwarded(settings: Settings, automations: Iterable[Automation]) -> tuple[Forwarded, ...]:
    """Return the kinds of events that trigger automations that are on, each once: two may have the same trigger."""
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


def sources_of(trigger: EventTrigger) -> frozenset[str]:
    """Return the sources that a trigger's pattern names."""
    return frozenset(trigger.pattern["source"])


def admitted_sources(kinds: Iterable[Forwarded]) -> tuple[str, ...]:
    """Return the sources of all that forwarders send, in order: *kinds*, and what they say of themselves."""
    return tuple(sorted(FORWARDERS.union(*(sources_of(kind.trigger) for kind in kinds))))


def _triggers(settings: Settings, automations: Iterable[Automation]) -> Iterator[tuple[str, EventTrigger]]:
    """Yield the event triggers of the automations that are on, as far as forwarders bring their events."""
    hub_region = settings.hub_region
    for automation in automations:
        if settings.section(automation.name).get("mode") != "off":
            for trigger in automation.triggers:
                if isinstance(trigger, EventTrigger) and _comes_from_elsewhere(trigger, hub_region):
                    yield f"{automation.name}-{trigger.name}", trigger


def _comes_from_elsewhere(trigger: EventTrigger, hub_region: str) -> bool:
    """Say whether a forwarder may bring it: it is not about the hub or its forwarders, nor of another partition."""
    is_elsewhere = bool(trigger.home_region) and hub_region.startswith(_OTHER_PARTITIONS)
    return not is_elsewhere and not sources_of(trigger) <= HUBS_OWN | FORWARDERS
