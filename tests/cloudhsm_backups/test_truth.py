"""Over all that CloudHSM can answer: no backup complies, and nothing ends, by what was not read."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.aws.target import Target
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.sweep import Sweep
from tests.conftest import NOW, REGION, US
from tests.truth import (
    ABSENT,
    REFUSALS,
    Answers,
    Before,
    Canned,
    is_unread,
    left_by,
    look,
    outcome,
    refusal,
    violations,
)

HERE = Target(US, REGION)
ID = "backup-aaaaaaaaaa2"
ARN = f"arn:aws:cloudhsm:{REGION}:{US}:backup/{ID}"
LIST, CLUSTERS = "DescribeBackups", "DescribeClusters"
LATER = NOW + timedelta(hours=3)
LEGAL = {"name": "legal-hold", "match": {"tags": {"legal-hold": "true"}}, "never_expires": True}
OLD = {"name": "old", "match": {"older_than_days": 30, "keep": {"newest": 9}}, "never_expires": True}
DROP = {"name": "drop", "match": {"clusters": ["cluster-aaaaaaaaaa2"]}, "never_expires": False}
RULES = {"legal": [LEGAL], "all listed": [LEGAL, DROP], "by age": [OLD], "none": []}


def a_backup(state: str = "READY", *, exempt: bool = False, days: int = 40) -> dict[str, Any]:
    going = {"DeleteTimestamp": LATER + timedelta(days=3)} if state == "PENDING_DELETION" else {}
    return {
        "BackupId": ID,
        "BackupArn": ARN,
        "BackupState": state,
        "ClusterId": "cluster-aaaaaaaaaa2",
        "CreateTimestamp": NOW - timedelta(days=days),
        "NeverExpires": exempt,
        "HsmType": "hsm1.medium",
        "Mode": "FIPS",
        "TagList": [{"Key": "legal-hold", "Value": "true"}],
        **going,
    }


def listed(*backups: dict[str, Any]) -> dict[str, Any]:
    return {"Backups": [*backups]}


BACKUPS = {
    "not exempt": a_backup(),
    "exempt": a_backup(exempt=True),
    "being deleted": a_backup("PENDING_DELETION"),
    "being made": a_backup("CREATE_IN_PROGRESS"),
}
UNJUDGED = tuple(f"Backups.*.{name}" for name in ("HsmType", "Mode", "DeleteTimestamp"))


def at(answers: Answers, rules: str, before: Before | None = None, selection: Selection = EVERYTHING) -> Sweep:
    clusters = {
        "Clusters": [{"ClusterId": "cluster-aaaaaaaaaa2", "BackupRetentionPolicy": {"Type": "DAYS", "Value": "90"}}]
    }
    aws = Canned({CLUSTERS: clusters} | dict(answers))
    section = {"mode": "plan", "rules": RULES[rules]}
    return look("cloudhsm_backups", aws, HERE, before=before, selection=selection, now=LATER, cloudhsm_backups=section)


def standing(rules: str, name: str) -> Before:
    """Return what a sweep leaves that sees one of the backups, and a hold on it."""
    before = left_by(at({LIST: listed(BACKUPS[name])}, rules))
    before.noted = {ID: "legal-hold"}
    return before


@pytest.mark.parametrize("rules", ["all listed", "by age"])
@pytest.mark.parametrize("name", BACKUPS)
@pytest.mark.parametrize("before", [None, "not exempt", "being deleted"])
def test_no_backup_complies_or_ends_by_a_member_that_was_not_read(rules: str, name: str, before: str | None) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at({LIST: answer}, rules, standing(rules, before) if before else None)

    has_meaning = {
        "Backups.*.NeverExpires": ABSENT,
        "Backups.*.ClusterId": ABSENT,
        "Backups.*.TagList": ABSENT,
        "Backups.*.TagList.*.Value": ABSENT,
    }
    ages = {} if rules == "by age" and name in ("not exempt", "exempt") else {"Backups.*.CreateTimestamp": ABSENT}
    state = () if name != "being made" else tuple(f"Backups.*.{each}" for each in ("ClusterId", "CreateTimestamp"))
    wrong = violations(
        once, "cloudhsmv2", LIST, listed(BACKUPS[name]), unjudged=(*UNJUDGED, *state), means=has_meaning | ages
    )
    assert wrong == []


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("before", [None, "not exempt", "being deleted"])
def test_nothing_ends_by_a_refusal(rules: str, name: str, before: str | None) -> None:
    sweep = at({LIST: refusal(name, LIST)}, rules, standing("all listed", before) if before else None)
    assert (is_unread(sweep), sweep.ended()) == (True, {})


@pytest.mark.parametrize("name", REFUSALS)
def test_an_event_about_a_backup_ends_nothing_by_a_refusal(name: str) -> None:
    selection = Selection(US, REGION, frozenset({ID}))
    sweep = at({LIST: refusal(name, LIST)}, "legal", standing("all listed", "being deleted"), selection)
    assert sweep.ended() == {}


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("before", ["not exempt", "being deleted"])
@pytest.mark.parametrize("nameless", [{}, {"BackupState": "READY"}, a_backup() | {"BackupId": 7}])
def test_what_may_be_meant_by_a_backup_without_a_name_stays_open(rules: str, before: str, nameless: Any) -> None:
    sweep = at({LIST: listed(nameless)}, rules, standing("all listed", before))
    if rules != "none":
        assert (is_unread(sweep), sweep.ended()) == (True, {})


def test_the_account_of_another_is_left_alone_whatever_it_holds() -> None:
    foreign = a_backup() | {"BackupArn": ARN.replace(US, "999999999999")}
    sweep = at({LIST: listed(foreign)}, "all listed")
    assert (sweep.findings, outcome(sweep)[1]) == ({}, {"NOT_APPLICABLE": 1})
