"""Vaults of three types, who sees them, and their pages."""

from typing import Any

import pytest

from emulator.backup import seeding
from emulator.backup.models import BackupBackend, backup_backends

from ..conftest import REGION, Client, code_of
from .conftest import OWNER, RECOVERY, TEAM_OWNER

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def backend() -> BackupBackend:
    return backup_backends[OWNER][REGION]


def names(answer: dict[str, Any]) -> list[str]:
    return [vault["BackupVaultName"] for vault in answer["BackupVaultList"]]


def test_moto_answers_as_before_from_the_same_vaults(client: Client) -> None:
    vaults = client()
    arn = vaults.create_backup_vault(BackupVaultName="plain", BackupVaultTags={"a": "b"})["BackupVaultArn"]
    vaults.put_backup_vault_lock_configuration(BackupVaultName="plain", MinRetentionDays=7)
    assert vaults.list_tags(ResourceArn=arn)["Tags"] == {"a": "b"}
    assert vaults.list_backup_plans()["BackupPlansList"] == []
    told = vaults.describe_backup_vault(BackupVaultName="plain")
    assert (told["Locked"], told["MinRetentionDays"], told["VaultType"]) == (True, 7, "BACKUP_VAULT")
    vaults.delete_backup_vault(BackupVaultName="plain")
    assert names(vaults.list_backup_vaults()) == []


def test_an_air_gapped_vault_is_told_with_its_type_state_and_team(client: Client, source: str, team: str) -> None:
    told = client().describe_backup_vault(BackupVaultName="prod")
    assert told["BackupVaultArn"] == source
    assert (told["VaultType"], told["VaultState"], told["MpaApprovalTeamArn"]) == (AIR_GAPPED, "AVAILABLE", team)
    assert "LatestMpaApprovalTeamUpdate" not in told
    (listed,) = client().list_backup_vaults()["BackupVaultList"]
    assert (listed["VaultType"], listed["MinRetentionDays"]) == (AIR_GAPPED, 7)


@pytest.mark.parametrize("filters", [True, False])
def test_the_list_heeds_the_type_that_is_asked_for_or_does_not(client: Client, source: str, *, filters: bool) -> None:
    assert source
    backend().settings.filters_types = filters
    client().create_backup_vault(BackupVaultName="plain")
    assert names(client().list_backup_vaults(ByVaultType=AIR_GAPPED)) == (["prod"] if filters else ["plain", "prod"])


def test_an_ordinary_vault_may_have_the_old_shape(client: Client, source: str) -> None:
    assert source
    backend().settings.old_shape = True
    client().create_backup_vault(BackupVaultName="plain")
    plain, prod = client().list_backup_vaults()["BackupVaultList"]
    assert {"VaultType", "VaultState"} & set(plain) == set()
    assert prod["VaultType"] == AIR_GAPPED


@pytest.mark.parametrize(("size", "empty", "pages"), [(2, 0, 3), (2, 1, 6), (5, 0, 1), (1, 0, 5)])
def test_pages_are_opaque_and_may_be_empty(client: Client, size: int, empty: int, pages: int) -> None:
    backend().settings.empty_pages = empty
    for number in range(5):
        seeding.air_gap(OWNER, REGION, f"vault-{number}")
    seen, tokens = [], []
    request: dict[str, Any] = {"MaxResults": size}
    for _ in range(20):
        answer = client().list_backup_vaults(**request)
        seen += names(answer)
        if "NextToken" not in answer:
            break
        tokens.append(answer["NextToken"])
        request["NextToken"] = answer["NextToken"]
    assert seen == [f"vault-{number}" for number in range(5)]
    assert len(tokens) + 1 == pages == len({*tokens}) + 1


def test_a_token_is_good_for_its_own_list_alone(client: Client) -> None:
    for number in range(2):
        seeding.air_gap(OWNER, REGION, f"vault-{number}")
    vaults = client()
    token = vaults.list_backup_vaults(MaxResults=1)["NextToken"]
    refused = vaults.exceptions.InvalidParameterValueException
    with pytest.raises(refused, match="NextToken"):
        client(RECOVERY).list_backup_vaults(NextToken=token)
    with pytest.raises(refused, match="NextToken"):
        vaults.list_restore_access_backup_vaults(BackupVaultName="vault-0", NextToken=token)
    with pytest.raises(refused, match="NextToken"):
        vaults.list_backup_vaults(NextToken="none")
    with pytest.raises(refused, match="MaxResults"):
        vaults.list_backup_vaults(MaxResults=1001)


def test_accounts_and_regions_are_worlds_of_their_own(client: Client, source: str) -> None:
    assert source
    assert names(client(RECOVERY).list_backup_vaults()) == []
    assert names(client(region="us-east-1").list_backup_vaults()) == []


@pytest.mark.parametrize(
    ("operation", "request_", "error"),
    [
        ("describe_backup_vault", {"BackupVaultName": "nothing"}, "ResourceNotFoundException"),
        ("list_restore_access_backup_vaults", {"BackupVaultName": "nothing"}, "ResourceNotFoundException"),
        (
            "revoke_restore_access_backup_vault",
            {"BackupVaultName": "prod", "RestoreAccessBackupVaultArn": "arn"},
            "ResourceNotFoundException",
        ),
        ("create_restore_access_backup_vault", {}, "MissingParameterValueException"),
        ("create_restore_access_backup_vault", {"SourceBackupVaultArn": "x"}, "InvalidParameterValueException"),
        (
            "create_restore_access_backup_vault",
            {"SourceBackupVaultArn": f"arn:aws:backup:{REGION}:{TEAM_OWNER}:backup-vault:nothing"},
            "ResourceNotFoundException",
        ),
        (
            "create_logically_air_gapped_backup_vault",
            {"BackupVaultName": "prod", "MinRetentionDays": 1, "MaxRetentionDays": 2},
            "AlreadyExistsException",
        ),
        ("create_logically_air_gapped_backup_vault", {"BackupVaultName": "new"}, "MissingParameterValueException"),
        (
            "associate_backup_vault_mpa_approval_team",
            {"BackupVaultName": "prod", "MpaApprovalTeamArn": "arn:aws:mpa:us-east-1:333333333333:approval-team/none"},
            "InvalidParameterValueException",
        ),
        ("list_restore_access_backup_vaults", {"BackupVaultName": "x"}, "InvalidParameterValueException"),
    ],
)
def test_what_is_wrong_with_a_request_is_a_modelled_error(
    client: Client, source: str, operation: str, request_: dict[str, Any], error: str
) -> None:
    assert source
    vaults = client()
    assert code_of(getattr(vaults, operation), **request_) == error


def test_an_ordinary_vault_has_no_restore_access(client: Client) -> None:
    vaults = client()
    arn = vaults.create_backup_vault(BackupVaultName="plain")["BackupVaultArn"]
    with pytest.raises(Exception, match="not a logically air-gapped"):
        client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=arn)


def test_a_vault_without_a_team_gives_nobody_access(client: Client) -> None:
    vaults = client()
    arn = vaults.create_logically_air_gapped_backup_vault(
        BackupVaultName="alone", MinRetentionDays=7, MaxRetentionDays=30
    )["BackupVaultArn"]
    refused = vaults.exceptions.InvalidRequestException
    with pytest.raises(refused, match="no approval team"):
        client(RECOVERY).create_restore_access_backup_vault(SourceBackupVaultArn=arn)
    with pytest.raises(refused, match="no approval team"):
        vaults.disassociate_backup_vault_mpa_approval_team(BackupVaultName="alone")
