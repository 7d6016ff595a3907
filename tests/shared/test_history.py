"""The history of a period is what the ledger says to have happened in it: nothing else, and nothing less."""

import tracemalloc
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from functions.compliance_run.history import AlreadyReported, History, key_of, keys_since, read_history
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, Finding, Severity
from functions.shared.ledger.history import Period, records
from functions.shared.ledger.ledger import Ledger, SweepOutcome
from functions.shared.ledger.records import finding_record, timestamp
from functions.shared.run.hub import ledger_of
from tests.conftest import NOW, REGION, US, Table, clients_of, settings

HERE = Target(US, REGION)
FINDING = Finding("some", "some-check", US, REGION, "arn:1", "", Severity.MEDIUM, "it is so", {"a": [1]}, title="Title")
DAY = timedelta(days=1)
MUTE = {
    "mute_id": "m1",
    "check": "some-*",
    "reason": "known",
    "owner": "us@example.com",
    "created_by": "arn:aws:iam::111122223333:user/me",
}


@pytest.fixture
def ledger(table: Table) -> Ledger:
    assert table.items() == []
    return ledger_of(settings(), clients_of(), TABLE_NAME)


def reconcile(ledger: Ledger, now: datetime, *findings: Finding, ended: dict[str, Ending] | None = None) -> None:
    before = ledger.open_findings("some", HERE)
    ledger.reconcile("some", HERE, SweepOutcome([(each, False) for each in findings], before, ended or {}), now)


def act(ledger: Ledger, at: datetime, status: str, change: str) -> None:
    action = {"action": "ram:X", "resource": f"arn:{change}", "rule": "r", "reason": "why", "part": "", "changes": []}
    begun = ledger.begin_action("some", HERE, action, change, at - timedelta(minutes=1))
    ledger.end_action(begun, status, "how", at)


def history(ledger: Ledger, since: datetime | None, until: datetime, *, with_state: bool = False) -> History:
    period = Period(since, until)
    return read_history(records(ledger.table, period, with_state=with_state), period, BytesIO())


def events(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["event"], row["at"]) for row in rows]


def test_what_opened_and_ended_is_told_in_the_order_of_time_with_how_it_ended(ledger: Ledger) -> None:
    other = replace(FINDING, occurrence="2")
    reconcile(ledger, NOW, FINDING, other)
    reconcile(ledger, NOW + DAY, ended={FINDING.finding_id: Ending("accepted by hand")})
    reconcile(ledger, NOW + 2 * DAY, ended={other.finding_id: Ending("nobody answered", lapsed=True)})
    rows = [*history(ledger, None, NOW + 3 * DAY).rows]
    assert [row["event"] for row in rows] == ["OPENED", "OPENED", "RESOLVED", "LAPSED"]
    assert [row["finding"]["resolution"] for row in rows[2:]] == ["accepted by hand", "nobody answered"]
    assert (rows[2]["finding"]["title"], rows[2]["finding"]["evidence"]) == ("Title", {"a": [1]})
    assert events(history(ledger, NOW + DAY, NOW + DAY).rows) == [("RESOLVED", timestamp(NOW + DAY))]


def test_an_action_is_told_once_when_its_end_is_known(ledger: Ledger) -> None:
    act(ledger, NOW, "DONE", "one")
    act(ledger, NOW + DAY, "FAILED", "two")
    ledger.begin_action("some", HERE, {"action": "ram:X", "resource": "arn:3", "rule": "", "reason": ""}, "three", NOW)
    rows = [*history(ledger, None, NOW + DAY).rows]
    assert events(rows) == [("DONE", timestamp(NOW)), ("FAILED", timestamp(NOW + DAY))]
    assert (rows[0]["action"]["rule"], rows[0]["action"]["at"], rows[0]["action"]["detail"]) == (
        "r",
        timestamp(NOW),
        "how",
    )


def test_a_mute_begins_and_ends_when_somebody_ends_it_or_by_itself(ledger: Ledger, table: Table) -> None:
    began = {"pk": "mutes", "created_at": timestamp(NOW), **MUTE}
    by_itself = {**began, "sk": "mute#1", "expires": timestamp(NOW + DAY)}
    by_hand = {**began, "sk": "mute#2", "mute_id": "m2", "expires": "2027-01-01"}
    table.put(by_itself, {**by_hand, "ended_at": timestamp(NOW + 2 * DAY), "ended_by": "arn:me"})
    rows = [*history(ledger, None, NOW + 3 * DAY).rows]
    assert [(row["event"], row["mute"]["mute_id"]) for row in rows] == [
        ("MUTED", "m1"),
        ("MUTED", "m2"),
        ("UNMUTED", "m1"),
        ("UNMUTED", "m2"),
    ]
    assert (rows[3]["at"], rows[3]["mute"]["ended_by"], rows[0]["mute"]["account"]) == (
        timestamp(NOW + 2 * DAY),
        "arn:me",
        "*",
    )
    assert [row["mute"]["mute_id"] for row in history(ledger, NOW + DAY, NOW + DAY).rows] == ["m1"]
    lasting = [[mute.mute_id for mute in history(ledger, None, NOW + days * DAY).mutes] for days in (-1, 0, 1, 2)]
    assert lasting == [[], ["m1", "m2"], ["m1", "m2"], []]


def test_a_mute_that_is_not_over_has_not_ended(ledger: Ledger, table: Table) -> None:
    table.put({"pk": "mutes", "sk": "mute#1", "created_at": timestamp(NOW), "expires": "2027-01-01", **MUTE})
    assert events(history(ledger, None, NOW + DAY).rows) == [("MUTED", timestamp(NOW))]


def test_what_was_open_at_the_end_is_said_of_a_period_that_is_long_over_too(ledger: Ledger) -> None:
    reconcile(ledger, NOW, FINDING)
    reconcile(ledger, NOW + 2 * DAY, ended={FINDING.finding_id: Ending("healed")})
    ledger.heartbeat("some", HERE, {"account": US, "region": REGION, "automation": "some"}, NOW + DAY)
    then, now = (history(ledger, NOW, NOW + days * DAY, with_state=True) for days in (1, 3))
    assert [(each["status"], each["resolution"]) for each in then.findings] == [("OPEN", "")]
    assert [*now.findings] == []
    assert [each["automation"] for each in then.coverage] == ["some"]
    assert [*history(ledger, NOW + 2 * DAY, NOW + 3 * DAY, with_state=True).coverage] == []


def test_records_of_earlier_versions_are_told_too(ledger: Ledger, table: Table) -> None:
    reconcile(ledger, NOW, FINDING)
    (item,) = table.items("open#")
    new = ("title", "resource_name", "account_name", "remediation", "thread_id")
    old = {name: value for name, value in item.items() if name not in new}
    table.put({**old, "sk": f"closed#{item['finding_id']}#x", "status": "RESOLVED", "ended_at": timestamp(NOW + DAY)})
    assert Counter(row["event"] for row in history(ledger, None, NOW + DAY).rows) == {"OPENED": 2, "RESOLVED": 1}


def test_periods_one_after_the_other_tell_all_once_also_what_was_recorded_late(ledger: Ledger) -> None:
    late = timedelta(minutes=20)
    act(ledger, NOW - timedelta(minutes=1), "DONE", "before")
    first = [*history(ledger, None, NOW).rows]
    act(ledger, NOW - timedelta(minutes=5), "DONE", "late")
    act(ledger, NOW + timedelta(hours=1), "DONE", "after")
    period = Period(NOW, NOW + DAY)
    reported = AlreadyReported(keys_since(first, timestamp(NOW - late)), late)
    second = [*read_history(records(ledger.table, reported.reach(period)), period, BytesIO(), reported).rows]
    assert [row["action"]["resource"] for row in first] == ["arn:before"]
    assert [row["action"]["resource"] for row in second] == ["arn:late", "arn:after"]
    assert len({key_of(row) for row in (*first, *second)}) == 3


def test_a_history_is_read_a_page_after_the_other_and_its_rows_lie_on_disk(ledger: Ledger, aws: Emulator) -> None:
    reconcile(ledger, NOW, *(replace(FINDING, occurrence=f"{number}", reason="x" * 9_000) for number in range(150)))
    aws.calls.clear()
    read = history(ledger, None, NOW)
    assert len(read.rows) == 150
    assert len(aws.calls.of("dynamodb:Scan")) == 2
    assert {call.parameters["ConsistentRead"] for call in aws.calls.of("dynamodb:Scan")} == {True}
    assert [*read.rows] == [*read.rows]


def test_moments_are_in_utc() -> None:
    assert Period(datetime(2026, 11, 20, tzinfo=UTC), NOW).begin == "2026-11-20T00:00:00Z"


def peak_of(count: int) -> int:
    """Return the peak of memory, in bytes, while a history of so many findings is read and gone through."""
    period = Period(None, NOW)
    record = {
        **finding_record(FINDING),
        "pk": "some#1#r",
        "status": "OPEN",
        "muted": False,
        "first_seen": timestamp(NOW),
    }
    found = ({**record, "sk": f"open#{number:064x}", "finding_id": f"{number:064x}"} for number in range(count))
    with TemporaryFile() as file:
        tracemalloc.start()
        try:
            read = read_history(found, period, file)
            assert sum(1 for _ in read.rows) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_no_row_of_a_history_stays_in_memory() -> None:
    few, many = peak_of(200), peak_of(4_200)
    assert (many - few) / 4_000 < 150, "a place in each of two lists, and those places once more to sort them"
