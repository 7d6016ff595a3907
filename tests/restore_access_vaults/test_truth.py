"""Over all that AWS Backup can answer: nothing complies or ends by what was not read."""

from copy import deepcopy
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from functions.shared.aws.target import Target
from functions.shared.finding import Ending
from functions.shared.run.events import EVERYTHING, Selection
from functions.shared.run.sweep import Sweep
from tests.conftest import NOW, REGION, US
from tests.restore_access_vaults.conftest import ITS_ACCESS, OUTSIDER, RECOVERY, arn_of
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
PROD, ACCESS = arn_of("prod"), arn_of("recovery", RECOVERY)
LIST, DESCRIBE, ACCESSES, SESSION = (
    "ListBackupVaults",
    "DescribeBackupVault",
    "ListRestoreAccessBackupVaults",
    "GetSession",
)
OF_SESSION = "arn:aws:mpa:us-east-1:333333333333:session/guardians/1"
LISTED = {
    "BackupVaultList": [
        {"BackupVaultName": "prod", "BackupVaultArn": PROD, "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"},
    ]
}


def asked(status: str, *, hours_ago: float = 23.5) -> dict[str, Any]:
    """Return a request that was made so long ago."""
    at = NOW - timedelta(hours=hours_ago)
    dates = {"InitiationDate": at, "ExpiryDate": at + timedelta(hours=24)}
    return {"MpaSessionArn": OF_SESSION, "Status": status, "StatusMessage": "said", **dates}


def vault(team: str = "") -> dict[str, Any]:
    """Return an air-gapped vault, with a change of its team."""
    shown = {"BackupVaultName": "prod", "BackupVaultArn": PROD, "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}
    return shown | ({"LatestMpaApprovalTeamUpdate": asked(team)} if team else {})


def accesses(revocation: str = "", state: str = "AVAILABLE", open_days: float = 10, **dates: float) -> dict[str, Any]:
    """Return a restore access vault, with a request to revoke it."""
    access = {
        "RestoreAccessBackupVaultArn": ACCESS,
        "VaultState": state,
        "CreationDate": NOW - timedelta(days=60),
        "ApprovalDate": NOW - timedelta(days=open_days),
    }
    request = {"LatestRevokeRequest": asked(revocation, **dates)} if revocation else {}
    return {"RestoreAccessBackupVaults": [access | request]}


NOTHING_OPEN: dict[str, Any] = {"RestoreAccessBackupVaults": []}
STATES = {
    "sound": (vault("APPROVED"), accesses()),
    "failed": (vault("FAILED"), accesses("FAILED")),
    "pending": (vault("PENDING"), accesses("PENDING")),
    "overdue": (vault(), accesses("PENDING", hours_ago=25)),
    "not created": (vault(), accesses(state="FAILED")),
    "open for long": (vault(), accesses(open_days=59)),
}
SECTION = {"open_longer_than_days": 30, "allowed_recovery_accounts": [RECOVERY]}


def at(
    state: str, answers: Answers | None = None, before: str = "", selection: Selection = EVERYTHING, **section: Any
) -> Sweep:
    described, listed = STATES[state]
    told = {LIST: LISTED, DESCRIBE: described, ACCESSES: listed, SESSION: refusal("no right")} | dict(answers or {})
    left = left_by(at(before)) if before else Before()
    settings = SECTION | section
    return look(
        "restore_access_vaults", Canned(told), HERE, before=left, selection=selection, restore_access_vaults=settings
    )


BEFORE = ["", *STATES]
DATES = {f"{place}.{name}": ABSENT for place in ("*[[]]", "*Request", "*Update") for name in ("*Date",)}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("state", STATES)
def test_no_access_complies_or_ends_by_a_member_that_was_not_read(state: str, before: str) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at(state, {ACCESSES: answer}, before)

    means = {
        "*.VaultState": "AVAILABLE",
        "*.LatestRevokeRequest": ABSENT,
        "*.LatestRevokeRequest.MpaSessionArn": ABSENT,
        **DATES,
    }
    unjudged = ("*.CreationDate", "*.StatusMessage")
    wrong = violations(once, "backup", ACCESSES, STATES[state][1], unjudged=unjudged, means=means)
    assert wrong == []


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("state", STATES)
def test_no_vault_complies_or_ends_by_a_member_of_its_description_that_was_not_read(state: str, before: str) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at(state, {DESCRIBE: answer}, before)

    means = {"LatestMpaApprovalTeamUpdate": ABSENT, "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}
    unjudged = ("BackupVaultName", "BackupVaultArn", "*.MpaSessionArn", "*.StatusMessage", "*Date")
    assert violations(once, "backup", DESCRIBE, STATES[state][0], unjudged=unjudged, means=means) == []


@pytest.mark.parametrize("before", BEFORE)
def test_no_vault_is_gone_by_a_list_that_was_not_read(before: str) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at("failed", {LIST: answer}, before)

    assert violations(once, "backup", LIST, LISTED, means={"*.VaultType": ABSENT}) == []


def test_the_table_catches_what_is_taken_for_something_that_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(answer: dict[str, Any]) -> Sweep:
        return at("failed", {ACCESSES: answer}, "failed")

    monkeypatch.setattr("functions.restore_access_vaults.decision._STATES", ("AVAILABLE", "FAILED", "NOT_KNOWN_YET"))
    means = {"*.LatestRevokeRequest*": ABSENT, "*Date": ABSENT, "*.VaultState": "AVAILABLE"}
    wrong = violations(once, "backup", ACCESSES, STATES["failed"][1], means=means)
    rows = [each.partition(": ")[0] for each in wrong]
    state = "RestoreAccessBackupVaults.[].VaultState"
    assert rows == [f"{state} is CREATING", f"{state} is unknown"], "a known one is refused, an unknown one believed"


# What stands open, where AWS leaves out what tells one request from the next


@pytest.mark.parametrize(
    "without", [["MpaSessionArn"], ["MpaSessionArn", "InitiationDate"], ["InitiationDate"]], ids=str
)
@pytest.mark.parametrize("state", ["failed", "pending", "overdue"])
def test_a_request_whose_session_is_left_out_goes_on(state: str, without: list[str]) -> None:
    listed = deepcopy(STATES[state][1])
    for name in without:
        del listed["RestoreAccessBackupVaults"][0]["LatestRevokeRequest"][name]
    again = at(state, {ACCESSES: listed}, state)
    assert outcome(again) == outcome(at(state, before=state))
    assert again.ended() == {}


def test_a_later_request_is_another_also_without_its_session() -> None:
    later = accesses("FAILED", hours_ago=1)
    del later["RestoreAccessBackupVaults"][0]["LatestRevokeRequest"]["MpaSessionArn"]
    assert [*at("failed", {ACCESSES: later}, "failed").ended().values()] == [
        Ending(f"a later request to revoke {ITS_ACCESS} FAILED: access is still open", lapsed=True)
    ]


@pytest.mark.parametrize("type_", [{}, {"VaultType": ""}], ids=str)
def test_a_vault_that_was_air_gapped_is_no_ordinary_one_because_its_type_is_left_out(type_: dict[str, str]) -> None:
    listed = {"BackupVaultList": [{"BackupVaultName": "prod", "BackupVaultArn": PROD} | type_]}
    for before in ("failed", "pending"):
        sweep = at("sound", {LIST: listed}, before)
        assert is_unread(sweep)
        assert sweep.ended() == {}
    assert at("sound", {LIST: listed}).coverage()["status"] == "NOT_APPLICABLE", "before there were other types"


# Refusals


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("operation", [LIST, DESCRIBE, ACCESSES])
def test_a_refusal_is_unreadable_and_ends_nothing_that_was_not_read(operation: str, name: str, before: str) -> None:
    sweep = at("failed", {operation: refusal(name, operation)}, before)
    is_gone_since = operation == DESCRIBE and name == "as not there"  # the next list tells
    assert is_unread(sweep) or is_gone_since
    assert sweep.coverage()["status"] != "NOT_APPLICABLE"
    if operation != DESCRIBE:
        assert not {item["check"] for item in sweep.open_before.values() if item["finding_id"] in sweep.ended()} - {
            "team-change"
        }
    else:
        assert "team-change" not in {sweep.open_before[name]["check"] for name in sweep.ended()}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_session_that_may_not_be_read_changes_no_verdict(name: str) -> None:
    for state, before in product(STATES, BEFORE):
        assert outcome(at(state, {SESSION: refusal(name)}, before)) == outcome(at(state, before=before))


# What an event names


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("vault_name", ["nonsense", arn_of("nonsense")])
def test_a_vault_that_only_an_event_knows_wakes_nobody(vault_name: str, name: str) -> None:
    def answer(_: str, asked_for: Any) -> Any:
        return vault() if asked_for["BackupVaultName"] == "prod" else refusal(name)

    for before in BEFORE:
        selection = Selection(US, REGION, frozenset({vault_name}))
        sweep = at("sound", {DESCRIBE: answer}, before, selection)
        assert sweep.findings == {}
        assert sweep.coverage()["not_applicable"] == 1


@pytest.mark.parametrize("name", [name for name in REFUSALS if name != "as not there"])
@pytest.mark.parametrize("operation", [DESCRIBE, ACCESSES])
def test_our_own_vault_that_an_event_names_and_aws_refuses_is_unreadable_at_once(operation: str, name: str) -> None:
    for before in BEFORE:
        sweep = at("failed", {operation: refusal(name)}, before, Selection(US, REGION, frozenset({"prod"})))
        assert is_unread(sweep)
        assert ("unreadable", PROD) in {(each.check, each.resource) for each in sweep.findings.values()}


def test_a_vault_of_another_account_or_region_is_not_asked_about() -> None:
    for arn in (arn_of("prod", OUTSIDER), PROD.replace(REGION, "eu-west-1"), PROD.replace("aws", "aws-cn", 1)):
        aws = Canned({LIST: LISTED, DESCRIBE: vault(), ACCESSES: NOTHING_OPEN})
        sweep = look("restore_access_vaults", aws, HERE, selection=Selection(US, REGION, frozenset({arn})))
        assert aws.asked == []
        assert sweep.coverage()["status"] == "NOT_APPLICABLE"
