"""The rules that trigger functions: on which bus each stands, and whose events it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.shared.automation import Automation, EventTrigger
from functions.shared.deployment.forwarding import FORWARDERS, HUBS_OWN, sources_of
from functions.shared.settings import Settings

DEFAULT_BUS = "default"


@dataclass(frozen=True, slots=True)
class RuleDescription:
    """A rule that triggers a function.

    Attributes:
        trigger: its name in the manifest.
        bus: ``default``, or the name of the hub's own bus.
        pattern: of its events.
    """

    trigger: str
    bus: str
    pattern: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HubsOwn:
    """What of the hub's own resources the patterns name, to take no event about another.

    Attributes:
        account: the hub's.
        poller: ARN of the durable function that the automation starts, without a version; empty where it starts none.
        webhooks: ARNs of the webhooks' API destinations and connections.
    """

    account: str
    poller: str = ""
    webhooks: Sequence[str] = ()


def rules_of(automation: Automation, settings: Settings, bus: str, own: HubsOwn) -> Iterator[RuleDescription]:
    """Yield the rules that trigger an automation's function.

    AWS's events reach the hub's Region by its default bus, and *bus* from all other Regions and accounts. What the
    hub's own account alone may say is taken from its default bus, where no other account can put anything.

    Args:
        automation: whose function is triggered.
        settings: the compiled configuration.
        bus: name of the hub's own bus.
        own: what the patterns name.
    """
    for trigger in automation.triggers:
        if isinstance(trigger, EventTrigger):
            sources = sources_of(trigger)
            if sources <= HUBS_OWN:
                if pinned := _pinned(trigger, own):
                    yield RuleDescription(trigger.name, DEFAULT_BUS, pinned)
                continue
            if trigger.home_region in {"", settings.hub_region} and not sources <= FORWARDERS:
                yield RuleDescription(trigger.name, DEFAULT_BUS, dict(trigger.pattern))
            yield RuleDescription(trigger.name, bus, dict(trigger.pattern))


def _pinned(trigger: EventTrigger, own: HubsOwn) -> dict[str, Any]:
    """Return the pattern of events about the hub's own resources; empty where there are none."""
    pattern = {**trigger.pattern, "account": [own.account]}
    if "aws.events" in sources_of(trigger):
        return {**pattern, "resources": [*own.webhooks]} if own.webhooks else {}
    detail = {**trigger.pattern.get("detail", {}), "functionArn": [{"prefix": f"{own.poller}:"}]}
    return {**pattern, "detail": detail} if own.poller else {}
