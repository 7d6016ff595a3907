"""All examinations in the order in which they are made: what others need comes first."""

from collections.abc import Callable, Iterator, Mapping

from cli.diagnostics import (
    control_policies,
    forwarders,
    hub_stack,
    ledger,
    queues,
    regions,
    rights,
    spoke_roles,
    subscribers,
    trails,
    triggers,
    webhooks,
)
from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row
from cli.diagnostics.names import SERVICE_CONTROL_POLICIES

EXAMINATIONS: Mapping[str, Callable[[Patient], Iterator[Row]]] = {
    "hub": hub_stack.examine,
    "ledger": ledger.examine,
    "spoke-roles": spoke_roles.examine,
    "regions": regions.examine,
    "rights": rights.examine,
    SERVICE_CONTROL_POLICIES: control_policies.examine,
    "trails": trails.examine,
    "rules-and-schedules": triggers.examine,
    "forwarders": forwarders.examine,
    "queues": queues.examine,
    "webhooks": webhooks.examine,
    "subscribers": subscribers.examine,
}
"""By their names."""
