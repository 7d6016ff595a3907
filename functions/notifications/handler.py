"""Sends what the ledger holds: at once what its stream brings, later what the stream lost, digests and reminders."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.notifications.asff import Product
from functions.notifications.effects import NotificationQueue, SecurityHub
from functions.notifications.machinery import Notice, notice_of, tell
from functions.notifications.notifier import Notifier
from functions.notifications.policy import Policy
from functions.notifications.sending import Sender
from functions.shared.aws.clients import Clients
from functions.shared.aws.lazy import Lazy
from functions.shared.aws.publisher import Publisher
from functions.shared.ledger.lasting_mutes import lasting_mutes
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.table import Table
from functions.shared.observability import log
from functions.shared.run.cold_start import cold_start
from functions.shared.run.events import Selection
from functions.shared.run.scope import ConfiguredScope
from functions.shared.settings import Settings


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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an invocation stands; it carries no sweep along, as `functions.shared.run.hub.Hub` would.

    Attributes:
        settings: the compiled configuration.
        clients: of the hub's account.
        partition: of the hub.
        account: the hub's.
    """

    settings: Settings
    clients: Clients
    partition: str
    account: str

    @classmethod
    def of(cls, context: Any) -> "_Place":
        """Read it from the function's ARN and its asset."""
        _, partition, _, _, account, *_ = context.invoked_function_arn.split(":")
        return cls(*cold_start(os.environ["LAMBDA_TASK_ROOT"]), partition, account)

    @property
    def table(self) -> Table:
        """The ledger's."""
        return Table(self.clients.calls("dynamodb", self.settings.hub_region), os.environ["LEDGER_TABLE"])

    @property
    def publisher(self) -> Publisher:
        """Of the topic and the bus."""
        sns, events = (self.clients.calls(service, self.settings.hub_region) for service in ("sns", "events"))
        return Publisher(sns, events, os.environ["TOPIC_ARN"], os.environ["BUS_NAME"])

    def regions_of(self, account: str, region: str) -> set[str]:
        """Return the Regions of the targets in an account that are in scope, and that an event from *region* names."""
        scope = ConfiguredScope(self.settings.scope, self.account, self.partition, Membership(self.table).is_member)
        only_regions = ("", *self.settings.document["target_regions"].values())
        where = Selection(account, region)
        return {target.region for only in only_regions for target in scope.targets(where, only)}


def _notifier(context: Any) -> Notifier:
    """Return what one invocation needs: it reads the mutes once, and what it gives up the next one tries again."""
    place = _Place.of(context)
    settings, table, region = place.settings, place.table, place.settings.hub_region
    policy = Policy.of(settings.section("notifications"), settings.document["supersedes"])
    product = Product(place.partition, region, place.account)
    security_hub = SecurityHub(place.clients.calls("securityhub", region), product) if policy.security_hub else None
    mutes = Lazy(lambda: (*settings.mutes, *lasting_mutes(table, datetime.now(UTC))))
    return Notifier(
        queue=NotificationQueue(table, mutes),
        sender=Sender(place.publisher, policy, security_hub),
        policy=policy,
    )


def _tell(notice: Notice, context: Any) -> dict[str, int]:
    """Tell people of the machinery, if it is the hub's own or stands where a forwarder of this hub does."""
    place = _Place.of(context)
    is_of_forwarder = notice.trouble.is_of_forwarder
    has_forwarder = is_of_forwarder and notice.region in place.regions_of(notice.account, notice.region)
    if notice.account != place.account and not has_forwarder:
        log.warning("event from outside the scope", account=notice.account, region=notice.region)
        return {"notified": 0}
    return tell(notice, place.table, place.publisher, datetime.now(UTC))


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
