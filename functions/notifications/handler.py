"""Sends what the ledger holds: at once what its stream brings, later what the stream lost, digests and reminders."""

import os
from datetime import UTC, datetime
from typing import Any

from functions.notifications.asff import Product
from functions.notifications.effects import NotificationQueue, SecurityHub
from functions.notifications.machinery import Notice, notice_of, tell
from functions.notifications.manifest import AUTOMATION
from functions.notifications.notifier import Notifier
from functions.notifications.policy import Policy
from functions.notifications.sending import Sender
from functions.shared.aws.lazy import Lazy
from functions.shared.aws.publisher import Publisher
from functions.shared.ledger.table import Table
from functions.shared.observability import log
from functions.shared.run.cold_start import hub_of
from functions.shared.run.events import Selection
from functions.shared.run.hub import Hub


def lambda_handler(event: object, context: Any) -> Any:
    """Send what the records of the ledger's stream call for; without records, all that is due.

    An event about the machinery itself is told as such.
    """
    if notice := notice_of(event):
        return _tell(notice, context)
    records = _records(event)
    if records is None:
        log.warning("event of an unknown shape: nothing is sent", event_type=type(event).__name__)
        return {}
    notifier = _notifier(context)
    if records:
        return notifier.notify_records({"Records": records}, context)
    return notifier.notify_due(datetime.now(UTC))


def _notifier(context: Any) -> Notifier:
    """Return what one invocation needs: it reads the mutes once, and what it gives up the next one tries again."""
    hub = hub_of(context)
    clients, region = hub.clients, hub.settings.hub_region
    policy = Policy.of(hub.settings.section("notifications"), hub.settings.document["supersedes"])
    product = Product(hub.partition, region, hub.account)
    security_hub = SecurityHub(clients.calls("securityhub", region), product) if policy.security_hub else None
    return Notifier(
        queue=NotificationQueue(_table(hub), Lazy(lambda: (*hub.settings.mutes, *hub.mutes()))),
        sender=Sender(_publisher(hub), policy, security_hub),
        policy=policy,
    )


def _table(hub: Hub) -> Table:
    return Table(hub.clients.calls("dynamodb", hub.settings.hub_region), os.environ["LEDGER_TABLE"])


def _publisher(hub: Hub) -> Publisher:
    sns, events = (hub.clients.calls(service, hub.settings.hub_region) for service in ("sns", "events"))
    return Publisher(sns, events, os.environ["TOPIC_ARN"], os.environ["BUS_NAME"])


def _tell(notice: Notice, context: Any) -> dict[str, int]:
    """Tell people of the machinery, if it is the hub's own or stands where a forwarder of this hub does."""
    hub = hub_of(context)
    automations = (AUTOMATION.name, *hub.settings.document["target_regions"])
    where = Selection(notice.account, notice.region)
    targets = (target for automation in automations for target in hub.targets(automation, where))
    has_forwarder = notice.trouble.is_of_forwarder and any(target.region == notice.region for target in targets)
    if notice.account != hub.account and not has_forwarder:
        log.warning("event from outside the scope", account=notice.account, region=notice.region)
        return {"notified": 0}
    return tell(notice, _table(hub), _publisher(hub), datetime.now(UTC))


def _records(event: object) -> list[dict[str, Any]] | None:
    """Return the stream records of an event that name an item of the ledger; none for the schedule's event."""
    match event:
        case {"Records": list(records)}:
            return [record for record in records if _names_an_item(record)] or None
        case {"source": "watchkeeper"}:
            return []
        case _:
            return None


def _names_an_item(record: object) -> bool:
    match record:
        case {"dynamodb": {"Keys": {"pk": {"S": str()}, "sk": {"S": str()}}}}:
            return True
        case _:
            return False
