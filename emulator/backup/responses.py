"""The operations of AWS Backup: moto's, and those of the vaults that moto lacks."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from moto.backup import responses as moto_responses
from moto.backup.exceptions import BackupClientError, InvalidParameterValueException, ResourceNotFoundException

from emulator.backup.models import BackupBackend, backup_backends, find_source
from emulator.wire.messages import HttpAnswer, lower_keys
from emulator.wire.pages import Pager, Position
from emulator.wire.responses import RecordedResponse

_MOST = 1000
_NAME = re.compile(r"[a-zA-Z0-9\-_]{2,50}")
_SECRET = frozenset({"RequesterComment"})
_OF_THE_LIST = frozenset(
    {
        *("BackupVaultName", "BackupVaultArn", "VaultType", "VaultState", "CreationDate", "EncryptionKeyArn"),
        *("CreatorRequestId", "NumberOfRecoveryPoints", "Locked", "MinRetentionDays", "MaxRetentionDays", "LockDate"),
    }
)
_NOTHING: HttpAnswer = (204, {"status": "204"}, "")


class PlansResponse(moto_responses.BackupResponse):
    """Answers moto's operations from our backend."""

    @property
    def backup_backend(self) -> BackupBackend:
        """The caller's, in the Region of the call."""
        return backup_backends[self.current_account][self.region]


class VaultsResponse(RecordedResponse, PlansResponse):
    """Answers requests about vaults."""

    event_source = "backup"

    def __init__(self) -> None:
        """Read requests by the model of AWS Backup."""
        super().__init__()
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}

    def as_recorded(self, members: dict[str, Any]) -> Any:
        """Return members as CloudTrail writes them: without comments."""
        return lower_keys(members, _hidden)

    def list_backup_vaults(self) -> str:
        described = self.backup_backend.described(_now())
        wanted = self.params.get("ByVaultType") if self.backup_backend.settings.filters_types else None
        kept = {name: _listed(vault) for name, vault in described.items() if wanted in (None, vault.get("VaultType"))}
        vaults, token = self._page(kept)
        return json.dumps({"BackupVaultList": vaults, **token})

    def describe_backup_vault(self) -> str:  # type: ignore[override]  # moto's returns an ActionResult
        name = self._named()
        described = self.backup_backend.described(_now())
        if name not in described:
            raise ResourceNotFoundException(f"Backup vault {name} does not exist.")
        return json.dumps(described[name])

    def create_logically_air_gapped_backup_vault(self) -> str:
        retention = self._needed("MinRetentionDays"), self._needed("MaxRetentionDays")
        vault = self.backup_backend.air_gap(self._named(), retention)
        return json.dumps(vault.to_dict() | {"VaultState": "AVAILABLE"})

    def associate_backup_vault_mpa_approval_team(self) -> HttpAnswer:
        backend = self.backup_backend
        backend.change_team(backend.own(self._named()), self._needed("MpaApprovalTeamArn"), _now())
        return _NOTHING

    def disassociate_backup_vault_mpa_approval_team(self) -> HttpAnswer:
        backend = self.backup_backend
        backend.change_team(backend.own(self._named()), None, _now())
        return _NOTHING

    def create_restore_access_backup_vault(self) -> str:
        now, source = _now(), find_source(self._needed("SourceBackupVaultArn"))
        name = self._named() if "BackupVaultName" in self.params else f"restore-access-{uuid4().hex[:12]}"
        vault = self.backup_backend.give_access(source, name, now)
        described = {
            "RestoreAccessBackupVaultArn": vault.backup_vault_arn,
            "RestoreAccessBackupVaultName": name,
            "VaultState": vault.state(now),
            "CreationDate": vault.creation_date,
        }
        return json.dumps(described)

    def list_restore_access_backup_vaults(self) -> str:
        now, backend = _now(), self.backup_backend
        accesses = backend.own(self._named()).accesses
        described = {arn: vault.described_to_owner(now) for arn, vault in accesses.items() if not vault.is_revoked(now)}
        vaults, token = self._page(described)
        return json.dumps({"RestoreAccessBackupVaults": vaults, **token})

    def revoke_restore_access_backup_vault(self) -> str:
        backend = self.backup_backend
        backend.revoke(backend.own(self._named()), self._needed("RestoreAccessBackupVaultArn"), _now())
        return "{}"

    def _named(self) -> str:
        name = self._needed("BackupVaultName")
        if not _NAME.fullmatch(name):
            raise InvalidParameterValueException(f"{name} is not the name of a backup vault.")
        return cast("str", name)

    def _needed(self, name: str) -> Any:
        if self.params.get(name) in (None, ""):
            raise BackupClientError("MissingParameterValueException", f"{name} is required.")
        return self.params[name]

    def _page(self, vaults: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
        """Return a page of vaults in the order of their keys, which are the positions."""

        def walk(position: Position) -> Iterator[tuple[Position, Any]]:
            return (((key,), vaults[key]) for key in sorted(vaults) if (key,) > position)

        scope = f"{self._get_action()} {self.current_account} {self.region}"
        return Pager(scope, self.params, self.backup_backend.settings, InvalidParameterValueException, _MOST).cut(walk)


def _hidden(name: str, value: Any) -> Any:
    return "HIDDEN_DUE_TO_SECURITY_REASONS" if name in _SECRET else value


def _listed(vault: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in vault.items() if name in _OF_THE_LIST}


def _now() -> datetime:
    return datetime.now(UTC)
