"""HSM backups, whose state follows from what is stored and from the time."""

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
        cluster_id: of its cluster; empty for a copy, which has none.
        created_at: time of the original.
        ready_at: when it becomes READY.
        never_expires: whether it is exempt from the retention; None if the record has no such member.
        deleted_at: when it was deleted or purged.
        restored_at: when it was restored last.
        copied_at: when it was copied here.
        source_region: where it was copied from.
        source_backup: what it was copied from.
        source_cluster: of the source backup.
        tags: by key.
        hsm_type: such as ``hsm2m.medium``.
        mode: ``FIPS`` or ``NON_FIPS``.
        as_printed: members that replace those above; None leaves a member out.
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
        """The DeleteTimestamp, after which it cannot be restored."""
        return self.deleted_at + RESTORABLE if self.deleted_at else None

    def state(self, now: datetime) -> str:
        """Return AWS's BackupState."""
        if self.ends_at:
            return "PENDING_DELETION" if now < self.ends_at else "DELETED"
        return "READY" if now >= self.ready_at else "CREATE_IN_PROGRESS"

    def described(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API."""
        members: dict[str, Any] = {
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
        return {name: value for name, value in (members | self.as_printed).items() if value not in (None, "")}
