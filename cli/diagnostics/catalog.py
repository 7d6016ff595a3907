"""All diagnostics in the order in which they run: first those that others depend on."""

from collections.abc import Callable, Iterator, Mapping

from cli.diagnostics import (
    control_policies,
    forwarders,
    hub_stack,
    ledger,
    regions,
    rights,
    spoke_roles,
    subscribers,
    trails,
    triggers,
    webhooks,
)
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import SERVICE_CONTROL_POLICIES, Diagnosis
from cli.diagnostics.running import alarms, concurrency, queues, sweeps

HUB = "hub"

DIAGNOSTICS: Mapping[str, Callable[[DiagnosticContext], Iterator[Diagnosis]]] = {
    HUB: hub_stack.diagnose,
    "ledger": ledger.diagnose,
    "spoke-roles": spoke_roles.diagnose,
    "regions": regions.diagnose,
    "rights": rights.diagnose,
    SERVICE_CONTROL_POLICIES: control_policies.diagnose,
    "trails": trails.diagnose,
    "rules-and-schedules": triggers.diagnose,
    "forwarders": forwarders.diagnose,
    "queues": queues.diagnose,
    "alarms": alarms.diagnose,
    "sweeps": sweeps.diagnose,
    "webhooks": webhooks.diagnose,
    "concurrency": concurrency.diagnose,
    "subscribers": subscribers.diagnose,
}
"""By name."""

BEFORE_A_DEPLOYMENT = frozenset({HUB, "regions", "rights", "webhooks", "concurrency"})
"""Those that are about the account itself, or about what would make a deployment fail."""
