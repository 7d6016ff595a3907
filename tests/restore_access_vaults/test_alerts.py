"""What a person is told of restore access, from the first alert to how it ended."""

import shlex
from datetime import timedelta
from typing import Any

import pytest

from functions.restore_access_vaults.manifest import AUTOMATION
from functions.shared.automation import Check
from functions.shared.aws.target import Target
from functions.shared.finding import Ending, Finding
from functions.shared.run.sweep import Sweep
from tests.alerts import (
    HOSTILE,
    assert_it_can_be_acted_on,
    endings,
)
from tests.conftest import NOW, REGION, US
from tests.restore_access_vaults.conftest import ITS_ACCESS, RECOVERY, arn_of
from tests.truth import Before, Canned, left_by, look, refusal

PROD, ACCESS = arn_of("prod"), arn_of("recovery", RECOVERY)
SESSION = "arn:aws:mpa:us-east-1:333333333333:session/guardians/1"
LATER_SESSION = f"{SESSION}0"
AIR_GAPPED = {"BackupVaultName": "prod", "BackupVaultArn": PROD, "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}
IN_VAULT = f"--region {REGION} --backup-vault-name prod"
LIST = f"aws backup list-restore-access-backup-vaults {IN_VAULT}"
REVOKE = f"aws backup revoke-restore-access-backup-vault {IN_VAULT} --restore-access-backup-vault-arn {ACCESS}"
OPEN_SINCE, MADE_AT = NOW - timedelta(days=40), NOW - timedelta(days=60)


def asked(status: str, hours_ago: float = 23.5, session: str = SESSION) -> dict[str, Any]:
    at = NOW - timedelta(hours=hours_ago)
    return {
        "Status": status,
        "MpaSessionArn": session,
        "InitiationDate": at,
        "ExpiryDate": at + timedelta(hours=24),
        "StatusMessage": "said",
    }


def given(request: dict[str, Any] | None = None, state: str = "AVAILABLE", arn: str = ACCESS) -> dict[str, Any]:
    """Return a restore access vault, with the request to revoke it."""
    shown = {
        "RestoreAccessBackupVaultArn": arn,
        "VaultState": state,
        "CreationDate": MADE_AT,
        "ApprovalDate": OPEN_SINCE,
    }
    return shown | ({"LatestRevokeRequest": request} if request else {})


def at(
    *accesses: dict[str, Any],
    team: str = "",
    vault: bool = True,
    session: Any = None,
    before: Before | None = None,
    **section: Any,
) -> Sweep:
    """Look at these restore access vaults to the vault prod, and at the change of its team."""
    change = {"LatestMpaApprovalTeamUpdate": asked(team)} if team else {}
    answers = {
        "ListBackupVaults": {"BackupVaultList": [AIR_GAPPED] if vault else []},
        "DescribeBackupVault": AIR_GAPPED | change,
        "ListRestoreAccessBackupVaults": {"RestoreAccessBackupVaults": [*accesses]},
        "GetSession": session or refusal("no right"),
    }
    where = Target(US, REGION)
    return look("restore_access_vaults", Canned(answers), where, before=before, restore_access_vaults=section)


def only(sweep: Sweep, check: str) -> Finding:
    (finding,) = (found for found in sweep.findings.values() if found.check == check)
    return finding


TROUBLES: dict[str, Any] = {
    "revoke-failed": lambda: at(given(asked("FAILED"))),
    "revoke-overdue": lambda: at(given(asked("PENDING", 25))),
    "revoke-deadline": lambda: at(given(asked("PENDING"))),
    "vault-failed": lambda: at(given(state="FAILED")),
    "team-change": lambda: at(team="PENDING"),
    "access-open": lambda: at(given(), open_longer_than_days=30),
    "recovery-account-not-allowed": lambda: at(given(), allowed_recovery_accounts=[]),
}
TOLD = {
    "revoke-failed": (f"The request to revoke {ITS_ACCESS} has failed", REVOKE),
    "revoke-overdue": (f"The request to revoke {ITS_ACCESS} is overdue", LIST),
    "revoke-deadline": (f"The request to revoke {ITS_ACCESS} expires soon", LIST),
    "vault-failed": (f"The request for {ITS_ACCESS} has failed", LIST),
    "team-change": (
        "A change of the approval team of vault prod is PENDING",
        f"aws backup describe-backup-vault {IN_VAULT}",
    ),
    "access-open": (f"Nobody has asked to revoke {ITS_ACCESS} for 30 days", REVOKE),
    "recovery-account-not-allowed": (f"Account {RECOVERY} is not allowed to have access to vault prod", REVOKE),
}
every_check = pytest.mark.parametrize("check", AUTOMATION.checks, ids=lambda check: check.id)


@every_check
def test_each_check_tells_what_is_wrong_with_whose_access_and_what_to_do(check: Check) -> None:
    finding = only(TROUBLES[check.id](), check.id)
    assert_it_can_be_acted_on(finding)
    assert (finding.title, finding.remediation.command) == TOLD[check.id]
    page = f"https://console.aws.amazon.com/backup/home?region={REGION}#/backupvaults/details/prod"
    assert finding.remediation.console_url == page


@pytest.mark.parametrize(
    ("check", "began_at", "deadline_at"),
    [
        ("revoke-failed", NOW - timedelta(hours=23.5), None),
        ("revoke-overdue", NOW - timedelta(hours=1), None),
        ("revoke-deadline", NOW - timedelta(hours=23.5), NOW + timedelta(hours=0.5)),
        ("vault-failed", MADE_AT, None),
        ("team-change", NOW - timedelta(hours=23.5), None),
        ("access-open", OPEN_SINCE, None),
        ("recovery-account-not-allowed", OPEN_SINCE, None),
    ],
)
def test_the_times_are_those_of_aws(check: str, began_at: Any, deadline_at: Any) -> None:
    finding = only(TROUBLES[check](), check)
    assert (finding.began_at, finding.deadline_at) == (began_at, deadline_at)


def test_where_the_session_is_shared_the_command_shows_who_has_to_approve() -> None:
    session = {"Status": "PENDING", "ApprovalStrategyResponse": {}}
    finding = only(at(given(asked("PENDING")), session=session), "revoke-deadline")
    assert finding.remediation.command == f"aws mpa get-session --region us-east-1 --session-arn {SESSION}"
    assert_it_can_be_acted_on(finding)


def test_access_that_is_not_open_yet_is_not_revoked() -> None:
    finding = only(at(given(state="CREATING"), allowed_recovery_accounts=[]), "recovery-account-not-allowed")
    assert finding.remediation.command == LIST


def test_a_restore_access_vault_of_no_account_is_named_by_its_arn() -> None:
    finding = only(at(given(asked("FAILED"), arn=HOSTILE)), "revoke-failed")
    assert finding.title.startswith(f"The request to revoke access by {HOSTILE}")
    assert shlex.split(finding.remediation.command)[-1] == HOSTILE


# How it ends

REQUEST = f"the request to revoke {ITS_ACCESS}"
LATER = f"a later request to revoke {ITS_ACCESS}"
GONE = Ending(f"{ITS_ACCESS} is over: it left the complete listing")
REVOKED = Ending(f"{ITS_ACCESS} is revoked: it left the complete listing while its revoke request was PENDING")
AFTER_FAILURE = Ending(f"{ITS_ACCESS} is over: it left the complete listing, after a revoke request that had FAILED")
NO_VAULT = Ending("there is no vault prod any more that anybody has access to")
NO_REQUEST = Ending(f"there is no request to revoke {ITS_ACCESS} any more, and it is still there", lapsed=True)
REQUEST_FAILED = Ending(f"{REQUEST} FAILED: access is still open", lapsed=True)
LATER_FAILED = Ending(f"{LATER} FAILED: access is still open", lapsed=True)
LATER_PENDING = Ending(f"{LATER} is PENDING until {NOW + timedelta(hours=23):%Y-%m-%d %H:%M} UTC")
PASSED = "passed its deadline, 2026-11-20 08:00 UTC: access is still open"
AGAIN = [given(asked("PENDING", 1, LATER_SESSION))]
AGAIN_IN_VAIN = [given(asked("FAILED", 1, LATER_SESSION))]
AGAIN_TOO_LATE = [given(asked("PENDING", 25, LATER_SESSION))]
ALLOWED = {"allowed_recovery_accounts": [RECOVERY]}
ENDS: list[tuple[str, list[dict[str, Any]], dict[str, Any], Ending]] = [
    *((check, [], {}, REVOKED) for check in ("revoke-deadline", "revoke-overdue")),
    ("revoke-failed", [], {}, AFTER_FAILURE),
    *((check, [given()], {}, NO_REQUEST) for check in ("revoke-failed", "revoke-overdue", "revoke-deadline")),
    *((check, AGAIN, {}, LATER_PENDING) for check in ("revoke-failed", "revoke-overdue", "revoke-deadline")),
    *((check, AGAIN_IN_VAIN, {}, LATER_FAILED) for check in ("revoke-failed", "revoke-overdue", "revoke-deadline")),
    ("revoke-failed", AGAIN_TOO_LATE, {}, Ending(f"{LATER} {PASSED}", lapsed=True)),
    ("revoke-deadline", [given(asked("FAILED"))], {}, REQUEST_FAILED),
    ("revoke-overdue", [given(asked("FAILED"))], {}, REQUEST_FAILED),
    ("revoke-deadline", [given(asked("PENDING", 25))], {}, Ending(f"{REQUEST} {PASSED}", lapsed=True)),
    (
        "revoke-overdue",
        [given(asked("PENDING", 2))],
        {},
        Ending(f"{REQUEST} is PENDING until {NOW + timedelta(hours=22):%Y-%m-%d %H:%M} UTC"),
    ),
    (
        "revoke-deadline",
        [given(asked("PENDING"))],
        {"deadline_rungs_hours": []},
        Ending(f"{REQUEST} is PENDING until {NOW + timedelta(hours=0.5):%Y-%m-%d %H:%M} UTC"),
    ),
    ("vault-failed", [], {}, GONE),
    ("vault-failed", [given()], {}, Ending(f"the restore access vault of {ITS_ACCESS} is AVAILABLE now")),
    ("access-open", [], {}, GONE),
    ("access-open", [given()], {}, Ending(f"the configuration lets {ITS_ACCESS} stay open")),
    ("access-open", AGAIN, {}, Ending(f"somebody asked to revoke {ITS_ACCESS}: the request is PENDING")),
    (
        "access-open",
        AGAIN_IN_VAIN,
        {},
        Ending(f"somebody asked to revoke {ITS_ACCESS}: the request is FAILED", lapsed=True),
    ),
    *(
        (
            check,
            [given(state="FAILED")],
            {},
            Ending(f"the request for {ITS_ACCESS} failed: nobody can restore through it"),
        )
        for check in ("access-open", "recovery-account-not-allowed")
    ),
    ("recovery-account-not-allowed", [], {}, GONE),
    ("recovery-account-not-allowed", [given()], ALLOWED, Ending(f"the configuration allows {ITS_ACCESS}")),
    ("team-change", [], {"team": "APPROVED"}, Ending("the approval team of vault prod APPROVED its change")),
    ("team-change", [], {}, Ending("no change of the approval team of vault prod is asked for any more")),
    ("team-change", [], {"vault": False}, Ending("there is no vault prod any more")),
    *((check, [], {"vault": False}, NO_VAULT) for check in TROUBLES if check != "team-change"),
]


@pytest.mark.parametrize(("check", "accesses", "how", "end"), ENDS)
def test_each_end_says_how_the_access_stands_now(
    check: str, accesses: list[dict[str, Any]], how: dict[str, Any], end: Ending
) -> None:
    assert endings(at(*accesses, before=left_by(TROUBLES[check]()), **how))[check] == end
