"""The CloudHSM of one account in one Region, and how time changes it."""

from datetime import datetime, timedelta

from moto.core.base_backend import BackendDict, BaseBackend
from moto.utilities.utils import get_partition

from emulator.cloudhsmv2.backups import Backup
from emulator.cloudhsmv2.clusters import Cluster
from emulator.cloudhsmv2.ids import new_id
from emulator.cloudhsmv2.settings import CloudHsmSettings
from emulator.wire.errors import ServiceError

_BACKUPS_EVERY = timedelta(days=1)


class CloudHsmBackend(BaseBackend):
    """The CloudHSM of one account in one Region.

    Attributes:
        settings: of pages, delays and spelling.
        clusters: by id.
        backups: by id, in the order of their creation.
        policies: of shared backups, by ARN.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin empty."""
        super().__init__(region_name, account_id)
        self.settings = CloudHsmSettings()
        self.clusters: dict[str, Cluster] = {}
        self.backups: dict[str, Backup] = {}
        self.policies: dict[str, str] = {}
        self._caught_up_at: datetime | None = None

    def in_region(self, region: str) -> "CloudHsmBackend":
        """Return the backend of the account in another Region."""
        other: CloudHsmBackend = cloudhsmv2_backends[self.account_id][region]
        return other

    def cluster(self, cluster_id: str) -> Cluster:
        """Return a cluster that is not deleted.

        Raises:
            CloudHsmResourceNotFoundException: it does not exist.
        """
        if cluster_id not in self.clusters:
            raise ServiceError("CloudHsmResourceNotFoundException", f"Cluster {cluster_id} does not exist.")
        return self.clusters[cluster_id]

    def backup(self, backup_id: str) -> Backup:
        """Return a backup that is still listed.

        Raises:
            CloudHsmResourceNotFoundException: it does not exist.
        """
        if backup_id not in self.backups:
            raise ServiceError("CloudHsmResourceNotFoundException", f"Backup {backup_id} does not exist.")
        return self.backups[backup_id]

    def add_backup(self, cluster_id: str, at: datetime, **more: object) -> Backup:
        """Create a backup that becomes READY after a while."""
        backup_id = new_id("backup")
        place = f"{get_partition(self.region_name)}:cloudhsm:{self.region_name}:{self.account_id}"
        arn = f"arn:{place}:backup/{backup_id}"
        made = Backup(backup_id, arn, cluster_id, at, at + self.settings.making)
        for name, value in more.items():
            setattr(made, name, value)
        self.backups[backup_id] = made
        return made

    def catch_up(self, now: datetime) -> None:
        """Do what CloudHSM does by itself until *now*: daily backups, purges, and forgetting what is deleted."""
        for ended in [c for c in self.clusters.values() if c.deleted_at and c.deleted_at <= now]:
            del self.clusters[ended.cluster_id]
        for cluster in self.clusters.values():
            for at in _days(cluster, now):
                self.add_backup(
                    cluster.cluster_id, at, hsm_type=cluster.hsm_type, mode=cluster.mode, tags=dict(cluster.tags)
                )
                cluster.backed_up_at = at
            self._purge(cluster, now)
        self._caught_up_at = now
        forgotten = now - self.settings.forgetting
        for gone in [b for b in self.backups.values() if b.ends_at and b.ends_at <= forgotten]:
            del self.backups[gone.backup_id]

    def _purge(self, cluster: Cluster, now: datetime) -> None:
        """Delete backups that are older than the retention, but never the newest of the cluster."""
        standing = [b for b in self.backups.values() if b.cluster_id == cluster.cluster_id and not b.deleted_at]
        newest = max(standing, key=lambda backup: backup.created_at, default=None)
        for backup in standing:
            due_at = backup.created_at + cluster.retention
            if backup.restored_at:
                due_at = max(due_at, backup.restored_at + self.settings.grace)
            if due_at <= now and not backup.never_expires and backup is not newest:
                # A backup that was old enough before, and was not purged, lost its exemption after the last call.
                backup.deleted_at = min(now, max(due_at, backup.ready_at, self._caught_up_at or due_at))


def _days(cluster: Cluster, now: datetime) -> list[datetime]:
    """Return the times of the daily backups since the last one."""
    if not cluster.makes_backups:
        return []
    first = cluster.backed_up_at + _BACKUPS_EVERY if cluster.backed_up_at else cluster.created_at
    count = (now - first) // _BACKUPS_EVERY + 1
    return [first + _BACKUPS_EVERY * number for number in range(max(count, 0))]


cloudhsmv2_backends = BackendDict(CloudHsmBackend, "cloudhsmv2")
"""The backends of all accounts and Regions."""
