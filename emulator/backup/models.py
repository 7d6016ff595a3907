"""The AWS Backup of one account in one Region: moto's, and the vaults that moto lacks."""

from datetime import UTC, datetime
from typing import Any

from moto.backup import models as moto_models
from moto.backup.exceptions import (
    AlreadyExistsException,
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from moto.backup.models import Vault
from moto.core.base_backend import BackendDict

from emulator.backup.approval_requests import ApprovalRequest
from emulator.backup.settings import BackupSettings
from emulator.backup.vaults import ORDINARY, AirGappedVault, RestoreAccessVault, TeamUpdate
from emulator.mpa.models import backend_of, find_team
from emulator.mpa.sessions import Team


class BackupBackend(moto_models.BackupBackend):
    """The AWS Backup of one account in one Region.

    Attributes:
        settings: of what AWS does not document.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without vaults."""
        super().__init__(region_name, account_id)
        self.settings = BackupSettings()

    def described(self, now: datetime) -> dict[str, dict[str, Any]]:
        """Return all vaults, by name, as DescribeBackupVault does."""
        return {name: self._described(vault, now) for name, vault in self.vaults.items() if not _is_gone(vault, now)}

    def air_gap(self, name: str, retention: tuple[int, int]) -> AirGappedVault:
        """Create an air-gapped vault.

        Raises:
            AlreadyExistsException: the name is taken.
        """
        self._check_free(name, datetime.now(UTC))
        vault = AirGappedVault(name, retention, self)
        self.vaults[name] = vault
        return vault

    def own(self, name: str) -> AirGappedVault:
        """Return the account's own air-gapped vault of this name.

        Raises:
            ResourceNotFoundException: the vault does not exist.
            InvalidRequestException: it is not air-gapped.
        """
        vault = self.vaults.get(name)
        if vault is None:
            raise ResourceNotFoundException(f"Backup vault {name} does not exist.")
        if not isinstance(vault, AirGappedVault):
            raise InvalidRequestException(f"Backup vault {name} is not a logically air-gapped backup vault.")
        return vault

    def change_team(self, vault: AirGappedVault, team_arn: str | None, now: datetime) -> None:
        """Set the first team of *vault*, or start a session of the current team to replace or remove it.

        Raises:
            InvalidParameterValueException: the team does not exist.
            InvalidRequestException: a change is pending, or the vault has no team to remove.
        """
        team = find_team(team_arn) if team_arn is not None else None
        if team_arn is not None and team is None:
            raise InvalidParameterValueException(f"{team_arn} is not an approval team.")
        present = vault.team(now)
        if present is None:
            if team is None:
                raise InvalidRequestException(f"{vault.backup_vault_name} has no approval team.")
            vault.first_team = team
            return
        if vault.updates and vault.updates[-1].request.status(now) == "PENDING":
            raise InvalidRequestException("A change of the approval team is pending.")
        verb = "Associate" if team else "Disassociate"
        asked = self.ask(present, f"backup:{verb}BackupVaultMpaApprovalTeam", vault.backup_vault_arn)
        vault.updates.append(TeamUpdate(asked, team))

    def give_access(self, source: AirGappedVault, name: str, now: datetime) -> RestoreAccessVault:
        """Create a restore access vault for *source*, which may belong to another account; its team must approve.

        Raises:
            AlreadyExistsException: the name is taken.
            InvalidRequestException: the source has no team.
        """
        self._check_free(name, now)
        team = source.team(now)
        if team is None:
            raise InvalidRequestException(f"{source.backup_vault_arn} has no approval team.")
        asked = self.ask(team, "backup:CreateRestoreAccessBackupVault", source.backup_vault_arn)
        vault = RestoreAccessVault(name, source, asked, self)
        self.vaults[name] = source.accesses[vault.backup_vault_arn] = vault
        return vault

    def revoke(self, source: AirGappedVault, arn: str, now: datetime) -> ApprovalRequest:
        """Ask the team of *source* to revoke the restore access vault of this ARN.

        Raises:
            ResourceNotFoundException: the source has no such restore access vault.
            InvalidRequestException: it is not AVAILABLE, a request is pending, or the source has no team.
        """
        vault, team = source.accesses.get(arn), source.team(now)
        if vault is None or vault.is_revoked(now):
            raise ResourceNotFoundException(f"Restore access backup vault {arn} does not exist.")
        if team is None:
            raise InvalidRequestException(f"{source.backup_vault_arn} has no approval team.")
        if vault.state(now) != "AVAILABLE":
            raise InvalidRequestException(f"{arn} is {vault.state(now)}.")
        if vault.revocations and vault.revocations[-1].status(now) == "PENDING":
            raise InvalidRequestException(f"A request to revoke {arn} is pending.")
        asked = self.ask(team, "backup:RevokeRestoreAccessBackupVault", arn)
        vault.revocations.append(asked)
        return asked

    def ask(self, team: Team, action: str, arn: str) -> ApprovalRequest:
        """Start a session of *team* about *arn*, requested by this account."""
        session = backend_of(team.arn).begin(team, action, arn, self.account_id, self.region_name)
        return ApprovalRequest(session, self.settings.expiry_lag)

    def _check_free(self, name: str, now: datetime) -> None:
        if name in self.vaults and not _is_gone(self.vaults[name], now):
            raise AlreadyExistsException("Backup vault with the same name already exists")

    def _described(self, vault: Vault, now: datetime) -> dict[str, Any]:
        if isinstance(vault, AirGappedVault | RestoreAccessVault):
            return vault.describe(now)
        kind = {} if self.settings.old_shape else {"VaultType": ORDINARY, "VaultState": "AVAILABLE"}
        described: dict[str, Any] = vault.to_list_dict() | kind
        return described


def _is_gone(vault: Vault, now: datetime) -> bool:
    return isinstance(vault, RestoreAccessVault) and vault.is_revoked(now)


backup_backends: BackendDict[BackupBackend] = BackendDict(BackupBackend, "backup")


def find_source(arn: str) -> AirGappedVault:
    """Return the air-gapped vault of this ARN, of any account.

    Raises:
        InvalidParameterValueException: it is not the ARN of a vault.
        ResourceNotFoundException: the vault does not exist.
        InvalidRequestException: it is not air-gapped.
    """
    match arn.split(":"):
        case ["arn", _, "backup", region, account, "backup-vault", name]:
            backend = backup_backends[account].get(region)
            if backend is None:
                raise ResourceNotFoundException(f"Backup vault {arn} does not exist.")
            return backend.own(name)
        case _:
            raise InvalidParameterValueException(f"{arn} is not the ARN of a backup vault.")
