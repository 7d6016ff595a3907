"""The two kinds of vault beside the ordinary one: the air-gapped, and the restore access to it from another account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.backup.models import BackupBackend, Vault

from emulator.backup.approval_requests import ApprovalRequest
from emulator.mpa.sessions import Team

ORDINARY = "BACKUP_VAULT"
AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
RESTORE_ACCESS = "RESTORE_ACCESS_BACKUP_VAULT"


@dataclass(slots=True)
class TeamUpdate:
    """A request to put another team, or none, in the place of a vault's team."""

    request: ApprovalRequest
    team: Team | None


class AirGappedVault(Vault):
    """A logically air-gapped vault.

    Attributes:
        first_team: the team that it had at first.
        updates: all requests to change that, the latest last.
        accesses: the restore access vaults to it, whoever's, by ARN.
    """

    def __init__(self, name: str, retention: tuple[int, int], backend: BackupBackend) -> None:
        """Make it with its least and its longest retention, in days."""
        super().__init__(name, "", "", backend)
        self.locked = True
        self.min_retention_days, self.max_retention_days = retention
        self.first_team: Team | None = None
        self.updates: list[TeamUpdate] = []
        self.accesses: dict[str, RestoreAccessVault] = {}

    def team(self, now: datetime) -> Team | None:
        """Return the team that decides about it."""
        done = [update.team for update in self.updates if update.request.status(now) == "APPROVED"]
        return done[-1] if done else self.first_team

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as DescribeBackupVault tells it."""
        told = self.to_list_dict() | {"VaultType": AIR_GAPPED, "VaultState": "AVAILABLE"}
        if team := self.team(now):
            told["MpaApprovalTeamArn"] = team.arn
        if self.updates:
            told["LatestMpaApprovalTeamUpdate"] = self.updates[-1].request.describe(now)
        return told


class RestoreAccessVault(Vault):
    """A vault in a recovery account, through which it may restore from an air-gapped vault of another account.

    Attributes:
        source: the air-gapped vault.
        creation: the request to create it.
        revocations: all requests to revoke it, the latest last.
    """

    def __init__(self, name: str, source: AirGappedVault, creation: ApprovalRequest, backend: BackupBackend) -> None:
        """Make it, to wait for its approval."""
        super().__init__(name, "", "", backend)
        self.source = source
        self.creation = creation
        self.revocations: list[ApprovalRequest] = []

    def state(self, now: datetime) -> str:
        """Return its VaultState."""
        return {"PENDING": "CREATING", "APPROVED": "AVAILABLE"}.get(self.creation.status(now), "FAILED")

    def is_revoked(self, now: datetime) -> bool:
        """Tell whether it is gone."""
        return any(revocation.status(now) == "APPROVED" for revocation in self.revocations)

    def told_to_owner(self, now: datetime) -> dict[str, Any]:
        """Return it as ListRestoreAccessBackupVaults tells the owner of its source."""
        told: dict[str, Any] = {
            "RestoreAccessBackupVaultArn": self.backup_vault_arn,
            "CreationDate": self.creation_date,
            "VaultState": self.state(now),
        }
        if approved_at := self.creation.done_at(now):
            told["ApprovalDate"] = approved_at.timestamp()
        if self.revocations:
            told["LatestRevokeRequest"] = self.revocations[-1].describe(now)
        return told

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as DescribeBackupVault tells its recovery account."""
        return self.to_list_dict() | {
            "VaultType": RESTORE_ACCESS,
            "VaultState": self.state(now),
            "SourceBackupVaultArn": self.source.backup_vault_arn,
            "MpaApprovalTeamArn": self.creation.session.team.arn,
            "MpaSessionArn": self.creation.session.arn,
        }
