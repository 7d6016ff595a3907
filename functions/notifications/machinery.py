"""What people are told of Watchkeeper's own machinery in other places: constant texts, with an account and a Region.

An alarm of a forwarder and AWS's word of a dead webhook arrive as events. Whoever administers a member account can make
such an alarm go off as often as they like, and write what they like into it: so nothing of an event is sent on but the
account and the Region, which EventBridge fills in, and each message is sent once a day at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.shared.aws.publisher import Publisher, TopicMessage, chat_notification
from functions.shared.ledger.records import timestamp
from functions.shared.ledger.table import Table, unless_condition_failed
from functions.shared.run.events import is_account

QUIET = timedelta(days=1)
"""Nobody is told the same of the same account and Region again within this time."""

_ATTEMPT = timedelta(seconds=45)
"""An invocation has this long to publish before another may: Lambda tries again what failed after a minute."""

_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the machinery, as people are told it.

    Attributes:
        title: in a few words.
        meaning: what follows from it.
        command: what a person runs next, in which ``{region}`` is filled in.
        is_of_forwarder: it is in any account and Region with a forwarder; otherwise in the hub's own account.
    """

    title: str
    meaning: str
    command: str
    is_of_forwarder: bool = False


_ALARM = "aws cloudwatch describe-alarms --region {region} --alarm-names "
_QUEUE = ' --query "MetricAlarms[].Dimensions[].Value"'
_FOUND_LATER = "The schedules find what it announced, later than an event would."
_WEBHOOK = "Check who receives the alerts: EventBridge may post nothing more to one of the hub's webhooks."
_DESTINATIONS = (
    'aws events list-api-destinations --region {region} --query "ApiDestinations[].[Name,ApiDestinationState]"'
)
_CONNECTIONS = (
    'aws events list-connections --region {region} --query "Connections[].[Name,ConnectionState,StateReason]"'
)

TROUBLES: Mapping[tuple[str, str], Trouble] = {
    ("aws.cloudwatch", "watchkeeper-forwarder-undelivered"): Trouble(
        "A forwarder could not send an event to the hub",
        f"A dead letter waits in its queue, which the command names. {_FOUND_LATER}",
        f"{_ALARM}watchkeeper-forwarder-undelivered{_QUEUE}",
        is_of_forwarder=True,
    ),
    ("aws.cloudwatch", "watchkeeper-forwarder-overlooked"): Trouble(
        "A dead letter of a forwarder has waited for a day",
        f"After fourteen days it is gone; the command names its queue. {_FOUND_LATER}",
        f"{_ALARM}watchkeeper-forwarder-overlooked{_QUEUE}",
        is_of_forwarder=True,
    ),
    ("aws.events", "API Destination Deactivated"): Trouble(
        "A webhook's API destination was deactivated", _WEBHOOK, _DESTINATIONS
    ),
    ("aws.events", "Connection Deauthorized"): Trouble(
        "A webhook's connection was deauthorized", _WEBHOOK, _CONNECTIONS
    ),
    ("aws.events", "Connection Failed Connectivity"): Trouble("A webhook's connection failed", _WEBHOOK, _CONNECTIONS),
}
"""By the source of the event, and by the name of the alarm or the detail-type."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message about the machinery.

    Attributes:
        trouble: what is wrong.
        account: where, 12 digits.
        region: where.
    """

    trouble: Trouble
    account: str
    region: str

    def message(self) -> TopicMessage:
        """Compose the message."""
        where = f"account {self.account} and Region {self.region}"
        command = self.trouble.command.format(region=self.region)
        title, meaning = self.trouble.title, f"{self.trouble.meaning} You are told once a day at most."
        content = {"title": f"{title}, in {where}", "description": meaning, "nextSteps": [f"`{command}`"]}
        return TopicMessage(
            subject=title,
            prose=f"{title}, in {where}.\n\n{meaning}\n\nRun in account {self.account}:\n  {command}\n",
            chat=chat_notification(content, metadata={"summary": title}),
            attributes={"kind": "machinery", "account": self.account},
        )


def notice_of(event: object) -> Notice | None:
    """Return what an event says of the machinery; None if it says nothing of it, or has an unknown shape."""
    match event:
        case {"source": "aws.cloudwatch", "account": account, "region": str(region), "detail": {"alarmName": name}}:
            key = ("aws.cloudwatch", name)
        case {"source": "aws.events", "account": account, "region": str(region), "detail-type": name}:
            key = ("aws.events", name)
        case _:
            return None
    trouble = TROUBLES.get(key) if isinstance(name, str) else None
    return Notice(trouble, account, region) if trouble and is_account(account) else None


def tell(notice: Notice, table: Table, publisher: Publisher, now: datetime) -> dict[str, int]:
    """Publish *notice*, unless the same was published within a day.

    Args:
        notice: what is told.
        table: the ledger, in which it is written down.
        publisher: of the topic.
        now: the present time.

    Raises:
        CallError: the ledger or SNS refused it; the next attempt may tell it.
    """
    item = {"pk": f"notifications#{notice.account}#{notice.region}", "sk": f"machinery#{notice.trouble.title}"}
    is_free = "attribute_not_exists(quiet_until) OR quiet_until <= :now"
    claimed = False
    with unless_condition_failed():
        table.change(item, _quiet(now, _ATTEMPT), condition=is_free, values={":now": timestamp(now)})
        claimed = True
    if claimed:
        publisher.publish(notice.message())
        table.change(item, _quiet(now, QUIET), condition="attribute_exists(sk)")
    return {"notified": int(claimed)}


def _quiet(now: datetime, time: timedelta) -> dict[str, Any]:
    return {"quiet_until": timestamp(now + time), "expires_at": int((now + _KEPT).timestamp())}
