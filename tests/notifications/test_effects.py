"""The queue of notifications against the emulated AWS: what is due, what is marked, what is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.faults import Fault
from functions.notifications.decision import (
    Channel,
    DeliveryState,
    Kinds,
    NotificationKind,
    Record,
    RecordKind,
)
from functions.notifications.delivery import ATTRIBUTES, as_record
from functions.notifications.effects import NotificationQueue
from functions.notifications.policy import Policy, WebhookGroup
from functions.notifications.threads import decide
from functions.shared.aws.calls import CallError
from functions.shared.deployment.audience import Audience
from functions.shared.finding import Ending, Severity
from functions.shared.ledger.ledger import Ledger, SweepOutcome
from functions.shared.ledger.records import Item
from tests.conftest import NOW, Table
from tests.notifications.conftest import TARGET, WATCHER, finding, record

MINUTE = timedelta(minutes=1)
TOMORROW = NOW + timedelta(days=1)
ALERTED: Kinds = {Channel.TOPIC: NotificationKind.ALERT}
POLICY = Policy(Severity.MEDIUM, digest_after=20, reminder=timedelta(days=1))
EVERY_WEBHOOK = WebhookGroup(Audience(), ("ops",), ())
DENIED = ("AccessDenied", "AccessDeniedException")


def opened(ledger: Ledger, *names: str, at: datetime = NOW) -> None:
    """Let findings be opened."""
    ledger.reconcile(WATCHER, TARGET, SweepOutcome([(finding(name), False) for name in names], {}, {}), at)


def changed(ledger: Ledger, now: datetime = NOW, **members: Any) -> None:
    """Let the finding change."""
    standing = ledger.open_findings(WATCHER, TARGET)
    ledger.reconcile(WATCHER, TARGET, SweepOutcome([(finding(**members), False)], standing, {}), now)


def closed(ledger: Ledger) -> None:
    """Let all findings end."""
    standing = ledger.open_findings(WATCHER, TARGET)
    ledger.reconcile(WATCHER, TARGET, SweepOutcome([], standing, dict.fromkeys(standing, Ending("healed"))), NOW)


def only(queue: NotificationQueue) -> Record:
    """Return the one record that is due."""
    (key,) = queue.due(NOW)
    due = queue.record(*key, NOW)
    assert due is not None
    return due


def kinds(record: Record, policy: Policy = POLICY) -> Kinds:
    """Return what each channel has to be sent of a record that has no thread."""
    return decide(record, policy, NOW).kinds


def item(table: Table, prefix: str = "open#") -> Item:
    """Return the one item of the ledger whose key begins so."""
    (found,) = table.items(prefix)
    return found


# The queue


def test_a_record_is_read_as_it_is_now(queue: NotificationQueue, ledger: Ledger) -> None:
    opened(ledger, "1")
    due = only(queue)
    changed(ledger, severity=Severity.HIGH)
    read = queue.record(*due.key, NOW)
    assert read is not None
    assert (read.kind, read.version, read.severity) == (RecordKind.OPEN, 2, Severity.HIGH)
    assert read.delivered[Channel.BUS] == DeliveryState()
    assert read.content["evidence"] == finding().evidence


def test_a_record_that_is_gone_is_none(queue: NotificationQueue) -> None:
    assert queue.record("ram_invitations#1#2", "open#3", NOW) is None


def test_what_is_due_comes_in_its_order_and_no_sooner(queue: NotificationQueue, ledger: Ledger) -> None:
    opened(ledger, "1", at=NOW)
    opened(ledger, "2", at=NOW - MINUTE)
    opened(ledger, "3", at=NOW + MINUTE)
    due = [sk for _, sk in queue.due(NOW)]
    assert due == [f"open#{finding(name).finding_id}" for name in ("2", "1")]


def test_what_is_due_is_read_to_its_last_page(
    aws: Emulator, queue: NotificationQueue, table: Table, ledger: Ledger
) -> None:
    opened(ledger, "1")
    whole = item(table)
    table.put(*({**whole, "sk": f"open#{number:04}", "reason": "x" * 20_000} for number in range(120)))
    aws.calls.clear()
    assert len(list(queue.due(NOW))) == 121
    assert len(aws.calls.of("dynamodb:Query")) > 1


def test_an_action_is_due_when_it_came_out(queue: NotificationQueue, ledger: Ledger) -> None:
    what = {"action": "ram:AcceptResourceShareInvitation", "resource": "r", "rule": "hub", "reason": "x"}
    begun = ledger.begin_action(WATCHER, TARGET, what, "a change", NOW)
    assert list(queue.due(NOW)) == []
    ledger.end_action(begun, "DONE", "", NOW)
    due = only(queue)
    assert (due.kind, due.finished, due.version) == (RecordKind.ACTION, True, 2)


def test_a_mark_says_what_was_sent_and_when_it_is_due_again(
    queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    opened(ledger, "1")
    queue.mark(only(queue), ALERTED, TOMORROW, NOW)
    marked = as_record(item(table))
    assert marked.delivered[Channel.TOPIC] == DeliveryState(1, Severity.MEDIUM, NOW, Severity.MEDIUM)
    assert list(queue.due(TOMORROW - MINUTE)) == []
    assert list(queue.due(TOMORROW)) == [marked.key]


@pytest.mark.parametrize("sent", [{}, {Channel.TOPIC: NotificationKind.ENDED}])
def test_a_mark_of_what_alerted_nobody_says_nothing_of_an_alert(
    queue: NotificationQueue, ledger: Ledger, table: Table, sent: Kinds
) -> None:
    opened(ledger, "1")
    queue.mark(only(queue), sent, None, NOW)
    marked = item(table)
    assert marked["notified_version"] == 1
    assert not {"alerted_severity", "alerted_at", "queue", "due_at"} & set(marked)
    assert list(queue.due(TOMORROW)) == []


def test_what_changed_while_it_was_sent_stays_due(queue: NotificationQueue, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    seen = only(queue)
    changed(ledger, severity=Severity.HIGH)
    queue.mark(seen, ALERTED, TOMORROW, NOW)
    marked = only(queue)
    assert (marked.version, marked.severity) == (2, Severity.HIGH)
    assert marked.delivered[Channel.TOPIC] == DeliveryState(1, Severity.MEDIUM, NOW, Severity.MEDIUM)
    assert item(table)["due_at"] == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize(
    ("channel", "attribute"), [(Channel.TOPIC, "alerted_severity"), (Channel.WEBHOOKS, "posted_severity")]
)
def test_what_was_closed_while_a_channel_was_sent_its_alert_is_still_sent_there_when_it_ends(
    queue: NotificationQueue, ledger: Ledger, table: Table, channel: Channel, attribute: str
) -> None:
    opened(ledger, "1")
    seen = only(queue)
    closed(ledger)
    queue.mark(seen, {channel: NotificationKind.ALERT}, TOMORROW, NOW)
    (left,) = table.items()
    assert left["sk"].startswith("closed#")
    assert left[attribute] == "MEDIUM"
    policy = Policy(Severity.MEDIUM, digest_after=20, reminder=timedelta(days=1), webhooks=(EVERY_WEBHOOK,))
    ends = {Channel.BUS: NotificationKind.RESOLVED, channel: NotificationKind.ENDED}
    assert kinds(only(queue), policy) == ends


def test_a_part_that_was_sent_is_marked_by_itself_and_the_record_stays_due(
    queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    opened(ledger, "1")
    sent = {Channel.BUS: NotificationKind.OPENED, Channel.SECURITY_HUB: NotificationKind.IMPORT}
    queue.mark_part(only(queue), sent, NOW)
    marked = item(table)
    versions = {attributes.version for attributes in ATTRIBUTES.values()}
    assert marked.keys() & versions == {"published_version", "imported_version"}
    assert not {"alerted_at", "posted_at"} & marked.keys()
    assert marked["notified_version"] == 0
    queue.mark_part(only(queue), {Channel.WEBHOOKS: NotificationKind.ALERT}, NOW)
    delivered = only(queue).delivered
    assert delivered[Channel.WEBHOOKS] == DeliveryState(1, Severity.MEDIUM, NOW, Severity.MEDIUM)
    assert delivered[Channel.TOPIC] == DeliveryState()


@pytest.mark.parametrize("is_all", [True, False])
def test_a_finding_that_a_channel_was_sent_since_it_was_read_is_closed_with_that(
    queue: NotificationQueue, ledger: Ledger, table: Table, *, is_all: bool
) -> None:
    opened(ledger, "1")
    standing = ledger.open_findings(WATCHER, TARGET)
    _mark(queue, only(queue), is_all=is_all)
    ledger.reconcile(WATCHER, TARGET, SweepOutcome([], standing, dict.fromkeys(standing, Ending("it is well"))), NOW)
    (left,) = table.items()
    assert (left["status"], left["alerted_severity"], left["resolution"]) == ("RESOLVED", "MEDIUM", "it is well")
    assert kinds(only(queue))[Channel.TOPIC] is NotificationKind.ENDED


@pytest.mark.parametrize("is_all", [True, False])
@pytest.mark.parametrize("is_end_sent", [True, False])
def test_a_finding_that_was_closed_while_a_channel_was_sent_it_has_its_end_sent_there_once(
    queue: NotificationQueue, ledger: Ledger, *, is_all: bool, is_end_sent: bool
) -> None:
    opened(ledger, "1")
    seen = only(queue)
    closed(ledger)
    if is_end_sent:  # to the bus alone: nobody else was known to have heard of it
        end = only(queue)
        queue.mark(end, kinds(end), None, NOW)
    _mark(queue, seen, is_all=is_all)
    ends = kinds(only(queue))
    assert ends[Channel.TOPIC] is NotificationKind.ENDED
    assert (Channel.BUS in ends) is not is_end_sent
    queue.mark(only(queue), ends, None, NOW)
    assert list(queue.due(TOMORROW)) == []


def test_an_end_is_not_marked_over_what_was_sent_since_it_was_read(queue: NotificationQueue, ledger: Ledger) -> None:
    opened(ledger, "1")
    seen = only(queue)
    closed(ledger)
    end = only(queue)
    _mark(queue, seen, is_all=False)
    queue.mark(end, kinds(end), None, NOW)
    assert kinds(only(queue)) == {Channel.TOPIC: NotificationKind.ENDED}


@pytest.mark.parametrize("is_all", [True, False])
def test_what_was_sent_of_a_finding_says_nothing_of_its_return(
    queue: NotificationQueue, ledger: Ledger, table: Table, *, is_all: bool
) -> None:
    opened(ledger, "1")
    seen = only(queue)
    closed(ledger)
    standing = SweepOutcome([(finding("1"), False)], {}, {})
    ledger.reconcile(WATCHER, TARGET, standing, NOW + timedelta(hours=1))
    _mark(queue, seen, is_all=is_all)
    assert "alerted_severity" not in item(table, "open#")


def _mark(queue: NotificationQueue, seen: Record, *, is_all: bool) -> None:
    """Write down that the topic was sent an alert, whether another channel has refused it or not."""
    sent = {Channel.TOPIC: NotificationKind.ALERT}
    if is_all:
        queue.mark(seen, {**sent, Channel.BUS: NotificationKind.OPENED}, TOMORROW, NOW)
    else:
        queue.mark_part(seen, sent, NOW)


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("GetItem", lambda queue: queue.record("pk", "sk", NOW)),
        ("Query", lambda queue: list(queue.due(NOW))),
        ("UpdateItem", lambda queue: queue.mark(record(sk="open#1"), {}, None, NOW)),
    ],
)
def test_a_ledger_that_refuses_is_an_error(
    aws: Emulator, queue: NotificationQueue, operation: str, use: Callable[[NotificationQueue], object]
) -> None:
    aws.faults.add(Fault(f"dynamodb:{operation}", "denied"))
    with pytest.raises(CallError) as refused:
        use(queue)
    assert refused.value.code in DENIED


def test_a_throttle_is_waited_out(aws: Emulator, queue: NotificationQueue, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    for operation in ("Query", "UpdateItem"):
        aws.faults.add(Fault(f"dynamodb:{operation}", "throttle", times=3))
    queue.mark(only(queue), ALERTED, TOMORROW, NOW)
    assert item(table)["notified_version"] == 1


# Records


@pytest.mark.parametrize(
    ("sk", "kind"),
    [
        ("open#1", RecordKind.OPEN),
        ("closed#1#2026-11-20T09:00:00Z", RecordKind.CLOSED),
        ("action#2026#1", RecordKind.ACTION),
    ],
)
def test_the_key_says_what_a_record_is(sk: str, kind: RecordKind) -> None:
    assert as_record({"pk": "p", "sk": sk, "version": 1, "notified_version": 0}).kind is kind


def test_an_item_without_its_versions_is_an_error() -> None:
    with pytest.raises(KeyError):
        as_record({"pk": "p", "sk": "open#1"})
