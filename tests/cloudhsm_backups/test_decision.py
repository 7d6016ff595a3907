"""Which backups have to be exempt: each verdict where it must be, and nowhere else."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from functions.cloudhsm_backups.decision import (
    Backup,
    Exempt,
    Keep,
    Leave,
    NoAction,
    Policy,
    Rescue,
    Siblings,
    Unclear,
    Unexempt,
    Verdict,
    at_risk,
    decide,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
US, THEM = "123456789012", "999999999999"
STATES = ("READY", "PENDING_DELETION", "CREATE_IN_PROGRESS", "DELETED", "MELTED", "ready")


A = "backup-aaaaaaaaaaa"


def backup(days: float | None = 1, **members: Any) -> Backup:
    """Return a READY backup of ours that is so old and not exempt."""
    created_at = None if days is None else NOW - timedelta(days=days)
    return Backup(
        **{
            "backup_id": A,
            "arn": f"arn:aws:cloudhsm:us-east-1:{US}:backup/{A}",
            "account": US,
            "state": "READY",
            "cluster": "cluster-aaaaaaaaaaa",
            "origin": "",
            "created_at": created_at,
            "never_expires": False,
        }
        | members
    )


def policy(*rules: dict[str, Any], **more: Any) -> Policy:
    """Return a policy with these rules; each is given as its match and what it wants."""
    named = [
        {"name": f"rule-{n}", "match": {k: v for k, v in rule.items() if k != "wants"}, "never_expires": rule["wants"]}
        for n, rule in enumerate(rules)
    ]
    section = {"rules": named, "change_limit_per_run": 20, "allow_unexempt": False, "restore_pending_deletion": False}
    return Policy.from_settings(section | more)


def siblings(*days: float) -> Siblings:
    """Return a cluster's backups, by their ages; their ids are their ages too."""
    family = Siblings()
    for age in days:
        family.add(NOW - timedelta(days=age), f"{age}")
    return family


def judge(given: Backup, rules: Policy, family: Siblings | None = None) -> Verdict:
    """Judge *given* in our account, now."""
    return decide(given, rules, US, NOW, family)


@pytest.mark.parametrize(("state", "exempt", "wants"), [*product(STATES, (True, False), (True, False, None))])
def test_every_state_exemption_and_wish_has_one_verdict(state: str, *, exempt: bool, wants: bool | None) -> None:
    rules = policy() if wants is None else policy({"wants": wants})
    verdict = judge(backup(state=state, never_expires=exempt), rules)
    expected: type | NoAction
    match state, exempt, wants:
        case ("MELTED" | "ready", _, _):
            expected = Unclear
        case ("CREATE_IN_PROGRESS" | "DELETED", _, _) | (_, _, None):
            expected = NoAction.LEFT_ALONE
        case ("PENDING_DELETION", _, True):
            expected = Rescue
        case ("READY", False, True):
            expected = Exempt
        case ("READY", True, False):
            expected = Unexempt
        case _:
            expected = NoAction.COMPLIES
    assert verdict is expected or (isinstance(expected, type) and isinstance(verdict, expected))


@pytest.mark.parametrize(("state", "exempt", "wants"), [*product(STATES[:4], (True, False), (True, False))])
def test_a_backup_of_another_account_is_left_alone_whatever_it_is(state: str, *, exempt: bool, wants: bool) -> None:
    given = backup(state=state, never_expires=exempt, account=THEM)
    assert judge(given, policy({"wants": wants}, allow_unexempt=True)) is NoAction.LEFT_ALONE


@pytest.mark.parametrize(("exempt", "wants"), [*product((True, False), (True, False))])
def test_a_copy_that_is_ready_is_not_subject(*, exempt: bool, wants: bool) -> None:
    given = backup(cluster="", origin="cluster-aaaaaaaaaaa", never_expires=exempt)
    assert judge(given, policy({"wants": wants}, allow_unexempt=True)) is NoAction.LEFT_ALONE


def test_a_copy_on_its_way_out_is_rescued_by_the_cluster_that_it_was_copied_from() -> None:
    given = backup(state="PENDING_DELETION", cluster="", origin="cluster-bbbbbbbbbbb")
    assert isinstance(judge(given, policy({"clusters": ["cluster-bbbbbbbbbbb"], "wants": True})), Rescue)
    assert judge(given, policy({"clusters": ["cluster-aaaaaaaaaaa"], "wants": True})) is NoAction.LEFT_ALONE


@pytest.mark.parametrize(
    ("tags", "matches"),
    [
        ({}, False),
        ({"hold": "true"}, True),
        ({"hold": "True"}, False),
        ({"Hold": "true"}, False),
        ({"hold": ""}, False),
        ({"hold": "true", "more": "x"}, True),
    ],
)
def test_tags_match_whole_and_with_case(tags: dict[str, str], *, matches: bool) -> None:
    verdict = judge(backup(tags=tags), policy({"tags": {"hold": "true"}, "wants": True}))
    assert isinstance(verdict, Exempt) is matches


def test_all_conditions_of_a_match_have_to_hold() -> None:
    rules = policy(
        {"tags": {"a": "1", "b": "2"}, "clusters": ["cluster-aaaaaaaaaaa"], "older_than_days": 3, "wants": True}
    )
    whole = {"days": 4, "tags": {"a": "1", "b": "2"}}
    assert isinstance(judge(backup(**whole), rules), Exempt)
    for lacking in ({"days": 3}, {"tags": {"a": "1"}}, {"cluster": "cluster-bbbbbbbbbbb"}):
        assert judge(backup(**whole | lacking), rules) is NoAction.LEFT_ALONE


def test_the_first_rule_that_matches_decides() -> None:
    wants, drops = {"tags": {"a": "1"}, "wants": True}, {"wants": False}
    assert judge(backup(tags={"a": "1"}), policy(wants, drops)) == Exempt(
        "rule-0", f"Rule rule-0 keeps {A}, and {A} is not exempt from its cluster's retention"
    )
    assert judge(backup(tags={"a": "1"}), policy(drops, wants)) is NoAction.COMPLIES
    assert judge(backup(), policy(wants, drops)) is NoAction.COMPLIES


def test_what_is_on_its_way_out_is_matched_by_tags_and_cluster_whatever_its_age() -> None:
    for days in (0.1, 1000, None):
        given = backup(days, state="PENDING_DELETION")
        assert isinstance(judge(given, policy({"older_than_days": 30, "wants": True})), Rescue)


def test_a_rule_that_keeps_some_covers_what_had_been_kept_and_is_deleted_all_the_same() -> None:
    rules = policy({"keep": {"newest": 3}, "wants": True})
    assert isinstance(judge(backup(state="PENDING_DELETION", never_expires=True), rules), Rescue)
    assert judge(backup(state="PENDING_DELETION", never_expires=False), rules) is NoAction.LEFT_ALONE


def test_an_age_that_is_not_known_is_unclear_only_where_a_rule_asks_for_it() -> None:
    for match in ({"older_than_days": 1}, {"keep": {"newest": 1}}):
        verdict = judge(backup(None), policy({**match, "wants": True}), siblings(1))
        assert verdict == Unclear(f"backup {A} has no CreateTimestamp, which rule rule-0 asks for")
    assert isinstance(judge(backup(None), policy({"wants": True})), Exempt)


def test_a_time_to_restore_that_is_not_known_makes_haste() -> None:
    soon = judge(backup(state="PENDING_DELETION", ends_at=NOW + timedelta(days=2)), policy({"wants": True}))
    now = judge(backup(state="PENDING_DELETION"), policy({"wants": True}))
    assert soon == Rescue(
        "rule-0", f"Rule rule-0 keeps {A}, and {A} is being deleted: it can be restored until 2026-11-22 09:00 UTC"
    )
    haste = "AWS does not say until when it can be restored, so restore it now"
    assert now == Rescue("rule-0", f"Rule rule-0 keeps {A}, and {A} is being deleted: {haste}")


def test_keep_and_the_end_of_an_exemption_need_the_siblings_and_nothing_else_does() -> None:
    exempt = backup(never_expires=True)
    assert judge(backup(), policy({"keep": {"newest": 1}, "wants": True})) is NoAction.NEEDS_SIBLINGS
    assert judge(exempt, policy({"wants": False}, allow_unexempt=True)) is NoAction.NEEDS_SIBLINGS
    assert judge(exempt, policy({"wants": False})) == Unexempt(
        "rule-0",
        f"Rule rule-0 says that {A} must not be kept, and {A} is exempt from its cluster's retention",
        Leave.NO_OPT_IN,
    )
    assert isinstance(judge(backup(), policy({"tags": {"a": "1"}, "keep": {"newest": 1}, "wants": True})), NoAction)


@pytest.mark.parametrize(
    ("others", "leave"),
    [((1, 0.5), None), ((1,), Leave.NEWEST), ((1, 2, 3), Leave.NEWEST), ((1, 1), Leave.NEWEST), ((), Leave.NEWEST)],
)
def test_the_newest_is_never_unexempted(others: tuple[float, ...], leave: Leave | None) -> None:
    verdict = judge(backup(never_expires=True), policy({"wants": False}, allow_unexempt=True), siblings(*others))
    assert isinstance(verdict, Unexempt)
    assert verdict.leave is leave


def test_of_unknown_age_is_never_unexempted() -> None:
    given = backup(None, never_expires=True)
    verdict = judge(given, policy({"wants": False}, allow_unexempt=True), siblings(1, 2))
    assert isinstance(verdict, Unexempt)
    assert verdict.leave is Leave.NEWEST


def test_keep_is_a_union_of_newest_months_and_years() -> None:
    family = Siblings()
    for day in ("2026-11-19", "2026-11-18", "2026-10-31", "2026-10-01", "2026-08-05", "2025-12-31", "2023-01-01"):
        family.add(datetime.fromisoformat(f"{day}T12:00:00+00:00"), day)
    assert family.kept(Keep(2, 0, 0)) == {"2026-11-19", "2026-11-18"}
    assert family.kept(Keep(0, 3, 0)) == {"2026-11-19", "2026-10-31", "2026-08-05"}
    assert family.kept(Keep(0, 0, 3)) == {"2026-11-19", "2025-12-31", "2023-01-01"}
    assert family.kept(Keep(1, 2, 2)) == {"2026-11-19", "2026-10-31", "2025-12-31"}
    assert family.kept(Keep(0, 0, 0)) == frozenset()


def test_a_month_ends_in_utc() -> None:
    family = Siblings()
    family.add(datetime(2026, 10, 31, 23, 59, tzinfo=UTC), "october")
    family.add(datetime(2026, 11, 1, 0, 0, tzinfo=UTC), "november")
    assert family.kept(Keep(0, 1, 0)) == {"november"}
    assert family.kept(Keep(0, 2, 0)) == {"november", "october"}


@pytest.mark.parametrize(
    ("days", "reason", "told"),
    [
        (90, "x: it may be purged from 2027-02-17 on", {"BackupRetentionDays": 90, "purged_from": "2027-02-17"}),
        (1000, "x: it may be purged from 2029-08-15 on", {"BackupRetentionDays": 1000, "purged_from": "2029-08-15"}),
        (None, "x; from when it may be purged is not known", {}),
    ],
)
def test_it_is_said_from_when_it_may_be_purged(days: int | None, reason: str, told: dict[str, Any]) -> None:
    assert at_risk(backup(), "x", days) == (reason, told)


def test_of_unknown_age_nobody_knows_when_it_is_purged() -> None:
    assert at_risk(backup(None), "x", 90) == ("x; from when it may be purged is not known", {})


def test_an_unknown_state_is_said_in_a_form_that_can_be_shown() -> None:
    assert judge(backup(state="\x1b[31m"), policy()) == Unclear(f"backup {A} has the unknown state '\\x1b[31m'")


@pytest.mark.parametrize(
    ("rules", "only_exempts"),
    [
        ([], True),
        ([{"wants": True}], True),
        ([{"wants": True}, {"tags": {"a": "b"}, "older_than_days": 1, "wants": True}], True),
        ([{"wants": True}, {"wants": False}], False),
        ([{"keep": {"newest": 1}, "wants": True}], False),
    ],
)
def test_aws_may_leave_out_what_is_exempt_only_where_no_rule_can_ask_for_it(
    rules: list[dict[str, Any]], *, only_exempts: bool
) -> None:
    assert policy(*rules).only_exempts is only_exempts
