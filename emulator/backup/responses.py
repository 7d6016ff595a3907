"""The wire of AWS Backup: moto's operations, and those of the vaults that moto lacks."""

import json
import re
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from moto.backup import responses as moto_responses
from moto.backup.exceptions import InvalidParameterValueException, ResourceNotFoundException
from moto.core.common_types import TYPE_RESPONSE

from emulator.backup import events
from emulator.backup.exceptions import MissingParameterValueError
from emulator.backup.models import BackupBackend, backup_backends, find_source
from emulator.backup.pages import page
from emulator.wire.cloudtrail import Caller

_NAME = re.compile(r"[a-zA-Z0-9\-_]{2,50}")
_REFUSED = 400
_OF_THE_LIST = frozenset(
    {
        *("BackupVaultName", "BackupVaultArn", "VaultType", "VaultState", "CreationDate", "EncryptionKeyArn"),
        *("CreatorRequestId", "NumberOfRecoveryPoints", "Locked", "MinRetentionDays", "MaxRetentionDays", "LockDate"),
    }
)
_NOTHING: TYPE_RESPONSE = (204, {"status": "204"}, "")


class PlansResponse(moto_responses.BackupResponse):
    """Answer what moto answers, from the same backend as the vaults."""

    @property
    def backup_backend(self) -> BackupBackend:
        """The caller's, in the Region of the call."""
        return backup_backends[self.current_account][self.region]


class VaultsResponse(PlansResponse):
    """Answer requests about vaults."""

    def __init__(self) -> None:
        """Read requests by the model of AWS Backup."""
        super().__init__()
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}

    def call_action(self) -> TYPE_RESPONSE:
        """Answer, and tell the subscribers what CloudTrail would record."""
        action = self._get_action()
        status, headers, body = super().call_action()
        if action in events.MUTATING:
            for event in events.records(action, self._caller, dict(self.params), _outcome(int(status), body)):
                events.publish(event)
        return status, headers, body

    def list_backup_vaults(self) -> str:
        """Answer ListBackupVaults."""
        told = self.backup_backend.told(_now())
        wanted = self.params.get("ByVaultType") if self.backup_backend.behaviour.filters_types else None
        kept = {name: _listed(vault) for name, vault in told.items() if wanted in (None, vault.get("VaultType"))}
        vaults, token = page(kept, self._scope(str(wanted)), self.params, self.backup_backend.behaviour)
        return json.dumps({"BackupVaultList": vaults, **token})

    def describe_backup_vault(self) -> str:  # type: ignore[override]  # moto leaves the writing to its serializer
        """Answer DescribeBackupVault."""
        name = self._named()
        told = self.backup_backend.told(_now())
        if name not in told:
            raise ResourceNotFoundException(f"Backup vault {name} does not exist.")
        return json.dumps(told[name])

    def create_logically_air_gapped_backup_vault(self) -> str:
        """Answer CreateLogicallyAirGappedBackupVault."""
        retention = self._needed("MinRetentionDays"), self._needed("MaxRetentionDays")
        vault = self.backup_backend.air_gap(self._named(), retention)
        return json.dumps(vault.to_dict() | {"VaultState": "AVAILABLE"})

    def associate_backup_vault_mpa_approval_team(self) -> TYPE_RESPONSE:
        """Answer AssociateBackupVaultMpaApprovalTeam."""
        backend = self.backup_backend
        backend.change_team(backend.own(self._named()), self._needed("MpaApprovalTeamArn"), _now())
        return _NOTHING

    def disassociate_backup_vault_mpa_approval_team(self) -> TYPE_RESPONSE:
        """Answer DisassociateBackupVaultMpaApprovalTeam."""
        backend = self.backup_backend
        backend.change_team(backend.own(self._named()), None, _now())
        return _NOTHING

    def create_restore_access_backup_vault(self) -> str:
        """Answer CreateRestoreAccessBackupVault."""
        now, source = _now(), find_source(self._needed("SourceBackupVaultArn"))
        name = self._named() if "BackupVaultName" in self.params else f"restore-access-{uuid4().hex[:12]}"
        vault = self.backup_backend.give_access(source, name, now)
        told = {
            "RestoreAccessBackupVaultArn": vault.backup_vault_arn,
            "RestoreAccessBackupVaultName": name,
            "VaultState": vault.state(now),
            "CreationDate": vault.creation_date,
        }
        return json.dumps(told)

    def list_restore_access_backup_vaults(self) -> str:
        """Answer ListRestoreAccessBackupVaults."""
        now, backend = _now(), self.backup_backend
        accesses = backend.own(self._named()).accesses
        told = {arn: vault.told_to_owner(now) for arn, vault in accesses.items() if not vault.is_revoked(now)}
        vaults, token = page(told, self._scope(self._named()), self.params, backend.behaviour)
        return json.dumps({"RestoreAccessBackupVaults": vaults, **token})

    def revoke_restore_access_backup_vault(self) -> str:
        """Answer RevokeRestoreAccessBackupVault."""
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
            raise MissingParameterValueError(f"{name} is required.")
        return self.params[name]

    def _scope(self, what: str) -> str:
        return f"{self._get_action()} {self.current_account} {self.region} {what}"

    @property
    def _caller(self) -> Caller:
        address = self.normalized_request.remote_addr or "127.0.0.1"
        agent = self.headers.get("User-Agent", "")
        return Caller(self.current_account, self.region, self.partition, self.access_key, address, agent)


def _outcome(status: int, body: str | bytes) -> dict[str, Any]:
    told = json.loads(body or "{}")
    if status < _REFUSED:
        return {"responseElements": told or None}
    return {"errorCode": told["__type"], "errorMessage": told["message"]}


def _listed(vault: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in vault.items() if name in _OF_THE_LIST}


def _now() -> datetime:
    return datetime.now(UTC)
