"""Restore access as it is asked for, given, revoked or not, and teams as they are changed."""

from datetime import timedelta
from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.backup.models import backup_backends
from emulator.mpa import faults
from emulator.mpa.seeding import make_team
from emulator.wire import events

from ..conftest import NOW, REGION, Client, code_of
from .conftest import OWNER, RECOVERY, TEAM_OWNER

DAY = timedelta(hours=24)


@pytest.fixture
def access(client: Client, source: str) -> str:
    """Restore access that was approved."""
    made = client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source, BackupVaultName="recovery")
    told = client(RECOVERY).describe_backup_vault(BackupVaultName="recovery")
    faults.approve(told["MpaSessionArn"])
    return str(made["RestoreAccessBackupVaultArn"])


def listed(client: Client) -> list[dict[str, Any]]:
    answer: dict[str, Any] = client().list_restore_access_backup_vaults(BackupVaultName="prod")
    return list(answer["RestoreAccessBackupVaults"])


def revoke(client: Client, access: str) -> str:
    client().revoke_restore_access_backup_vault(BackupVaultName="prod", RestoreAccessBackupVaultArn=access)
    return str(listed(client)[0]["LatestRevokeRequest"]["MpaSessionArn"])


# Asked for


def test_access_stands_in_the_recovery_account_and_waits_for_the_team(client: Client, source: str) -> None:
    made = client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source)
    arn, name = made["RestoreAccessBackupVaultArn"], made["RestoreAccessBackupVaultName"]
    assert arn == f"arn:aws:backup:{REGION}:{RECOVERY}:backup-vault:{name}"
    told = client(RECOVERY).describe_backup_vault(BackupVaultName=name)
    assert (told["VaultType"], told["VaultState"]) == ("RESTORE_ACCESS_BACKUP_VAULT", "CREATING")
    assert told["SourceBackupVaultArn"] == source
    assert [(v["RestoreAccessBackupVaultArn"], v["VaultState"]) for v in listed(client)] == [(arn, "CREATING")]


def test_approval_gives_access_with_its_date(client: Client, access: str) -> None:
    (told,) = listed(client)
    assert (told["RestoreAccessBackupVaultArn"], told["VaultState"], told["ApprovalDate"]) == (access, "AVAILABLE", NOW)
    assert "LatestRevokeRequest" not in told


@pytest.mark.parametrize("silent", [True, False])
def test_rejection_and_silence_give_none(client: Client, source: str, aws: Emulator, *, silent: bool) -> None:
    client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source, BackupVaultName="recovery")
    if not silent:
        faults.reject(client(RECOVERY).describe_backup_vault(BackupVaultName="recovery")["MpaSessionArn"])
    aws.advance(DAY)
    (told,) = listed(client)
    assert told["VaultState"] == "FAILED"
    assert "ApprovalDate" not in told


# Revoked, or not


def test_a_revocation_is_pending_for_a_day(client: Client, access: str, aws: Emulator) -> None:
    session = revoke(client, access)
    aws.advance(DAY - timedelta(seconds=1))
    (told,) = listed(client)
    assert told["LatestRevokeRequest"] == {
        "MpaSessionArn": session,
        "Status": "PENDING",
        "InitiationDate": NOW,
        "ExpiryDate": NOW + DAY,
    }


def test_what_is_revoked_leaves_both_lists(client: Client, access: str) -> None:
    faults.approve(revoke(client, access))
    assert listed(client) == []
    recovery = client(RECOVERY)
    assert recovery.list_backup_vaults()["BackupVaultList"] == []
    assert code_of(recovery.describe_backup_vault, BackupVaultName="recovery") == "ResourceNotFoundException"
    again = recovery.create_restore_access_backup_vault(
        SourceBackupVaultArn=access.replace(RECOVERY, OWNER).replace(":recovery", ":prod"), BackupVaultName="recovery"
    )
    assert again["VaultState"] == "CREATING"


@pytest.mark.parametrize(
    ("how", "message"), [("reject", "rejected"), ("expire", "expired"), ("fail_execution", "not authorized")]
)
def test_a_revocation_that_fails_says_why_and_leaves_the_access(
    client: Client, access: str, aws: Emulator, how: str, message: str
) -> None:
    session = revoke(client, access)
    if how == "expire":
        aws.advance(DAY)
    else:
        getattr(faults, how)(session)
    (told,) = listed(client)
    assert told["VaultState"] == "AVAILABLE"
    assert told["LatestRevokeRequest"]["Status"] == "FAILED"
    assert message in told["LatestRevokeRequest"]["StatusMessage"]


def test_a_request_may_stay_pending_past_its_expiry(client: Client, access: str, aws: Emulator) -> None:
    backup_backends[OWNER][REGION].settings.expiry_lag = timedelta(hours=1)
    revoke(client, access)
    aws.advance(DAY + timedelta(minutes=59))
    assert listed(client)[0]["LatestRevokeRequest"]["Status"] == "PENDING"
    aws.advance(timedelta(minutes=1))
    assert listed(client)[0]["LatestRevokeRequest"]["Status"] == "FAILED"


def test_a_later_request_takes_the_place_of_one_that_failed_not_of_one_that_is_pending(
    client: Client, access: str
) -> None:
    first = revoke(client, access)
    vaults = client()
    with pytest.raises(vaults.exceptions.InvalidRequestException, match="pending"):
        revoke(client, access)
    faults.reject(first)
    assert revoke(client, access) != first


def test_access_that_was_not_given_cannot_be_revoked(client: Client, source: str) -> None:
    made = client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source)
    with pytest.raises(client().exceptions.InvalidRequestException, match="CREATING"):
        revoke(client, made["RestoreAccessBackupVaultArn"])


# Its team


def update(client: Client) -> dict[str, Any]:
    told: dict[str, Any] = client().describe_backup_vault(BackupVaultName="prod")
    return {"team": told.get("MpaApprovalTeamArn"), "status": told["LatestMpaApprovalTeamUpdate"]["Status"]}


def test_a_team_gives_way_to_another_only_if_it_approves(client: Client, source: str, team: str) -> None:
    assert source
    other = make_team(TEAM_OWNER, "others")
    vaults = client()
    vaults.associate_backup_vault_mpa_approval_team(BackupVaultName="prod", MpaApprovalTeamArn=other)
    assert update(client) == {"team": team, "status": "PENDING"}
    with pytest.raises(vaults.exceptions.InvalidRequestException, match="pending"):
        vaults.disassociate_backup_vault_mpa_approval_team(BackupVaultName="prod")
    faults.approve(_session(client))
    assert update(client) == {"team": other, "status": "APPROVED"}


def test_a_team_may_be_removed_or_refuse_to_be(client: Client, source: str, team: str) -> None:
    assert source
    vaults = client()
    vaults.disassociate_backup_vault_mpa_approval_team(BackupVaultName="prod")
    faults.reject(_session(client))
    assert update(client) == {"team": team, "status": "FAILED"}
    vaults.disassociate_backup_vault_mpa_approval_team(BackupVaultName="prod")
    faults.approve(_session(client))
    assert update(client) == {"team": None, "status": "APPROVED"}


def _session(client: Client) -> str:
    told = client().describe_backup_vault(BackupVaultName="prod")
    return str(told["LatestMpaApprovalTeamUpdate"]["MpaSessionArn"])


# What CloudTrail says


def test_a_revocation_is_recorded_in_cloudtrails_form_without_its_comment(
    client: Client, access: str, emitted: list[events.Event]
) -> None:
    emitted.clear()
    client().revoke_restore_access_backup_vault(
        BackupVaultName="prod", RestoreAccessBackupVaultArn=access, RequesterComment="hush"
    )
    (event,) = emitted
    assert (event["source"], event["detail-type"]) == ("aws.backup", "AWS API Call via CloudTrail")
    assert (event["account"], event["region"]) == (OWNER, REGION)
    detail = event["detail"]
    assert (detail["eventSource"], detail["eventName"]) == ("backup.amazonaws.com", "RevokeRestoreAccessBackupVault")
    assert detail["requestParameters"] == {
        "backupVaultName": "prod",
        "restoreAccessBackupVaultArn": access,
        "requesterComment": "HIDDEN_DUE_TO_SECURITY_REASONS",
    }


def test_who_asks_for_access_is_recorded_in_the_account_that_asks_and_names_the_vault(
    client: Client, source: str, emitted: list[events.Event]
) -> None:
    emitted.clear()
    client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=source)
    (event,) = emitted
    assert (event["account"], event["detail"]["recipientAccountId"]) == (RECOVERY, RECOVERY)
    assert event["detail"]["requestParameters"]["sourceBackupVaultArn"] == source


def test_a_call_that_failed_is_recorded_as_such(client: Client, access: str, emitted: list[events.Event]) -> None:
    faults.approve(revoke(client, access))
    emitted.clear()
    with pytest.raises(client().exceptions.ResourceNotFoundException):
        client().revoke_restore_access_backup_vault(BackupVaultName="prod", RestoreAccessBackupVaultArn=access)
    assert [event["detail"]["errorCode"] for event in emitted] == ["ResourceNotFoundException"]
