"""Who is told what of a record: the table, and what holds in every row of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from functions.notifications.decision import NOTHING, Heard, Kind, Policy, Record, Telling, Word, decide, due_again_at
from functions.shared.finding import Severity
from tests.conftest import NOW, settings
from tests.notifications.conftest import record

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
POLICY = Policy(minimum_severity=MEDIUM, digest_after=20, reminder=DAY)
TOLD = {"notified_version": 1, "alerted_severity": MEDIUM, "alerted_at": NOW}
CHANGED = TOLD | {"version": 2}

OPEN = [
    # what the record is, over a finding of MEDIUM that nobody was told of · what people are told · what the bus is told
    ({}, Word.ALERT, "Finding Opened"),
    ({"severity": HIGH}, Word.ALERT, "Finding Opened"),
    ({"severity": LOW}, None, "Finding Opened"),
    ({"muted": True}, None, "Finding Opened"),
    ({"muted": True, "severity": CRITICAL}, None, "Finding Opened"),
    ({"version": 3}, Word.ALERT, "Finding Opened"),
    ({"notified_version": 1}, Word.ALERT, ""),  # the bus was told and people were not
    ({"notified_version": 1, "muted": True}, None, ""),
    ({"notified_version": 1, "severity": LOW}, None, ""),
    (TOLD, None, ""),
    (TOLD | {"alerted_at": NOW - DAY + SECOND}, None, ""),
    (TOLD | {"alerted_at": NOW - DAY}, Word.REMINDER, ""),
    (TOLD | {"alerted_at": NOW - DAY, "muted": True}, None, ""),
    (TOLD | {"alerted_at": NOW - DAY, "severity": LOW}, None, ""),
    (CHANGED, None, "Finding Changed"),
    (CHANGED | {"severity": HIGH}, Word.ALERT, "Finding Changed"),
    (CHANGED | {"severity": HIGH, "alerted_severity": CRITICAL}, None, "Finding Changed"),
    (CHANGED | {"severity": HIGH, "muted": True}, None, "Finding Changed"),
    (CHANGED | {"severity": LOW}, None, "Finding Changed"),
    (CHANGED | {"alerted_at": NOW - DAY}, Word.REMINDER, "Finding Changed"),
    (CHANGED | {"notified_version": 2}, None, ""),
    # muted or mild when it was told of, and neither any more
    ({"version": 2, "notified_version": 1}, Word.ALERT, "Finding Changed"),
]
CLOSED = [
    ({"version": 2}, None, "Finding Resolved"),  # it ended before anybody was told
    (CHANGED, Word.ENDED, "Finding Resolved"),
    (CHANGED | {"muted": True}, Word.ENDED, "Finding Resolved"),
    (CHANGED | {"severity": LOW}, Word.ENDED, "Finding Resolved"),
    ({"version": 2, "notified_version": 1}, None, "Finding Resolved"),  # the bus alone was told of it
    (CHANGED | {"notified_version": 2}, None, ""),
    (CHANGED | {"notified_version": 2, "alerted_at": NOW - DAY}, None, ""),
]
ACTION = [
    ({}, None, ""),  # written ahead
    ({"version": 2, "finished": True}, None, "Action Taken"),
    ({"version": 2, "finished": True, "notified_version": 2}, None, ""),
    ({"version": 3, "finished": True, "notified_version": 2}, None, "Action Taken"),  # confirmed later
]
TABLE = [
    (kind, members, word, event)
    for kind, rows in ((Kind.OPEN, OPEN), (Kind.CLOSED, CLOSED), (Kind.ACTION, ACTION))
    for members, word, event in rows
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
        Kind,
        ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2)),
        Severity,
        (False, True),
        (None, *Severity),
        (timedelta(0), DAY - SECOND, DAY, 3 * DAY),
        (False, True),
    )
]


def told(before: Record, telling: Telling, at: timedelta = timedelta(0)) -> Record:
    """Return the record as it is marked once *telling* was told."""
    loud = telling.word in (Word.ALERT, Word.REMINDER)
    alerted: dict[str, Any] = {"alerted_severity": before.severity, "alerted_at": NOW + at} if loud else {}
    return replace(before, notified_version=before.version, **alerted)


@pytest.mark.parametrize(("kind", "members", "word", "event"), TABLE)
def test_what_is_told_of_a_record(kind: Kind, members: dict[str, Any], word: Word | None, event: str) -> None:
    assert decide(record(kind, **members), POLICY, NOW) == Telling(word, event)


def test_what_was_told_is_not_told_again() -> None:
    for each in EVERY_RECORD:
        assert decide(told(each, decide(each, POLICY, NOW)), POLICY, NOW) == NOTHING


def test_an_action_is_never_told_to_people() -> None:
    assert {decide(r, POLICY, NOW).word for r in EVERY_RECORD if r.kind is Kind.ACTION} == {None}


def test_what_is_muted_or_mild_and_open_is_never_told_to_people() -> None:
    silent = [r for r in EVERY_RECORD if r.kind is Kind.OPEN and (r.muted or r.severity in (LOW, "INFORMATIONAL"))]
    assert {decide(r, POLICY, NOW).word for r in silent} == {None}


def test_a_severity_that_rose_is_told_whatever_was_told_before() -> None:
    rose = [
        r
        for r in EVERY_RECORD
        if r.kind is Kind.OPEN and not r.muted and r.alerted_severity and r.severity.rank > r.alerted_severity.rank
    ]
    assert {decide(r, POLICY, NOW).word for r in rose if r.severity.rank >= MEDIUM.rank} == {Word.ALERT}


def test_a_version_is_told_to_the_bus_once() -> None:
    findings = [r for r in EVERY_RECORD if r.kind is not Kind.ACTION]
    assert all(bool(decide(r, POLICY, NOW).event) == (r.version > r.notified_version) for r in findings)


def test_what_was_told_is_due_again_when_there_is_something_to_tell_and_not_before() -> None:
    for each in EVERY_RECORD:
        telling = decide(each, POLICY, NOW)
        due = due_again_at(each, telling, POLICY, NOW)
        marked = told(each, telling)
        if due is None:
            assert decide(marked, POLICY, NOW + 99 * DAY) == NOTHING
        else:
            assert NOW < due <= NOW + DAY
            assert decide(marked, POLICY, due - SECOND) == NOTHING
            is_silent = each.severity.rank < MEDIUM.rank
            assert decide(marked, POLICY, due) == (NOTHING if is_silent else Telling(Word.REMINDER, ""))


@pytest.mark.parametrize("minimum", Severity)
def test_the_minimum_itself_is_told(minimum: Severity) -> None:
    policy = replace(POLICY, minimum_severity=minimum)
    alerted = {s for s in Severity if decide(record(severity=s), policy, NOW).word is Word.ALERT}
    assert alerted == {s for s in Severity if s.rank >= minimum.rank}


def test_the_policy_is_that_of_the_configuration() -> None:
    section = settings(notifications={"minimum_severity": "HIGH", "digest_after": 5, "reminder_hours": 48})
    assert Policy.from_settings(section.section("notifications")) == Policy(HIGH, 5, 2 * DAY)
    assert Policy.from_settings(settings().section("notifications")) == POLICY


# Webhooks


def test_webhooks_are_told_what_people_are_told_by_what_they_have_heard_themselves() -> None:
    policy = replace(POLICY, webhooks=True)
    for each in EVERY_RECORD:
        heard_alike = replace(each, posted=each.told)
        telling = decide(heard_alike, policy, NOW)
        assert telling.post is telling.word
        assert decide(replace(each, posted=Heard()), policy, NOW).word is telling.word
        assert decide(heard_alike, POLICY, NOW).post is None


def test_a_record_is_due_again_when_the_first_of_both_has_to_be_reminded() -> None:
    policy = replace(POLICY, webhooks=True)
    early, late = NOW - 5 * SECOND, NOW - SECOND
    each = record(severity=MEDIUM, version=1, notified_version=1, alerted_severity=MEDIUM, alerted_at=late)
    each = replace(each, posted=Heard(1, MEDIUM, early))
    assert due_again_at(each, NOTHING, policy, NOW) == early + policy.reminder
    assert due_again_at(each, NOTHING, POLICY, NOW) == late + POLICY.reminder
