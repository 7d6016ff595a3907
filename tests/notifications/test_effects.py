"""The outbox, the topic and the bus against the emulated AWS: what is due, what is marked, what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.notifications.decision import NOTHING, Heard, Kind, Policy, Record, Telling, Way, Word, decide
from functions.notifications.effects import Bus, NotPublishedError, Outbox, Topic, as_record
from functions.notifications.messages import message
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import BUS_NAME
from functions.shared.finding import Severity
from functions.shared.ledger.ledger import Ledger, Outcome
from functions.shared.ledger.records import Item
from functions.shared.ledger.table import Table as LedgerTable
from functions.shared.run.hub import ledger_of
from tests.conftest import NOW, Table, clients_of, settings
from tests.notifications.conftest import TARGET, WATCHER, calls, finding, record

MINUTE = timedelta(minutes=1)
TOMORROW = NOW + timedelta(days=1)
ALERTED = Telling(Word.ALERT, "")
DENIED = ("AccessDenied", "AccessDeniedException")


@pytest.fixture
def outbox(table: Table) -> Outbox:
    """The outbox of an empty ledger."""
    assert table
    return Outbox(LedgerTable(calls("dynamodb"), TABLE_NAME))


@pytest.fixture
def ledger(table: Table) -> Ledger:
    """The same ledger, as an automation writes it."""
    assert table
    return ledger_of(settings(), clients_of(), TABLE_NAME)


def opened(ledger: Ledger, *names: str, at: datetime = NOW) -> None:
    """Let findings be opened."""
    ledger.reconcile(WATCHER, TARGET, Outcome([(finding(name), False) for name in names], {}, {}), at)


def changed(ledger: Ledger, now: datetime = NOW, **members: Any) -> None:
    """Let the finding change."""
    standing = ledger.open_findings(WATCHER, TARGET)
    ledger.reconcile(WATCHER, TARGET, Outcome([(finding(**members), False)], standing, {}), now)


def closed(ledger: Ledger) -> None:
    """Let all findings end."""
    standing = ledger.open_findings(WATCHER, TARGET)
    ledger.reconcile(WATCHER, TARGET, Outcome([], standing, dict.fromkeys(standing, "")), NOW)


def only(outbox: Outbox) -> Record:
    """Return the one record that is due."""
    (due,) = outbox.due(NOW)
    return due


def item(table: Table, prefix: str = "open#") -> Item:
    """Return the one item of the ledger whose key begins so."""
    (found,) = table.items(prefix)
    return found


# The outbox


def test_a_record_is_read_as_it_is_now(outbox: Outbox, ledger: Ledger) -> None:
    opened(ledger, "1")
    due = only(outbox)
    changed(ledger, severity=Severity.HIGH)
    read = outbox.record(due.pk, due.sk)
    assert read is not None
    assert (read.kind, read.version, read.severity, read.notified_version) == (Kind.OPEN, 2, Severity.HIGH, 0)
    assert read.content["evidence"] == finding().evidence


def test_a_record_that_is_gone_is_none(outbox: Outbox) -> None:
    assert outbox.record("ram_invitations#1#2", "open#3") is None


def test_what_is_due_comes_in_its_order_and_no_sooner(outbox: Outbox, ledger: Ledger) -> None:
    opened(ledger, "1", at=NOW)
    opened(ledger, "2", at=NOW - MINUTE)
    opened(ledger, "3", at=NOW + MINUTE)
    due = [each.content["resource"] for each in outbox.due(NOW)]
    assert due == [finding("2").resource, finding("1").resource]


def test_what_is_due_is_read_to_its_last_page(aws: Emulator, outbox: Outbox, table: Table, ledger: Ledger) -> None:
    opened(ledger, "1")
    whole = item(table)
    table.put(*({**whole, "sk": f"open#{number:04}", "reason": "x" * 20_000} for number in range(120)))
    aws.calls.clear()
    assert len(list(outbox.due(NOW))) == 121
    assert len(aws.calls.of("dynamodb:Query")) > 1


def test_an_action_is_due_when_it_came_out(outbox: Outbox, ledger: Ledger) -> None:
    what = {"action": "ram:AcceptResourceShareInvitation", "resource": "r", "rule": "hub", "reason": "x"}
    begun = ledger.begin_action(WATCHER, TARGET, what, NOW)
    assert list(outbox.due(NOW)) == []
    ledger.end_action(begun, "DONE", "", NOW)
    due = only(outbox)
    assert (due.kind, due.finished, due.version) == (Kind.ACTION, True, 2)


def test_a_mark_says_what_was_told_and_when_it_is_due_again(outbox: Outbox, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    outbox.mark(only(outbox), ALERTED, TOMORROW, NOW)
    marked = as_record(item(table))
    assert (marked.notified_version, marked.alerted_severity, marked.alerted_at) == (1, Severity.MEDIUM, NOW)
    assert list(outbox.due(TOMORROW - MINUTE)) == []
    assert [each.sk for each in outbox.due(TOMORROW)] == [marked.sk]


@pytest.mark.parametrize("word", [None, Word.ENDED])
def test_a_mark_of_what_alerted_nobody_says_nothing_of_an_alert(
    outbox: Outbox, ledger: Ledger, table: Table, word: Word | None
) -> None:
    opened(ledger, "1")
    outbox.mark(only(outbox), Telling(word, ""), None, NOW)
    marked = item(table)
    assert marked["notified_version"] == 1
    assert not {"alerted_severity", "alerted_at", "queue", "due_at"} & set(marked)
    assert list(outbox.due(TOMORROW)) == []


def test_what_changed_while_it_was_told_stays_due(outbox: Outbox, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    seen = only(outbox)
    changed(ledger, severity=Severity.HIGH)
    outbox.mark(seen, ALERTED, TOMORROW, NOW)
    marked = only(outbox)
    assert (marked.version, marked.notified_version) == (2, 1)
    assert (marked.severity, marked.alerted_severity) == (Severity.HIGH, Severity.MEDIUM)
    assert item(table)["due_at"] == "2026-11-20T09:00:00Z"


def test_what_was_closed_while_it_was_told_still_tells_its_end(outbox: Outbox, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    seen = only(outbox)
    closed(ledger)
    outbox.mark(seen, ALERTED, TOMORROW, NOW)
    (left,) = table.items()
    assert left["sk"].startswith("closed#")
    policy = Policy(Severity.MEDIUM, digest_after=20, reminder=timedelta(days=1))
    assert decide(only(outbox), policy, NOW).word is Word.ENDED


def test_what_was_closed_while_webhooks_were_told_still_tells_them_its_end(
    outbox: Outbox, ledger: Ledger, table: Table
) -> None:
    opened(ledger, "1")
    seen = only(outbox)
    closed(ledger)
    outbox.mark(seen, Telling(None, "", post=Word.ALERT), TOMORROW, NOW)
    assert item(table, "closed#")["posted_severity"] == "MEDIUM"
    policy = Policy(Severity.MEDIUM, digest_after=20, reminder=timedelta(days=1), webhooks=True)
    telling = decide(only(outbox), policy, NOW)
    assert (telling.word, telling.post) == (None, Word.ENDED)


def test_a_part_that_was_told_is_marked_by_itself_and_the_record_stays_due(
    outbox: Outbox, ledger: Ledger, table: Table
) -> None:
    opened(ledger, "1")
    telling = Telling(Word.ALERT, "Finding Opened", imported=True, post=Word.ALERT)
    outbox.mark_part(only(outbox), telling, {Way.BUS, Way.SECURITY_HUB}, NOW)
    marked = item(table)
    assert marked.keys() & {way.value for way in Way} == {"published_version", "imported_version"}
    assert not {"alerted_at", "posted_at"} & marked.keys()
    assert marked["notified_version"] == 0
    outbox.mark_part(only(outbox), telling, {Way.WEBHOOKS}, NOW)
    assert only(outbox).posted == Heard(1, Severity.MEDIUM, NOW)
    assert only(outbox).told == Heard()


def test_a_finding_is_not_closed_over_a_mark_that_was_not_seen(outbox: Outbox, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    standing = ledger.open_findings(WATCHER, TARGET)
    outbox.mark(only(outbox), ALERTED, TOMORROW, NOW)
    ledger.reconcile(WATCHER, TARGET, Outcome([], standing, dict.fromkeys(standing, "")), NOW)
    assert item(table)["alerted_severity"] == "MEDIUM"
    closed(ledger)
    assert item(table, "closed#")["alerted_severity"] == "MEDIUM"


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("GetItem", lambda outbox: outbox.record("pk", "sk")),
        ("Query", lambda outbox: list(outbox.due(NOW))),
        ("UpdateItem", lambda outbox: outbox.mark(record(content={"pk": "p", "sk": "s"}), NOTHING, None, NOW)),
    ],
)
def test_a_ledger_that_refuses_is_an_error(
    aws: Emulator, outbox: Outbox, operation: str, use: Callable[[Outbox], object]
) -> None:
    aws.faults.add(Fault(f"dynamodb:{operation}", "denied"))
    with pytest.raises(CallError) as refused:
        use(outbox)
    assert refused.value.code in DENIED


def test_a_throttle_is_waited_out(aws: Emulator, outbox: Outbox, ledger: Ledger, table: Table) -> None:
    opened(ledger, "1")
    for operation in ("Query", "UpdateItem"):
        aws.faults.add(Fault(f"dynamodb:{operation}", "throttle", times=3))
    outbox.mark(only(outbox), ALERTED, TOMORROW, NOW)
    assert item(table)["notified_version"] == 1


# The topic


@pytest.fixture
def topic(aws: Emulator) -> Topic:
    """A topic that people might subscribe to."""
    assert aws
    return Topic(calls("sns"), calls("sns")("CreateTopic", Name="alerts")["TopicArn"])


def test_a_message_arrives_with_a_text_for_each_protocol(aws: Emulator, topic: Topic) -> None:
    sent = message(record(), Word.ALERT, "Ask.")
    topic.publish(sent)
    (arrived,) = aws.inbox.of(topic.arn)
    assert arrived.subject == sent.subject
    assert arrived.for_protocol("email") == sent.prose
    assert arrived.structure == "json"
    assert {name: each["Value"] for name, each in arrived.attributes.items()} == sent.attributes
    assert {each["Type"] for each in arrived.attributes.values()} == {"String"}


def test_a_topic_that_refuses_is_an_error(aws: Emulator, topic: Topic) -> None:
    aws.faults.add(Fault("sns:Publish", "denied"))
    with pytest.raises(CallError) as refused:
        topic.publish(message(record(), Word.ALERT, ""))
    assert refused.value.code in DENIED
    assert len(aws.calls.of("sns:Publish")) == 1
    assert list(aws.inbox) == []


# The bus


@pytest.fixture
def bus(aws: Emulator) -> Bus:
    """A bus without rules."""
    assert aws
    calls("events")("CreateEventBus", Name=BUS_NAME)
    return Bus(calls("events"), BUS_NAME)


def test_an_event_is_put_with_its_source_its_resource_and_its_time(aws: Emulator, bus: Bus) -> None:
    bus.publish("Finding Opened", record(), NOW)
    (call,) = aws.calls.of("events:PutEvents")
    (entry,) = call.parameters["Entries"]
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("watchkeeper", "Finding Opened", BUS_NAME)
    assert entry["Resources"] == [finding().resource]


def test_an_event_that_the_bus_did_not_take_is_an_error(bus: Bus) -> None:
    with pytest.raises(NotPublishedError, match="DetailType"):
        bus.publish("", record(), NOW)


def test_a_bus_that_refuses_is_an_error(aws: Emulator, bus: Bus) -> None:
    aws.faults.add(Fault("events:PutEvents", "denied"))
    with pytest.raises(CallError) as refused:
        bus.publish("Finding Opened", record(), NOW)
    assert refused.value.code in DENIED


def test_a_bus_that_is_gone_is_an_error(bus: Bus) -> None:
    with pytest.raises(CallError):
        replace(bus, name="nowhere").publish("Finding Opened", record(), NOW)


# Records


@pytest.mark.parametrize(
    ("sk", "kind"),
    [("open#1", Kind.OPEN), ("closed#1#2026-11-20T09:00:00Z", Kind.CLOSED), ("action#2026#1", Kind.ACTION)],
)
def test_the_key_says_what_a_record_is(sk: str, kind: Kind) -> None:
    assert as_record({"pk": "p", "sk": sk, "version": 1, "notified_version": 0}).kind is kind


def test_an_item_without_its_versions_is_an_error() -> None:
    with pytest.raises(KeyError):
        as_record({"pk": "p", "sk": "open#1"})
