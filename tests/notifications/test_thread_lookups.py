"""What is read of a thread, and what is written for another record of it, against the emulated AWS."""

from datetime import timedelta

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from functions.notifications.decision import Channel, NotificationKind, Record
from functions.notifications.effects import NotificationQueue
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, Finding, Severity
from functions.shared.ledger.ledger import Ledger, SweepOutcome
from functions.shared.ledger.table import Table as LedgerTable
from functions.shared.mutes import Mute
from tests.conftest import NOW, REGION, US, Table
from tests.notifications.conftest import TARGET, WATCHER, calls, finding

LATER = NOW + timedelta(minutes=10)
FAR = Target(US, "eu-west-1")


def sees(ledger: Ledger, *findings: Finding, target: Target = TARGET) -> None:
    """Let an automation see these findings and no other in a target."""
    before = ledger.open_findings(WATCHER, target)
    gone = before.keys() - {each.finding_id for each in findings}
    outcome = SweepOutcome([(each, False) for each in findings], before, dict.fromkeys(gone, Ending("healed")))
    ledger.reconcile(WATCHER, target, outcome, NOW)


def read(queue: NotificationQueue, table: Table, prefix: str) -> list[Record]:
    """Return the records whose sort keys begin so, in the order of their keys."""
    found = (queue.record(item["pk"], item["sk"], NOW) for item in table.items(prefix))
    return [record for record in found if record is not None]


def test_a_thread_is_what_is_open_of_the_same_thing_in_any_partition(
    queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    one, two, other = finding(occurrence="1"), finding(occurrence="2"), finding("another")
    sees(ledger, one, two, other)
    sees(ledger, finding(region="eu-west-1"), target=FAR)
    (record,) = (each for each in read(queue, table, "open#") if each.content["finding_id"] == one.finding_id)
    thread = queue.thread(record, NOW)
    assert {(each.pk, each.content["occurrence"]) for each in thread} == {
        (f"{WATCHER}#{US}#{REGION}", "2"),
        (f"{WATCHER}#{US}#eu-west-1", finding().occurrence),
    }


def test_of_an_end_the_thread_has_what_ended_with_it_and_nothing_older(
    queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    sees(ledger, finding(occurrence="0"))
    ledger.reconcile(
        WATCHER,
        TARGET,
        SweepOutcome([], ledger.open_findings(WATCHER, TARGET), _all_ended(ledger)),
        NOW - timedelta(minutes=10),
    )
    sees(ledger, finding(occurrence="1"), finding(occurrence="2"), finding(occurrence="3"))
    sees(ledger, finding(occurrence="3"))
    ends = [each for each in read(queue, table, "closed#") if each.content["occurrence"] == "1"]
    thread = queue.thread(ends[0], NOW)
    assert {each.content["occurrence"] for each in thread} == {"2", "3"}


def _all_ended(ledger: Ledger) -> dict[str, Ending]:
    return dict.fromkeys(ledger.open_findings(WATCHER, TARGET), Ending("healed"))


def test_a_large_thread_is_read_as_far_as_it_matters(
    aws: Emulator, queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    sees(ledger, *(finding(occurrence=f"{number}") for number in range(250)))
    record = read(queue, table, "open#")[0]
    aws.calls.clear()
    assert len(queue.thread(record, NOW)) == 100
    assert len(aws.calls.of("dynamodb:TransactGetItems")) == 4


def test_of_an_end_all_is_read_until_something_is_open_that_people_know_of(
    queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    sees(ledger, *(finding(occurrence=f"{number}") for number in range(150)))
    *_, last = read(queue, table, "open#")
    queue.mark(last, {Channel.TOPIC: NotificationKind.ALERT}, LATER, NOW)
    ending = next(each for each in ledger.open_findings(WATCHER, TARGET).values() if each["sk"] != last.sk)
    outcome = SweepOutcome([], {ending["finding_id"]: ending}, {ending["finding_id"]: Ending("healed")})
    ledger.reconcile(WATCHER, TARGET, outcome, NOW)
    (end,) = read(queue, table, "closed#")
    assert any(each.key == last.key and each.is_known for each in queue.thread(end, NOW))


def test_what_the_index_still_names_and_is_gone_is_not_in_the_thread(
    queue: NotificationQueue, ledger: Ledger, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees(ledger, finding(occurrence="1"), finding(occurrence="2"))
    stale = table.items("open#")
    sees(ledger, finding(occurrence="1"))
    monkeypatch.setattr(LedgerTable, "in_index", lambda *_: iter(stale))
    (record,) = read(queue, table, "open#")
    assert queue.thread(record, NOW) == []


def test_a_record_of_an_earlier_version_has_no_thread_and_costs_no_call(
    aws: Emulator, queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    sees(ledger, finding())
    (item,) = table.items("open#")
    table.put({name: value for name, value in item.items() if name != "thread_id"})
    (record,) = read(queue, table, "open#")
    aws.calls.clear()
    assert queue.thread(record, NOW) == []
    assert len(aws.calls) == 0
    assert record.thread_id == finding().finding_id


def test_what_people_know_is_handed_over_to_what_is_open_and_to_nothing_else(
    queue: NotificationQueue, ledger: Ledger, table: Table
) -> None:
    sees(ledger, finding(occurrence="1", severity=Severity.HIGH), finding(occurrence="2"))
    known, heir = sorted(read(queue, table, "open#"), key=lambda each: str(each.content["occurrence"]))
    queue.mark(known, {Channel.TOPIC: NotificationKind.ALERT}, LATER, NOW)
    known = queue.record(*known.key, NOW) or known
    assert queue.hand_over(known, heir)
    taken = queue.record(*heir.key, NOW)
    assert taken is not None
    assert taken.delivered[Channel.TOPIC].highest is Severity.HIGH
    assert taken.delivered[Channel.TOPIC].version == 0
    assert not taken.delivered[Channel.WEBHOOKS].highest
    assert not queue.hand_over(known, heir)  # it has changed since it was read
    sees(ledger)
    assert not queue.hand_over(known, taken)


def test_a_finding_is_woken_only_while_it_is_open(queue: NotificationQueue, ledger: Ledger, table: Table) -> None:
    sees(ledger, finding())
    (record,) = read(queue, table, "open#")
    queue.mark(record, {}, LATER, NOW)
    assert list(queue.due(NOW)) == []
    queue.wake(record, NOW)
    assert list(queue.due(NOW)) == [record.key]
    sees(ledger)
    queue.wake(record, NOW)
    assert len(table.items()) == 1


def test_a_record_is_muted_as_the_mutes_say_now_and_not_as_it_was_written(ledger: Ledger, table: Table) -> None:
    mutes = (Mute("*", "invitation-*", "*", "a test", "sre", LATER),)
    sees(ledger, finding())
    silent = NotificationQueue(LedgerTable(calls("dynamodb"), TABLE_NAME), lambda: mutes)
    (record,) = read(silent, table, "open#")
    assert (record.muted, record.muted_until) == (True, LATER)
    again = silent.record(*record.key, LATER + timedelta(seconds=1))
    assert again is not None
    assert (again.muted, again.muted_until) == (False, None)
