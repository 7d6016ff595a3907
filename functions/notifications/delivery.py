"""How the ledger writes down what each channel was sent of a record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from functions.notifications.decision import (
    ALERTS,
    Channel,
    DeliveryState,
    Kinds,
    NotificationKind,
    Record,
    RecordKind,
)
from functions.shared.finding import ACCOUNT_UNREADABLE_CHECK, Severity
from functions.shared.ledger.records import Item, moment, timestamp


class _Attributes(NamedTuple):
    """Names of the attributes that hold a `DeliveryState`; empty for what the channel does not need."""

    version: str
    severity: str
    sent_at: str
    highest: str = ""


ATTRIBUTES: Mapping[Channel, _Attributes] = {
    Channel.BUS: _Attributes("published_version", "", ""),
    Channel.TOPIC: _Attributes("told_version", "alerted_severity", "alerted_at", "alerted_highest"),
    Channel.WEBHOOKS: _Attributes("posted_version", "posted_severity", "posted_at", "posted_highest"),
    Channel.SECURITY_HUB: _Attributes("imported_version", "", "imported_at"),
}
NOTIFIED_VERSION = "notified_version"
"""The last version of which all was sent, through every channel but Security Hub, which can be switched on later."""

_MARK = "mark"
"""Another value with each change of a `DeliveryState`: a sweep that closes a finding sees that more was sent of it."""

_INTERNAL = {"pk", "sk", "queue", "due_at", "expires_at", NOTIFIED_VERSION, _MARK}.union(*ATTRIBUTES.values())


def as_record(item: Mapping[str, Any]) -> Record:
    """Read an item of the ledger.

    Raises:
        KeyError: a member is missing that the ledger always writes.
    """
    return Record(
        pk=item["pk"],
        sk=item["sk"],
        kind=RecordKind(item["sk"].partition("#")[0]),
        version=item["version"],
        severity=Severity(item.get("severity", Severity.INFORMATIONAL)),
        muted=item.get("muted", False),
        finished="ended_at" in item,
        is_of_account=item.get("check") == ACCOUNT_UNREADABLE_CHECK,
        content=item,
        delivered={channel: _state(item, channel) for channel in Channel},
    )


def _state(item: Mapping[str, Any], channel: Channel) -> DeliveryState:
    version, severity, sent_at, highest = ATTRIBUTES[channel]
    notified = 0 if channel is Channel.SECURITY_HUB else item[NOTIFIED_VERSION]
    last = item.get(severity)
    most = item.get(highest, last)  # earlier versions wrote only the last
    return DeliveryState(
        version=max(notified, item.get(version, 0)),
        severity=Severity(last) if last else None,
        sent_at=moment(item[sent_at]) if sent_at in item else None,
        highest=Severity(most) if most else None,
    )


def sent_attributes(record: Record, sent: Kinds, now: datetime, *, is_all: bool) -> Item:
    """Return the attributes that say that *sent* was sent of *record*.

    Args:
        record: as it was when it was read.
        sent: to each channel.
        now: when.
        is_all: nothing else has to be sent of this version.
    """
    changes: Item = {_MARK: uuid4().hex, **({NOTIFIED_VERSION: record.version} if is_all else {})}
    for channel, kind in sent.items():
        version, severity, sent_at, highest = ATTRIBUTES[channel]
        if not is_all or channel is Channel.SECURITY_HUB:
            changes[version] = record.version
        if kind in (*ALERTS, NotificationKind.IMPORT):
            changes[sent_at] = timestamp(now)
        if kind in ALERTS:
            known = record.delivered[channel].highest or record.severity
            changes[severity] = str(record.severity)
            changes[highest] = str(max(known, record.severity, key=lambda each: each.rank))
    return changes


def late_attributes(closed: Record, record: Record, sent: Kinds, now: datetime) -> Item:
    """Return the attributes that say of a closed record that *sent* was sent of it before it was closed.

    So its end is sent to those who heard of it, and to nobody twice.

    Args:
        closed: as it is now.
        record: as it was when *sent* was sent.
        sent: to each channel.
        now: when.
    """
    alerts: Kinds = {channel: kind for channel, kind in sent.items() if kind in ALERTS}
    known = {ATTRIBUTES[channel].version: state.version for channel, state in closed.delivered.items()}
    heard = sent_attributes(record, alerts, now, is_all=False)
    return {**known, **heard, NOTIFIED_VERSION: min(record.version, closed.content[NOTIFIED_VERSION])}


def inherited_attributes(record: Record) -> Item:
    """Return the attributes by which another record of the same trouble is known to those who know of *record*."""
    of_people = (ATTRIBUTES[channel][1:] for channel in (Channel.TOPIC, Channel.WEBHOOKS))
    names = [name for attributes in of_people for name in attributes if name in record.content]
    return {_MARK: uuid4().hex, **{name: record.content[name] for name in names}}


def detail_of(record: Record) -> dict[str, Any]:
    """Return all members of a finding or an action but those that only the ledger and the notifications need."""
    return {name: value for name, value in record.content.items() if name not in _INTERNAL}
