"""Truth tables: every check fires where it must, and nowhere else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from functions.restore_access_vaults.decision import (
    ACCESS_OPEN,
    ACCOUNT_NOT_ALLOWED,
    REVOKE_DEADLINE,
    REVOKE_FAILED,
    REVOKE_OVERDUE,
    TEAM_CHANGE,
    VAULT_FAILED,
    Access,
    Policy,
    Request,
    Trouble,
    Unclear,
    decide,
    decide_team,
)
from functions.restore_access_vaults.manifest import AUTOMATION
from functions.shared.finding import Severity

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACCESS = Access("arn:aws:backup:eu-west-1:210987654321:backup-vault:recovery")
SESSION = "arn:aws:mpa:us-east-1:333333333333:session/guardians/1"
POLICY = Policy()


def asked(status: str = "PENDING", *, left: timedelta = timedelta(hours=20), **more: Any) -> Request:
    return Request(status, SESSION, initiated_at=NOW + left - timedelta(hours=24), expires_at=NOW + left, **more)


def judged(access: Access, policy: Policy = POLICY) -> set[str]:
    """Return the checks that found something, and ``unclear``."""
    return {v.check if isinstance(v, Trouble) else "unclear" for v in decide(access, policy, NOW)}


def trouble(access: Access, policy: Policy = POLICY) -> Trouble:
    (found,) = decide(access, policy, NOW)
    assert isinstance(found, Trouble)
    return found


OF_STATE = {"CREATING": set(), "AVAILABLE": set(), "FAILED": {VAULT_FAILED}, "DELETING": {"unclear"}, "": {"unclear"}}
OF_REQUEST: list[tuple[Request | None, set[str]]] = [
    (None, set()),
    (asked(), set()),
    (asked(left=timedelta(hours=3)), {REVOKE_DEADLINE}),
    (asked(left=-timedelta(minutes=1)), {REVOKE_OVERDUE}),
    (asked("FAILED"), {REVOKE_FAILED}),
    (asked("FAILED", left=-timedelta(days=3)), {REVOKE_FAILED}),
    (Request("FAILED"), {REVOKE_FAILED}),
    (Request("PENDING"), {"unclear"}),
    (asked("APPROVED"), {"unclear"}),
    (asked(""), {"unclear"}),
]


@pytest.mark.parametrize(("state", "request_and_verdict"), list(product(OF_STATE, OF_REQUEST)))
def test_the_state_and_the_revoke_request_are_judged_apart(
    state: str, request_and_verdict: tuple[Request | None, set[str]]
) -> None:
    request, verdict = request_and_verdict
    assert judged(replace(ACCESS, state=state, revocation=request)) == OF_STATE[state] | verdict


RUNGS = [
    (24 * 60, None, None),
    (12 * 60 + 1, None, None),
    (12 * 60, 12, Severity.LOW),
    (4 * 60 + 1, 12, Severity.LOW),
    (4 * 60, 4, Severity.MEDIUM),
    (61, 4, Severity.MEDIUM),
    (60, 1, Severity.HIGH),
    (1, 1, Severity.HIGH),
    (0, 1, Severity.HIGH),
]


@pytest.mark.parametrize(("minutes", "rung", "severity"), RUNGS)
def test_each_rung_of_the_deadline_is_worse_than_the_one_before(
    minutes: int, rung: int | None, severity: Severity | None
) -> None:
    verdicts = list(decide(replace(ACCESS, revocation=asked(left=timedelta(minutes=minutes))), POLICY, NOW))
    told = [(v.check, v.rung_hours, v.severity) for v in verdicts if isinstance(v, Trouble)]
    assert told == ([] if rung is None else [(REVOKE_DEADLINE, rung, severity)])


@pytest.mark.parametrize(
    ("rungs", "severities"),
    [
        ([], []),
        ([3], [Severity.HIGH]),
        ([3, 8], [Severity.HIGH, Severity.MEDIUM]),
        ([16, 1, 8, 3], [Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.LOW]),
    ],
)
def test_any_ladder_in_any_order_has_its_worst_rung_last(rungs: list[int], severities: list[Severity]) -> None:
    given = {"deadline_rungs_hours": rungs, "open_longer_than_days": None, "allowed_recovery_accounts": None}
    policy = Policy.from_settings(given)
    waiting = [replace(ACCESS, revocation=asked(left=timedelta(hours=hours))) for hours in sorted(rungs)]
    assert [trouble(access, policy).severity for access in waiting] == severities


def test_a_finding_stays_the_same_between_two_rungs() -> None:
    access = replace(ACCESS, revocation=asked(left=timedelta(hours=3)))
    (before,), (after,) = decide(access, POLICY, NOW), decide(access, POLICY, NOW + timedelta(hours=1, minutes=59))
    assert before == after


def test_all_other_checks_have_the_severity_of_the_table() -> None:
    policy = Policy(open_longer_than=timedelta(days=1), allowed_accounts=frozenset())
    old = replace(ACCESS, approved_at=NOW - timedelta(days=2))
    worlds = [old, replace(ACCESS, state="FAILED"), *(replace(ACCESS, revocation=request) for request, _ in OF_REQUEST)]
    verdicts = [verdict for access in worlds for verdict in decide(access, policy, NOW)]
    told = {v.check for v in verdicts if isinstance(v, Trouble) and v.severity is None}
    assert told == {check.id for check in AUTOMATION.checks} - {REVOKE_DEADLINE, TEAM_CHANGE}


def test_without_an_expiry_date_the_deadline_is_a_day_after_the_request() -> None:
    request = Request("PENDING", initiated_at=NOW - timedelta(hours=23, minutes=30))
    assert trouble(replace(ACCESS, revocation=request)).rung_hours == 1
    late = Request("PENDING", initiated_at=NOW - timedelta(hours=24, seconds=1))
    assert trouble(replace(ACCESS, revocation=late)).check == REVOKE_OVERDUE


def test_a_failed_revocation_says_that_access_is_open_and_why_it_failed() -> None:
    request = replace(asked("FAILED"), message="the team said no\n\u202e")
    reason = trouble(replace(ACCESS, revocation=request)).reason
    assert "access is still open" in reason
    assert "the team said no" in reason
    assert reason.isprintable()


@pytest.mark.parametrize(
    ("request_", "occurrence"),
    [
        (Request("FAILED", SESSION, initiated_at=NOW), SESSION),
        (Request("FAILED", initiated_at=datetime(2026, 11, 20, 8, 40, 0, 5, tzinfo=UTC)), "2026-11-20T08:40:00Z"),
        (Request("FAILED"), ""),
    ],
)
def test_a_request_is_told_from_the_next_by_its_session_else_by_its_time(request_: Request, occurrence: str) -> None:
    assert trouble(replace(ACCESS, revocation=request_)).occurrence == occurrence


# How long it is open


@pytest.mark.parametrize(
    ("days", "age", "state", "request_", "verdict"),
    [
        (None, timedelta(days=900), "AVAILABLE", None, set()),
        (7, timedelta(days=7), "AVAILABLE", None, set()),
        (7, timedelta(days=7, seconds=1), "AVAILABLE", None, {ACCESS_OPEN}),
        (7, timedelta(days=8), "CREATING", None, set()),
        (7, timedelta(days=8), "FAILED", None, {VAULT_FAILED}),
        (7, timedelta(days=8), "AVAILABLE", asked(), set()),
        (7, timedelta(days=8), "AVAILABLE", asked("FAILED"), {REVOKE_FAILED}),
        (7, None, "AVAILABLE", None, {"unclear"}),
        (7, None, "CREATING", None, set()),
        (None, None, "AVAILABLE", None, set()),
    ],
)
def test_access_is_too_old_only_where_that_is_judged_and_nobody_asked_to_revoke_it(
    days: int | None, age: timedelta | None, state: str, request_: Request | None, verdict: set[str]
) -> None:
    policy = Policy(open_longer_than=None if days is None else timedelta(days=days))
    approved_at = None if age is None else NOW - age
    assert judged(replace(ACCESS, state=state, approved_at=approved_at, revocation=request_), policy) == verdict


# Who has it


@pytest.mark.parametrize("state", ["CREATING", "AVAILABLE"])
@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [
        (None, set()),
        (frozenset(), {ACCOUNT_NOT_ALLOWED}),
        (frozenset({"210987654321"}), set()),
        (frozenset({"999999999999"}), {ACCOUNT_NOT_ALLOWED}),
    ],
)
def test_an_account_is_judged_only_by_a_list(allowed: frozenset[str] | None, verdict: set[str], state: str) -> None:
    assert judged(replace(ACCESS, state=state), Policy(allowed_accounts=allowed)) == verdict


def test_an_account_that_got_no_access_is_not_reported() -> None:
    assert judged(replace(ACCESS, state="FAILED"), Policy(allowed_accounts=frozenset())) == {VAULT_FAILED}


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "vault",
        "arn:aws:backup:eu-west-1::backup-vault:recovery",
        "arn:aws:backup:eu-west-1:21098765432:backup-vault:recovery",
        "arn:aws:backup:eu-west-1:210987654321:restore-access-vault:recovery",
        "arn:aws:backup:eu-west-1:210987654321:backup-vault:recovery:1",
        "arn:aws:mpa:eu-west-1:210987654321:backup-vault:recovery",
    ],
)
def test_an_account_that_the_arn_does_not_name_is_not_guessed(arn: str) -> None:
    policy = Policy(allowed_accounts=frozenset({"210987654321"}))
    assert judged(Access(arn), policy) == {"unclear"}
    assert judged(Access(arn), POLICY) == set()


def test_one_unclear_thing_hides_no_other() -> None:
    access = Access("vault", "AVAILABLE", revocation=asked("FAILED"))
    assert judged(access, Policy(allowed_accounts=frozenset())) == {"unclear", REVOKE_FAILED}


# Its team


@pytest.mark.parametrize(
    ("update", "verdict"),
    [
        (None, None),
        (asked("APPROVED"), None),
        (asked("PENDING"), TEAM_CHANGE),
        (asked("PENDING", left=-timedelta(days=2)), TEAM_CHANGE),
        (asked("FAILED"), TEAM_CHANGE),
        (asked("CANCELLED"), "unclear"),
        (asked(""), "unclear"),
    ],
)
def test_a_change_of_the_team_is_reported_until_it_is_approved(update: Request | None, verdict: str | None) -> None:
    match decide_team("prod", update):
        case None:
            told = None
        case Unclear():
            told = "unclear"
        case Trouble(check):
            told = check
    assert told == verdict
