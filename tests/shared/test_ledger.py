"""The ledger writes what changed and nothing else, and never over what somebody else wrote meanwhile."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from cli.hubs.emulated_hub import TABLE_NAME
from emulator.aws import Emulator
from emulator.faults import Fault
from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.finding import Compliance, Ending, Finding, Severity, finding_id, printable
from functions.shared.ledger.ledger import Ledger, NoMemory, SweepOutcome
from functions.shared.ledger.records import (
    MUTE,
    MUTES,
    Item,
    finding_record,
    from_dynamodb,
    moment,
    recorded_finding,
    timestamp,
    to_dynamodb,
)
from functions.shared.ledger.table import Table as DynamoTable
from functions.shared.run.hub import ledger_of
from tests.conftest import NOW, REGION, US, Table, Writes, clients_of, settings

HERE = Target(US, REGION)
LATER = NOW + timedelta(hours=1)
EVIDENCE = {"list": ["b", "a"], "number": 1.5, "nothing": None, "text": 'ä "quoted"\u2028', "deep": {"x": [{}]}}
HEALED = Ending("healed")
FINDING = Finding("some", "some-check", US, REGION, "arn:1", "", Severity.MEDIUM, "it is so", EVIDENCE)


@pytest.fixture
def ledger(table: Table) -> Ledger:
    assert table.items() == []
    return ledger_of(settings(), clients_of(), TABLE_NAME)


def _reconcile(
    ledger: Ledger, *findings: Finding, ended: Iterable[str] = (), now: datetime = NOW, muted: bool = False
) -> None:
    standing = ledger.open_findings("some", HERE)
    pairs = [(finding, muted) for finding in findings]
    ledger.reconcile("some", HERE, SweepOutcome(pairs, standing, dict.fromkeys(ended, HEALED)), now)


def _only(table: Table, prefix: str = "") -> dict[str, Any]:
    (item,) = table.items(prefix)
    return item


def test_the_id_of_a_finding_is_the_hash_of_what_identifies_it() -> None:
    expected = sha256(b"111122223333|eu-west-1|arn:aws:x:::y|some-check|2026-11-20T08:40:00Z").hexdigest()
    assert finding_id("111122223333", "eu-west-1", "arn:aws:x:::y", "some-check", "2026-11-20T08:40:00Z") == expected
    changed = replace(FINDING, severity=Severity.HIGH, reason="another", evidence={}, automation="other")
    assert changed.finding_id == FINDING.finding_id


@pytest.mark.parametrize("member", ["account", "region", "resource", "check", "occurrence"])
def test_what_identifies_a_finding_changes_its_id(member: str) -> None:
    assert replace(FINDING, **{member: "other"}).finding_id != FINDING.finding_id


def test_severities_have_an_order() -> None:
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3, 4]
    assert Severity.CRITICAL.rank > Severity.HIGH.rank


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain äöü 😀", "plain äöü 😀"),
        ("a\x1b[2J\n\x00\u202eb", "a\\x1b[2J\\n\\x00\\u202eb"),
        ("\ud800", "\\ud800"),
        ("x" * 256, "x" * 256),
        ("x" * 257, "x" * 256 + "…"),
    ],
)
def test_foreign_text_is_made_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).isprintable()


def test_a_new_finding_is_opened_once_and_to_be_told(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    item = _only(table)
    assert item["pk"] == f"some#{US}#{REGION}"
    assert item["sk"] == f"open#{FINDING.finding_id}"
    assert (item["status"], item["version"], item["notified_version"]) == ("OPEN", 1, 0)
    assert (item["queue"], item["due_at"]) == ("notify", timestamp(NOW))
    assert item["first_seen"] == item["observed_at"] == item["last_changed"] == timestamp(NOW)
    assert (item["severity"], item["compliance"], item["muted"]) == ("MEDIUM", "NON_COMPLIANT", False)
    assert item["config_hash"] == settings().config_hash
    assert "expires_at" not in item


def test_the_same_finding_again_writes_nothing(ledger: Ledger, aws: Emulator, writes: Writes) -> None:
    _reconcile(ledger, FINDING)
    aws.calls.clear()
    _reconcile(ledger, FINDING, now=LATER)
    assert writes() == []


@pytest.mark.parametrize(
    "change",
    [
        {"severity": Severity.HIGH},
        {"reason": "otherwise"},
        {"evidence": {"a": 1}},
        {"compliance": Compliance.INSUFFICIENT_DATA},
    ],
    ids=str,
)
def test_a_changed_finding_is_written_once_with_the_next_version(
    ledger: Ledger, table: Table, aws: Emulator, writes: Writes, change: dict[str, Any]
) -> None:
    _reconcile(ledger, FINDING)
    aws.calls.clear()
    changed = replace(FINDING, **change)
    _reconcile(ledger, changed, now=LATER)
    assert writes() == ["dynamodb:UpdateItem"]
    item = _only(table)
    assert (item["version"], item["first_seen"], item["last_changed"]) == (2, timestamp(NOW), timestamp(LATER))
    assert item["due_at"] == timestamp(LATER)
    assert recorded_finding(item) == changed


def test_a_mute_that_begins_or_ends_is_a_change(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    _reconcile(ledger, FINDING, muted=True)
    assert (_only(table)["version"], _only(table)["muted"]) == (2, True)
    _reconcile(ledger, FINDING)
    assert (_only(table)["version"], _only(table)["muted"]) == (3, False)


def test_what_ended_moves_to_the_closed_ones_and_is_kept_for_its_time(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    _reconcile(ledger, ended=[FINDING.finding_id], now=LATER)
    item = _only(table)
    assert item["sk"] == f"closed#{FINDING.finding_id}#{timestamp(LATER)}"
    assert (item["status"], item["version"], item["ended_at"]) == ("RESOLVED", 2, timestamp(LATER))
    assert (item["queue"], item["due_at"]) == ("notify", timestamp(LATER))
    assert item["expires_at"] == int((LATER + timedelta(days=400)).timestamp())
    assert recorded_finding(item) == FINDING


def test_what_is_not_found_and_did_not_end_stays_open(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    before = table.items()
    _reconcile(ledger, now=LATER)
    assert table.items() == before


def test_a_finding_that_returns_is_a_new_one(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    _reconcile(ledger, ended=[FINDING.finding_id], now=LATER)
    again = LATER + timedelta(hours=1)
    _reconcile(ledger, FINDING, now=again)
    assert len(table.items("closed#")) == 1
    item = _only(table, "open#")
    assert (item["version"], item["notified_version"], item["first_seen"]) == (1, 0, timestamp(again))
    _reconcile(ledger, ended=[FINDING.finding_id], now=again + timedelta(hours=1))
    assert len(table.items("closed#")) == 2


def test_evidence_is_read_as_it_was_written(ledger: Ledger) -> None:
    _reconcile(ledger, FINDING)
    (item,) = ledger.open_findings("some", HERE).values()
    assert item["evidence"] == EVIDENCE
    assert recorded_finding(item) == FINDING


def test_evidence_that_json_turns_into_something_else_is_not_a_change_for_ever(
    ledger: Ledger, aws: Emulator, writes: Writes
) -> None:
    tuples = replace(FINDING, evidence={"pair": (1, 2), "enum": Severity.HIGH, 1: "number"})  # type: ignore[dict-item]
    _reconcile(ledger, tuples)
    aws.calls.clear()
    _reconcile(ledger, tuples)
    assert writes() == []


# Other runs at the same time


def test_two_runs_that_open_the_same_finding_open_it_once(ledger: Ledger, table: Table) -> None:
    for _ in range(2):
        ledger.reconcile("some", HERE, SweepOutcome([(FINDING, False)], {}, {}), NOW)
    assert _only(table)["version"] == 1


def test_two_runs_that_change_the_same_finding_change_it_once(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    seen = ledger.open_findings("some", HERE)
    for reason in ("first", "second"):
        ledger.reconcile("some", HERE, SweepOutcome([(replace(FINDING, reason=reason), False)], seen, {}), NOW)
    assert (_only(table)["version"], _only(table)["reason"]) == (2, "first")


def test_two_runs_that_close_the_same_finding_close_it_once(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    seen = ledger.open_findings("some", HERE)
    for minutes in (0, 1):
        ledger.reconcile(
            "some",
            HERE,
            SweepOutcome((), seen, dict.fromkeys(seen, HEALED)),
            NOW + timedelta(minutes=minutes),
        )
    assert _only(table)["sk"].startswith("closed#")


def test_what_changed_since_it_was_read_is_not_closed(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    seen = ledger.open_findings("some", HERE)
    table.put(table.items()[0] | {"version": 2})
    ledger.reconcile("some", HERE, SweepOutcome((), seen, dict.fromkeys(seen, HEALED)), LATER)
    assert _only(table)["status"] == "OPEN"


def test_a_change_never_opens_again_what_another_run_closed(ledger: Ledger, table: Table) -> None:
    _reconcile(ledger, FINDING)
    seen = ledger.open_findings("some", HERE)
    _reconcile(ledger, ended=[FINDING.finding_id], now=LATER)
    ledger.reconcile("some", HERE, SweepOutcome([(replace(FINDING, reason="late"), False)], seen, {}), LATER)
    assert table.items("open#") == []


def test_a_write_that_fails_keeps_no_other_from_being_made(ledger: Ledger, table: Table, aws: Emulator) -> None:
    findings = [replace(FINDING, resource=f"arn:{number}") for number in range(5)]
    aws.faults.add(Fault("dynamodb:PutItem", "denied", after=1, times=1))
    with pytest.raises(ExceptionGroup) as failed:
        _reconcile(ledger, *findings)
    assert len(failed.value.exceptions) == 1
    assert len(table.items()) == 4


@pytest.mark.parametrize("kind", ["timeout-after", "cut-answer", "throttle", "server-error"])
def test_a_write_whose_answer_is_lost_is_made_once(ledger: Ledger, table: Table, aws: Emulator, kind: Any) -> None:
    for operation in ("PutItem", "UpdateItem", "TransactWriteItems"):
        aws.faults.add(Fault(f"dynamodb:{operation}", kind, times=1))
    _reconcile(ledger, FINDING)
    _reconcile(ledger, replace(FINDING, reason="otherwise"))
    _reconcile(ledger, ended=[FINDING.finding_id])
    assert (_only(table)["version"], _only(table)["status"]) == (3, "RESOLVED")


# Actions

ACTION = {"action": "some:Change", "resource": "arn:1", "rule": "r", "reason": "why", "part": "", "share_arn": "arn:2"}


def _begin(ledger: Ledger, change: str = "a change", now: datetime = NOW, **members: str) -> Item:
    return ledger.begin_action("some", HERE, ACTION | members, change, now)


def test_an_action_is_written_before_and_after(ledger: Ledger, table: Table) -> None:
    begun = _begin(ledger)
    ahead = _only(table)
    assert ahead.items() >= (ACTION | {"status": "PLANNED", "started_at": timestamp(NOW), "version": 1}).items()
    assert ahead["sk"] == "action#begun#a change"
    assert not {"queue", "expires_at"} & ahead.keys()
    ledger.end_action(begun, "DONE", "confirmed", LATER)
    after = _only(table)
    changed = {"status": "DONE", "detail": "confirmed", "ended_at": timestamp(LATER), "version": 2}
    assert after.items() >= (ACTION | changed | {"queue": "notify"}).items()
    assert after["sk"].startswith(f"action#{timestamp(NOW)}#")
    assert after["expires_at"] == int((LATER + timedelta(days=400)).timestamp())


def test_the_same_change_made_twice_is_two_records(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.end_action(_begin(ledger), "DONE", "", NOW)
    assert len(ledger.actions("some", HERE, NOW)) == 3


def test_two_changes_at_once_do_not_meet(ledger: Ledger) -> None:
    assert _begin(ledger, "one")["sk"] != _begin(ledger, "other")["sk"]
    assert len(ledger.actions("some", HERE, NOW)) == 2


def test_a_change_that_was_begun_and_not_ended_is_taken_over(ledger: Ledger, table: Table) -> None:
    dead = _begin(ledger, rule="of yesterday")
    alive = _begin(ledger, now=LATER, rule="of today")
    assert alive["started_at"] == timestamp(NOW)
    assert _only(table)["rule"] == alive["rule"] == "of today"
    ledger.end_action(dead, "FAILED", "too late: it has another owner", LATER)
    assert _only(table)["status"] == "PLANNED"
    ledger.withdraw_action(dead)
    assert _only(table)["status"] == "PLANNED"
    ledger.end_action(alive, "DONE", "", LATER)
    assert _only(table)["status"] == "DONE"


def test_a_change_that_was_made_meanwhile_is_withdrawn(ledger: Ledger, table: Table) -> None:
    ledger.withdraw_action(_begin(ledger))
    assert table.items() == []


def test_a_change_that_others_keep_taking_over_is_not_made(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    _begin(ledger)
    monkeypatch.setattr(DynamoTable, "get", lambda *_: {"pk": f"some#{US}#{REGION}", "sk": "x", "begun_by": "another"})
    with pytest.raises(CallError, match="other runs are making the same change"):
        _begin(ledger)


@pytest.mark.parametrize("kind", ["timeout-after", "cut-answer"])
@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "TransactWriteItems"])
def test_an_action_whose_record_was_made_may_be_made(
    ledger: Ledger, table: Table, aws: Emulator, operation: str, kind: Any
) -> None:
    _begin(ledger)
    aws.faults.add(Fault(f"dynamodb:{operation}", kind, times=1))
    begun = _begin(ledger)
    assert _only(table)["begun_by"] == begun["begun_by"]
    ledger.end_action(begun, "DONE", "", NOW)
    assert _only(table)["status"] == "DONE"


def test_an_action_that_is_not_recorded_is_raised(ledger: Ledger, aws: Emulator) -> None:
    aws.faults.add(Fault("dynamodb:PutItem", "denied"))
    with pytest.raises(CallError):
        _begin(ledger)


def test_an_end_without_a_beginning_is_not_written(ledger: Ledger, table: Table) -> None:
    begun = _begin(ledger)
    ledger.end_action(begun | {"sk": "action#begun#nowhere"}, "DONE", "", NOW)
    assert [item["status"] for item in table.items()] == ["PLANNED"]


def test_actions_are_remembered_from_a_moment_on_the_oldest_first(ledger: Ledger) -> None:
    for hours in (2, 0, 1, 3):
        now = NOW + timedelta(hours=hours)
        ledger.end_action(_begin(ledger, now=now, rule=str(hours)), "DONE", "", now)
    _begin(ledger, now=NOW - timedelta(days=40), rule="without an end")
    since = ledger.actions("some", HERE, NOW + timedelta(hours=1))
    assert [action["rule"] for action in since] == ["1", "2", "3", "without an end"]


# Reading


def test_each_reads_its_own(ledger: Ledger) -> None:
    others = [("other", HERE), ("some", Target("111111111111", REGION)), ("some", Target(US, "eu-west-1"))]
    for automation, target in others:
        ledger.reconcile(automation, target, SweepOutcome([(FINDING, False)], {}, {}), NOW)
        ledger.begin_action(automation, target, ACTION, "a change", NOW)
    ledger.heartbeat("some", HERE, {"status": "COMPLETE"}, NOW)
    assert ledger.open_findings("some", HERE) == {}
    assert ledger.actions("some", HERE, NOW - timedelta(days=1)) == []


def test_closed_ones_actions_and_heartbeats_are_no_open_findings(ledger: Ledger) -> None:
    _reconcile(ledger, FINDING)
    _reconcile(ledger, ended=[FINDING.finding_id])
    _begin(ledger)
    ledger.heartbeat("some", HERE, {}, NOW)
    assert ledger.open_findings("some", HERE) == {}


def test_all_pages_of_a_query_are_read(ledger: Ledger, table: Table, aws: Emulator) -> None:
    pk = f"some#{US}#{REGION}"
    for number in range(40):
        ident = f"{number:064x}"
        table.put({"pk": pk, "sk": f"open#{ident}", "finding_id": ident, "reason": "x" * 60_000})
    aws.calls.clear()
    assert len(ledger.open_findings("some", HERE)) == 40
    assert aws.calls.counts["dynamodb:Query"] >= 3


def test_the_present_is_read_not_the_past(ledger: Ledger, aws: Emulator) -> None:
    ledger.open_findings("some", HERE)
    ledger.actions("some", HERE, NOW)
    assert [call.parameters["ConsistentRead"] for call in aws.calls.of("dynamodb:Query")] == [True, True]


def test_a_heartbeat_replaces_the_one_before(ledger: Ledger, table: Table) -> None:
    for moment_ in (NOW, LATER):
        ledger.heartbeat("some", HERE, {"status": "COMPLETE", "compliant": 3}, moment_)
    item = _only(table)
    assert (item["sk"], item["swept_at"]) == ("heartbeat", timestamp(LATER))
    assert item["coverage"] == {"status": "COMPLETE", "compliant": 3}


def test_without_a_ledger_nothing_is_remembered() -> None:
    assert NoMemory().open_findings("some", HERE) == {}
    assert NoMemory().actions("some", HERE, NOW) == []


@pytest.mark.parametrize("value", ["text", "", 0, -7, True, False])
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    (back,) = from_dynamodb(to_dynamodb({"a": value})).values()
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize("raw", [{"NULL": True}, {"B": b""}, {"L": []}, {"M": {}}, {"SS": ["a"]}])
def test_a_type_that_the_ledger_never_writes_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="attribute a has a type"):
        from_dynamodb({"a": raw})


def test_times_sort_as_text_and_are_read_back() -> None:
    moments = [NOW + timedelta(seconds=number * 3599) for number in range(50)]
    written = [timestamp(each) for each in moments]
    assert written == sorted(written)
    assert [moment(each) for each in written] == moments


def test_a_record_holds_every_member_of_the_finding() -> None:
    record = finding_record(FINDING)
    assert record["finding_id"] == FINDING.finding_id
    assert recorded_finding(record) == FINDING


def test_the_mutes_that_last_are_read_and_no_others(ledger: Ledger, table: Table, aws: Emulator) -> None:
    def mute(mute_id: str, expires: str, **more: str) -> Item:
        about = {"resource": "*", "check": "some-*", "account": "*", "owner": "me", "reason": "known"}
        keys = {"pk": MUTES, "sk": f"{MUTE}{expires}#{mute_id}"}
        return {**keys, **about, "mute_id": mute_id, "expires": expires, **more}

    over, ending, lasting = (timestamp(NOW + timedelta(seconds=seconds)) for seconds in (-1, 0, 1))
    table.put(mute("a", over), mute("b", ending), mute("c", lasting), mute("d", lasting, ended_at=timestamp(NOW)))
    aws.calls.clear()
    assert [(each.mute_id, each.check) for each in ledger.mutes(NOW)] == [("b", "some-*"), ("c", "some-*")]
    assert [call.name for call in aws.calls] == ["dynamodb:Query"]
    assert ledger.mutes(NOW + timedelta(days=1)) == NoMemory().mutes(NOW) == ()
