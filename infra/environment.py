"""The environment variables of a function: the places that it may reach, and what it may do elsewhere."""

import json
from collections.abc import Iterable, Mapping

from functions.shared.automation import Automation
from infra.foundation import Foundation
from infra.metrics import NAMESPACE
from infra.rights import Statement


def environment(
    automation: Automation, declared: Iterable[Statement], foundation: Foundation, places: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables.

    Args:
        automation: whose function it is.
        declared: the statements of its manifest, which a session in another account is narrowed to.
        foundation: what the hub's functions share.
        places: what stands for the places in a permission's resources.
    """
    reachable = {
        "{topic}": ("TOPIC_ARN", foundation.channels.topic.topic_arn),
        "{bus}": ("BUS_NAME", foundation.channels.bus.event_bus_name),
        "{poller}": ("POLLER_ARN", places.get("poller", "")),
    }
    reached = {resource for permission in automation.permissions for resource in permission.resources}
    actions = sorted({statement.action for statement in declared})
    return {
        "LEDGER_TABLE": foundation.ledger.table.table_name,
        "POWERTOOLS_SERVICE_NAME": automation.name,
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        **({"SESSION_ACTIONS": json.dumps(actions)} if automation.run else {}),
        **dict(reachable[place] for place in sorted(reachable.keys() & reached)),
    }
