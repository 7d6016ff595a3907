"""What is sent of a record, through which channel: the table, and what holds in every row of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from functions.notifications.decision import (
    Channel,
    DeliveryState,
    Kinds,
    NotificationKind,
    Record,
    RecordKind,
)
from functions.notifications.delivery import as_record, sent_attributes
from functions.notifications.policy import Policy, WebhookGroup
from functions.notifications.threads import Notification, decide, due_again_at
from functions.shared.deployment.audience import Audience
from functions.shared.finding import Severity
from tests.conftest import NOW, settings
from tests.notifications.conftest import record

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
POLICY = Policy(minimum_severity=MEDIUM, digest_after=20, reminder=DAY)
SENT = {"notified_version": 1, "alerted_severity": MEDIUM, "alerted_at": NOW}
AGAIN = SENT | {"version": 2}
OPENED, CHANGED, RESOLVED, TAKEN, ALERT, WORSE, REMINDER, ENDED, LAPSED, _, IMPORT = NotificationKind
NOTHING: Kinds = {}
EVERY_WEBHOOK = WebhookGroup(Audience(), ("ops",), ())

OPEN = [
    # what the record is, over a finding of MEDIUM of which nothing was sent · to the topic · to the bus
    ({}, ALERT, OPENED),
    ({"severity": HIGH}, ALERT, OPENED),
    ({"severity": LOW}, None, OPENED),
    ({"muted": True}, None, OPENED),
    ({"muted": True, "severity": CRITICAL}, None, OPENED),
    ({"version": 3}, ALERT, OPENED),
    ({"notified_version": 1}, ALERT, None),  # the bus was sent it and the topic was not
    ({"notified_version": 1, "muted": True}, None, None),
    ({"notified_version": 1, "severity": LOW}, None, None),
    (SENT, None, None),
    (SENT | {"alerted_at": NOW - DAY + SECOND}, None, None),
    (SENT | {"alerted_at": NOW - DAY}, REMINDER, None),
    (SENT | {"alerted_at": NOW - DAY, "muted": True}, None, None),
    (SENT | {"alerted_at": NOW - DAY, "severity": LOW}, None, None),
    (AGAIN, None, CHANGED),
    (AGAIN | {"severity": HIGH}, WORSE, CHANGED),
    (AGAIN | {"severity": HIGH, "alerted_severity": CRITICAL}, None, CHANGED),
    (AGAIN | {"severity": HIGH, "muted": True}, None, CHANGED),
    (AGAIN | {"severity": LOW}, None, CHANGED),
    (AGAIN | {"alerted_at": NOW - DAY}, REMINDER, CHANGED),
    (AGAIN | {"notified_version": 2}, None, None),
    # muted or mild at first, and neither any more
    ({"version": 2, "notified_version": 1}, ALERT, CHANGED),
]
CLOSED = [
    ({"version": 2}, None, RESOLVED),  # it ended before anything was sent
    (AGAIN, ENDED, RESOLVED),
    (AGAIN | {"muted": True}, ENDED, RESOLVED),
    (AGAIN | {"severity": LOW}, ENDED, RESOLVED),
    (AGAIN | {"status": "LAPSED"}, LAPSED, CHANGED),
    ({"version": 2, "status": "LAPSED"}, None, CHANGED),
    ({"version": 2, "notified_version": 1}, None, RESOLVED),  # the bus alone was sent it
    (AGAIN | {"notified_version": 2}, None, None),
    (AGAIN | {"notified_version": 2, "alerted_at": NOW - DAY}, None, None),
]
ACTION = [
    ({}, None, None),  # written ahead
    ({"version": 2, "finished": True}, None, TAKEN),
    ({"version": 2, "finished": True, "notified_version": 2}, None, None),
    ({"version": 3, "finished": True, "notified_version": 2}, None, TAKEN),  # confirmed later
]
TABLE = [
    (kind, members, alert, event)
    for kind, rows in ((RecordKind.OPEN, OPEN), (RecordKind.CLOSED, CLOSED), (RecordKind.ACTION, ACTION))
    for members, alert, event in rows
]
EVERY_RECORD = [
    record(
        kind,
        version=version,
        notified_version=notified,
        severity=severity,
        muted=muted,
        alerted_severity=alerted,
        alerted_at=NOW - ago if alerted else None,
        finished=finished,
    )
    for kind, (version, notified), severity, muted, alerted, ago, finished in product(
        RecordKind,
        ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2)),
        Severity,
        (False, True),
        (None, *Severity),
        (timedelta(0), DAY - SECOND, DAY, 3 * DAY),
        (False, True),
    )
]


def test_an_account_that_nobody_can_watch_is_told_whatever_the_minimum_is() -> None:
    policy = replace(POLICY, minimum_severity=Severity.CRITICAL, webhooks=(EVERY_WEBHOOK,))
    standing = {"severity": HIGH, "content": {"check": "account-unreadable"}}
    sent = kinds(record(**standing), policy)
    assert (sent[Channel.TOPIC], sent[Channel.WEBHOOKS]) == (NotificationKind.ALERT, NotificationKind.ALERT)
    assert Channel.TOPIC not in kinds(record(**standing | {"muted": True}), policy)
    assert Channel.TOPIC not in kinds(record(severity=HIGH), policy)


def kinds(record: Record, policy: Policy = POLICY, at: datetime = NOW) -> Kinds:
    """Return what each channel is sent of a record that has no thread."""
    return decide(record, policy, at).kinds


def topic(record: Record, policy: Policy = POLICY) -> NotificationKind | None:
    """Return what the topic is sent."""
    return kinds(record, policy).get(Channel.TOPIC)


def after(before: Record, sent: Kinds) -> Record:
    """Return the record as it is marked once *sent* was sent."""
    return as_record({**before.content, **sent_attributes(before, sent, NOW, is_all=True)})


def delivered(before: Record, **states: DeliveryState) -> Record:
    """Return the record with other states of delivery, by channel."""
    return replace(before, delivered={**before.delivered, **{Channel(name): state for name, state in states.items()}})


@pytest.mark.parametrize(("kind", "members", "alert", "event"), TABLE)
def test_what_is_sent_of_a_record(
    kind: RecordKind, members: dict[str, Any], alert: NotificationKind | None, event: NotificationKind | None
) -> None:
    wanted = {Channel.TOPIC: alert, Channel.BUS: event}
    assert kinds(record(kind, **members)) == {name: what for name, what in wanted.items() if what}


def test_what_was_sent_is_not_sent_again() -> None:
    for each in EVERY_RECORD:
        assert kinds(after(each, kinds(each))) == NOTHING


def test_no_message_is_sent_of_an_action() -> None:
    assert {topic(r) for r in EVERY_RECORD if r.kind is RecordKind.ACTION} == {None}


def test_no_message_is_sent_of_what_is_open_and_muted_or_mild() -> None:
    mild = (LOW, Severity.INFORMATIONAL)
    silent = [r for r in EVERY_RECORD if r.kind is RecordKind.OPEN and (r.muted or r.severity in mild)]
    assert {topic(r) for r in silent} == {None}


def test_a_severity_that_rose_is_an_alert_whatever_was_sent_before() -> None:
    for each in EVERY_RECORD:
        before = each.delivered[Channel.TOPIC].severity
        if each.kind is RecordKind.OPEN and not each.muted and before and each.severity.rank > before.rank:
            assert each.severity.rank < MEDIUM.rank or topic(each) is WORSE


def test_the_bus_is_sent_a_version_once() -> None:
    findings = [r for r in EVERY_RECORD if r.kind is not RecordKind.ACTION]
    for each in findings:
        assert (Channel.BUS in kinds(each)) == (each.version > each.content["notified_version"])


def test_what_was_sent_is_due_again_when_there_is_something_to_send_and_not_before() -> None:
    for each in EVERY_RECORD:
        notification = decide(each, POLICY, NOW)
        due = due_again_at(each, notification, POLICY, NOW)
        marked = after(each, notification.kinds)
        if due is None:
            assert kinds(marked, at=NOW + 99 * DAY) == NOTHING
        else:
            assert NOW < due <= NOW + DAY
            assert kinds(marked, at=due - SECOND) == NOTHING
            is_silent = each.muted or each.severity.rank < MEDIUM.rank
            assert kinds(marked, at=due) == (NOTHING if is_silent else {Channel.TOPIC: REMINDER})


def test_what_is_muted_is_due_again_when_the_mute_ends_or_after_a_day() -> None:
    for hours, due in ((2, timedelta(hours=2, seconds=1)), (99, DAY)):
        each = replace(record(), muted=True, muted_until=NOW + timedelta(hours=hours))
        assert due_again_at(each, Notification(), POLICY, NOW) == NOW + due


@pytest.mark.parametrize("minimum", Severity)
def test_the_minimum_itself_is_an_alert(minimum: Severity) -> None:
    policy = replace(POLICY, minimum_severity=minimum)
    alerted = {s for s in Severity if topic(record(severity=s), policy) is ALERT}
    assert alerted == {s for s in Severity if s.rank >= minimum.rank}


def test_the_policy_is_that_of_the_configuration() -> None:
    section = settings(notifications={"minimum_severity": "HIGH", "digest_after": 5, "reminder_hours": 48})
    assert Policy.of(section.section("notifications"), {}) == Policy(HIGH, 5, 2 * DAY)
    assert Policy.of(settings().section("notifications"), {}) == POLICY


# Webhooks


def test_webhooks_are_sent_what_the_topic_is_sent_by_what_they_were_sent_themselves() -> None:
    policy = replace(POLICY, webhooks=(EVERY_WEBHOOK,))
    for each in EVERY_RECORD:
        alike = delivered(each, webhooks=each.delivered[Channel.TOPIC])
        notification = kinds(alike, policy)
        assert notification.get(Channel.WEBHOOKS) is notification.get(Channel.TOPIC)
        assert topic(delivered(each, webhooks=DeliveryState()), policy) is notification.get(Channel.TOPIC)
        assert Channel.WEBHOOKS not in kinds(alike)


def test_a_record_is_due_again_when_the_first_of_both_has_to_be_reminded() -> None:
    policy = replace(POLICY, webhooks=(EVERY_WEBHOOK,))
    early, late = NOW - 5 * SECOND, NOW - SECOND
    each = record(severity=MEDIUM, notified_version=1, alerted_severity=MEDIUM, alerted_at=late)
    each = delivered(each, webhooks=DeliveryState(1, MEDIUM, early, MEDIUM))
    assert due_again_at(each, Notification(), policy, NOW) == early + policy.reminder
    assert due_again_at(each, Notification(), POLICY, NOW) == late + POLICY.reminder
