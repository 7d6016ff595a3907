"""The wire of AWS Backup: moto's operations, and those of the vaults that moto lacks."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from moto.backup import responses as moto_responses
from moto.backup.exceptions import BackupClientError, InvalidParameterValueException, ResourceNotFoundException

from emulator.backup.models import BackupBackend, backup_backends, find_source
from emulator.wire.events import Event
from emulator.wire.messages import HttpAnswer
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
    """Answer what moto answers, from the same backend as the vaults."""

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

    def as_recorded(self, members: dict[str, Any]) -> dict[str, Any]:
        """Return members as CloudTrail writes them: without comments."""
        recorded: dict[str, Any] = _recorded(members)
        return recorded

    def publish(self, event: Event) -> None:
        """Emit the event of a call, also to the owner of the vault if that is another account."""
        super().publish(event)
        owner = str(self.params.get("SourceBackupVaultArn", "")).split(":")[4:5]
        if owner and owner != [self.current_account] and "errorCode" not in event["detail"]:
            super().publish(
                {**event, "account": owner[0], "detail": event["detail"] | {"recipientAccountId": owner[0]}}
            )

    def list_backup_vaults(self) -> str:
        """Answer ListBackupVaults."""
        told = self.backup_backend.told(_now())
        wanted = self.params.get("ByVaultType") if self.backup_backend.settings.filters_types else None
        kept = {name: _listed(vault) for name, vault in told.items() if wanted in (None, vault.get("VaultType"))}
        vaults, token = self._page(kept)
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

    def associate_backup_vault_mpa_approval_team(self) -> HttpAnswer:
        """Answer AssociateBackupVaultMpaApprovalTeam."""
        backend = self.backup_backend
        backend.change_team(backend.own(self._named()), self._needed("MpaApprovalTeamArn"), _now())
        return _NOTHING

    def disassociate_backup_vault_mpa_approval_team(self) -> HttpAnswer:
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
        vaults, token = self._page(told)
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
            raise BackupClientError("MissingParameterValueException", f"{name} is required.")
        return self.params[name]

    def _page(self, vaults: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
        """Return a page of vaults in the order of their keys, which are the positions."""

        def walk(position: Position) -> Iterator[tuple[Position, Any]]:
            return (((key,), vaults[key]) for key in sorted(vaults) if (key,) > position)

        scope = f"{self._get_action()} {self.current_account} {self.region}"
        return Pager(scope, self.params, self.backup_backend.settings, InvalidParameterValueException, _MOST).cut(walk)


def _recorded(value: Any, name: str = "") -> Any:
    """Return a request or an answer as CloudTrail writes it: keys begin with a small letter, comments are hidden."""
    if name in _SECRET:
        return "HIDDEN_DUE_TO_SECURITY_REASONS"
    match value:
        case dict():
            return {key[:1].lower() + key[1:]: _recorded(inner, key) for key, inner in value.items()}
        case list():
            return [_recorded(item) for item in value]
        case _:
            return value


def _listed(vault: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in vault.items() if name in _OF_THE_LIST}


def _now() -> datetime:
    return datetime.now(UTC)
