"""Test data for CloudHSM: clusters and backups of any age and number."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.cloudhsmv2.backups import Backup
from emulator.cloudhsmv2.clusters import Cluster
from emulator.cloudhsmv2.ids import new_id
from emulator.cloudhsmv2.models import CloudHsmBackend, cloudhsmv2_backends


def backend_of(account: str, region: str) -> CloudHsmBackend:
    """Return the CloudHSM of an account in a Region."""
    backend: CloudHsmBackend = cloudhsmv2_backends[account][region]
    return backend


def cluster(  # each is a member of a cluster
    account: str,
    region: str,
    *,
    retention_days: str | None = "90",
    daily: bool = False,
    password: str = "",
    cluster_id: str = "",
    at: datetime | None = None,
) -> str:
    """Create a cluster, and return its id.

    Args:
        account: of the cluster.
        region: of the cluster.
        retention_days: as text, of any size; None for an old cluster without a policy.
        daily: whether a backup is made each day, the first a day after *at*.
        password: its PreCoPassword.
        cluster_id: its id; a new one if absent.
        at: time of its creation; now if absent.
    """
    made_at = at or datetime.now(UTC)
    made = Cluster(cluster_id or new_id("cluster"), made_at, ("subnet-1",), retention_days=retention_days)
    made.precrypto_password, made.makes_backups, made.backed_up_at = password, daily, made_at
    backend_of(account, region).clusters[made.cluster_id] = made
    return made.cluster_id


def backup(
    account: str,
    region: str,
    cluster_id: str,
    *,
    at: datetime,
    tags: Mapping[str, str] | None = None,
    **more: Any,
) -> Backup:
    """Create a READY backup, and return it; *more* are attributes of `Backup`."""
    given = {"ready_at": at, "tags": dict(tags or {})} | more
    return backend_of(account, region).add_backup(cluster_id, at, **given)


def copy(account: str, region: str, source_cluster: str, *, at: datetime, **more: Any) -> Backup:
    """Create a copy from another Region, without a cluster."""
    given = {"source_region": "eu-central-1", "source_backup": new_id("backup"), "source_cluster": source_cluster}
    return backup(account, region, "", at=at, copied_at=at, **(given | more))


def many(account: str, region: str, cluster_ids: Sequence[str], count: int, *, until: datetime, **more: Any) -> None:
    """Create *count* backups of the clusters in turn, an hour apart, the last at *until*."""
    for number in range(count):
        at = until - timedelta(hours=count - 1 - number)
        backup(account, region, cluster_ids[number % len(cluster_ids)], at=at, **more)


def load(account: str, region: str, printed: Mapping[str, Any]) -> Backup:
    """Add a backup as AWS printed it, with its id, ARN and times."""
    made = backend_of(account, region).add_backup(printed.get("ClusterId", ""), printed["CreateTimestamp"])
    del backend_of(account, region).backups[made.backup_id]
    made.backup_id, made.arn = printed["BackupId"], printed["BackupArn"]
    made.never_expires, made.as_printed = printed.get("NeverExpires"), dict(printed)
    made.tags = {tag["Key"]: tag["Value"] for tag in printed.get("TagList", ())}
    backend_of(account, region).backups[made.backup_id] = made
    return made
