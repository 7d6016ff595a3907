"""Air-gapped vaults, and restore access vaults for them in other accounts."""

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
    """A request to replace or remove a vault's team."""

    request: ApprovalRequest
    team: Team | None


class AirGappedVault(Vault):
    """A logically air-gapped vault.

    Attributes:
        first_team: its first team.
        updates: all requests to change the team, the latest last.
        accesses: its restore access vaults in any account, by ARN.
    """

    def __init__(self, name: str, retention: tuple[int, int], backend: BackupBackend) -> None:
        """Create it with its minimum and maximum retention, in days."""
        super().__init__(name, "", "", backend)
        self.locked = True
        self.min_retention_days, self.max_retention_days = retention
        self.first_team: Team | None = None
        self.updates: list[TeamUpdate] = []
        self.accesses: dict[str, RestoreAccessVault] = {}

    def team(self, now: datetime) -> Team | None:
        """Return its current team."""
        done = [update.team for update in self.updates if update.request.status(now) == "APPROVED"]
        return done[-1] if done else self.first_team

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as DescribeBackupVault does."""
        described = self.to_list_dict() | {"VaultType": AIR_GAPPED, "VaultState": "AVAILABLE"}
        if team := self.team(now):
            described["MpaApprovalTeamArn"] = team.arn
        if self.updates:
            described["LatestMpaApprovalTeamUpdate"] = self.updates[-1].request.describe(now)
        return described


class RestoreAccessVault(Vault):
    """A vault through which a recovery account may restore from an air-gapped vault.

    Attributes:
        source: the air-gapped vault.
        creation: the request to create it.
        revocations: all requests to revoke it, the latest last.
    """

    def __init__(self, name: str, source: AirGappedVault, creation: ApprovalRequest, backend: BackupBackend) -> None:
        """Create it; it waits for its approval."""
        super().__init__(name, "", "", backend)
        self.source = source
        self.creation = creation
        self.revocations: list[ApprovalRequest] = []

    def state(self, now: datetime) -> str:
        """Return its VaultState."""
        return {"PENDING": "CREATING", "APPROVED": "AVAILABLE"}.get(self.creation.status(now), "FAILED")

    def is_revoked(self, now: datetime) -> bool:
        """Tell whether it was revoked."""
        return any(revocation.status(now) == "APPROVED" for revocation in self.revocations)

    def described_to_owner(self, now: datetime) -> dict[str, Any]:
        """Return it as ListRestoreAccessBackupVaults does for the owner of its source."""
        described: dict[str, Any] = {
            "RestoreAccessBackupVaultArn": self.backup_vault_arn,
            "CreationDate": self.creation_date,
            "VaultState": self.state(now),
        }
        if approved_at := self.creation.done_at(now):
            described["ApprovalDate"] = approved_at.timestamp()
        if self.revocations:
            described["LatestRevokeRequest"] = self.revocations[-1].describe(now)
        return described

    def describe(self, now: datetime) -> dict[str, Any]:
        """Return it as DescribeBackupVault does for its recovery account."""
        return self.to_list_dict() | {
            "VaultType": RESTORE_ACCESS,
            "VaultState": self.state(now),
            "SourceBackupVaultArn": self.source.backup_vault_arn,
            "MpaApprovalTeamArn": self.creation.session.team.arn,
            "MpaSessionArn": self.creation.session.arn,
        }
