"""The environment variables of a function: the places that it may reach, and what it may do elsewhere."""

import json
from collections.abc import Iterable, Mapping

from functions.shared.automation import Permission
from infra.foundation.foundation import Foundation
from infra.monitoring.metrics import NAMESPACE


def environment(
    name: str,
    permissions: Iterable[Permission],
    foundation: Foundation,
    places: Mapping[str, str],
    session_actions: Iterable[str] | None = None,
) -> dict[str, str]:
    """Return the variables.

    Args:
        name: whose function it is, in its log and its metrics.
        permissions: of its manifest: it is told of the places that they name.
        foundation: what the hub's functions share.
        places: what stands for the places in a permission's resources.
        session_actions: what a session in another account is narrowed to; None for a function that has none.
    """
    reachable = {
        "{topic}": ("TOPIC_ARN", foundation.channels.topic.topic_arn),
        "{bus}": ("BUS_NAME", foundation.channels.bus.event_bus_name),
        "{poller}": ("POLLER_ARN", places.get("poller", "")),
    }
    reached = {resource for permission in permissions for resource in permission.resources}
    return {
        "LEDGER_TABLE": foundation.ledger.table.table_name,
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        **({} if session_actions is None else {"SESSION_ACTIONS": json.dumps(sorted(set(session_actions)))}),
        **dict(reachable[place] for place in sorted(reachable.keys() & reached)),
    }
