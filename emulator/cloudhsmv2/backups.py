"""HSM backups: each with a state that is a function of what is stored of it and of now."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulator.cloudhsmv2.clusters import listed
from emulator.cloudhsmv2.settings import RESTORABLE


@dataclass(slots=True)
class Backup:
    """A backup.

    Attributes:
        backup_id: ``backup-…``.
        arn: its BackupArn.
        cluster_id: of the cluster that it was made from; empty for a copy, which belongs to none.
        created_at: when the original was made.
        ready_at: from when it can be used.
        never_expires: whether it is exempt; None for a record that does not say.
        deleted_at: when it was deleted or purged.
        restored_at: when it was last restored.
        copied_at: when it was copied here.
        source_region: where it was copied from.
        source_backup: what it was copied from.
        source_cluster: whose backup that was.
        tags: by key.
        hsm_type: such as ``hsm2m.medium``.
        mode: ``FIPS`` or ``NON_FIPS``.
        as_printed: members that are told instead of those above; None leaves one out.
    """

    backup_id: str
    arn: str
    cluster_id: str
    created_at: datetime
    ready_at: datetime
    never_expires: bool | None = False
    deleted_at: datetime | None = None
    restored_at: datetime | None = None
    copied_at: datetime | None = None
    source_region: str = ""
    source_backup: str = ""
    source_cluster: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    hsm_type: str = "hsm2m.medium"
    mode: str = "FIPS"
    as_printed: dict[str, Any] = field(default_factory=dict)

    @property
    def ends_at(self) -> datetime | None:
        """When it is gone for good: the DeleteTimestamp."""
        return self.deleted_at + RESTORABLE if self.deleted_at else None

    def state(self, now: datetime) -> str:
        """Return AWS's BackupState."""
        if self.ends_at:
            return "PENDING_DELETION" if now < self.ends_at else "DELETED"
        return "READY" if now >= self.ready_at else "CREATE_IN_PROGRESS"

    def described(self, now: datetime) -> dict[str, Any]:
        """Return what AWS tells of it."""
        told: dict[str, Any] = {
            "BackupId": self.backup_id,
            "BackupArn": self.arn,
            "BackupState": self.state(now),
            "ClusterId": self.cluster_id,
            "CreateTimestamp": self.created_at,
            "CopyTimestamp": self.copied_at,
            "NeverExpires": self.never_expires,
            "SourceRegion": self.source_region,
            "SourceBackup": self.source_backup,
            "SourceCluster": self.source_cluster,
            "DeleteTimestamp": self.ends_at,
            "TagList": listed(self.tags),
            "HsmType": self.hsm_type,
            "Mode": self.mode,
        }
        return {name: value for name, value in (told | self.as_printed).items() if value not in (None, "")}
