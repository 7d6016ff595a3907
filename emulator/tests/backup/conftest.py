"""An emulated AWS Backup and its approvers, every answer of which is compared with botocore's model."""

from typing import Any

import pytest

from emulator.aws import Emulator
from emulator.mpa.seeding import make_team

from ..conftest import REGION, Client

OWNER, RECOVERY, TEAM_OWNER = "111122223333", "210987654321", "333333333333"


@pytest.fixture
def client(checked_client: Client) -> Client:
    """Make clients of AWS Backup, or of another service."""

    def make(account: str = OWNER, service: str = "backup", region: str = REGION) -> Any:
        return checked_client(service, account, region)

    return make


@pytest.fixture
def team(aws: Emulator) -> str:
    """A team of three, of whom two have to approve; its sessions are shown to the owner of the vaults."""
    assert aws
    return make_team(TEAM_OWNER, shared_with=[OWNER])


@pytest.fixture
def source(client: Client, team: str) -> str:
    """An air-gapped vault with a team."""
    vaults = client()
    made = vaults.create_logically_air_gapped_backup_vault(
        BackupVaultName="prod", MinRetentionDays=7, MaxRetentionDays=30
    )
    vaults.associate_backup_vault_mpa_approval_team(BackupVaultName="prod", MpaApprovalTeamArn=team)
    return str(made["BackupVaultArn"])
