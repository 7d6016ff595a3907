"""CloudHSM's operations on clusters and backups."""

from datetime import datetime
from functools import partial
from typing import TypeVar

from emulator.cloudhsmv2.backups import Backup
from emulator.cloudhsmv2.clusters import Cluster, days_of, listed
from emulator.cloudhsmv2.filters import NEVER_EXPIRES, Readers, filtered
from emulator.cloudhsmv2.ids import FORM, new_id
from emulator.cloudhsmv2.models import CloudHsmBackend
from emulator.wire.errors import ServiceError
from emulator.wire.messages import Answer, Request
from emulator.wire.pages import Pager, PageSettings

T = TypeVar("T")

_RESERVED = "aws:"
_MOST_BACKUPS, _MOST_CLUSTERS = 50, 25


def describe_backups(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """List backups, by default the newest first."""
    settings = backend.settings
    words = {True: settings.never_expires_words[0], False: settings.never_expires_words[1]}
    readers: Readers[Backup] = {
        "backupIds": lambda backup: backup.backup_id,
        "sourceBackupIds": lambda backup: backup.source_backup,
        "clusterIds": lambda backup: backup.cluster_id,
        "states": lambda backup: str(backup.as_printed.get("BackupState") or backup.state(now)),
        NEVER_EXPIRES: lambda backup: words[bool(backup.never_expires)],
    }
    is_ascending = bool(request.get("SortAscending"))
    found = [] if request.get("Shared") else filtered(backend.backups.values(), request, readers, settings)
    found.sort(key=lambda backup: backup.created_at, reverse=not is_ascending)
    page, more = _page(backend, found, request, settings.backup_page_size, _MOST_BACKUPS)
    return {"Backups": [backup.described(now) for backup in page], **more}


def describe_clusters(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """List clusters."""
    readers: Readers[Cluster] = {
        "clusterIds": lambda cluster: cluster.cluster_id,
        "states": lambda cluster: cluster.state_at(now),
        "vpcIds": lambda cluster: str(cluster.described(now)["VpcId"]),
    }
    settings = backend.settings
    found = filtered(backend.clusters.values(), request, readers, settings)
    page, more = _page(backend, found, request, settings.cluster_page_size, _MOST_CLUSTERS)
    return {"Clusters": [cluster.described(now) for cluster in page], **more}


def create_cluster(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Create a cluster, which has no backups before it has an HSM."""
    cluster = Cluster(
        new_id("cluster"),
        now,
        tuple(request["SubnetIds"]),
        hsm_type=request["HsmType"],
        mode=request.get("Mode", "FIPS"),
        retention_days=days_of(request.get("BackupRetentionPolicy")),
        source_backup_id=request.get("SourceBackupId", ""),
        tags=_tags(request),
        state="UNINITIALIZED",
        ready_at=now + backend.settings.making,
    )
    backend.clusters[cluster.cluster_id] = cluster
    return {"Cluster": cluster.described(now)}


def delete_cluster(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Begin to delete a cluster; its backups stay."""
    cluster = backend.cluster(request["ClusterId"])
    cluster.deleted_at = cluster.deleted_at or now + backend.settings.making
    return {"Cluster": cluster.described(now)}


def modify_cluster(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Change a cluster's retention, and purge what is too old for it."""
    cluster = backend.cluster(request["ClusterId"])
    if "BackupRetentionPolicy" in request:
        cluster.retention_days = days_of(request["BackupRetentionPolicy"])
    backend.catch_up(now)
    return {"Cluster": cluster.described(now)}


def modify_backup_attributes(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Exempt a READY backup from the retention, or end the exemption."""
    backup = _in_state(backend, request, "READY", now)
    backup.never_expires = bool(request["NeverExpires"])
    backend.catch_up(now)
    return {"Backup": backup.described(now)}


def delete_backup(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Delete a backup, which can be restored for seven days."""
    backup = _in_state(backend, request, "READY", now)
    backup.deleted_at = now
    if backend.settings.deletion_ends_exemption:
        backup.never_expires = False
    return {"Backup": backup.described(now)}


def restore_backup(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Restore a deleted backup, which is not purged for a while."""
    backup = _in_state(backend, request, "PENDING_DELETION", now)
    backup.deleted_at, backup.restored_at = None, now
    backup.ready_at = now if backend.settings.ready_after_restore else now + backend.settings.making
    return {"Backup": backup.described(now)}


def copy_backup_to_region(backend: CloudHsmBackend, request: Request, now: datetime) -> Answer:
    """Copy a READY backup to another Region, without a cluster."""
    backup = _in_state(backend, request, "READY", now)
    region = request["DestinationRegion"]
    if region == backend.region_name:
        raise ServiceError("CloudHsmInvalidRequestException", "The destination must be another Region.")
    source = {
        "source_region": backend.region_name,
        "source_backup": backup.backup_id,
        "source_cluster": backup.cluster_id,
    }
    there = backend.in_region(region)
    more = {"copied_at": now, "ready_at": now + there.settings.making, "tags": _tags(request)}
    copy = there.add_backup("", backup.created_at, hsm_type=backup.hsm_type, mode=backup.mode, **source, **more)
    members = copy.described(now)
    return {
        "DestinationBackup": {
            name: members[name] for name in ("CreateTimestamp", "SourceRegion", "SourceBackup", "SourceCluster")
        }
    }


def list_tags(backend: CloudHsmBackend, request: Request, _: datetime) -> Answer:
    """List the tags of a cluster or backup."""
    return {"TagList": listed(_tagged(backend, request))}


def tag_resource(backend: CloudHsmBackend, request: Request, _: datetime) -> Answer:
    """Add tags to a cluster or backup."""
    _tagged(backend, request).update(_tags(request))
    return {}


def untag_resource(backend: CloudHsmBackend, request: Request, _: datetime) -> Answer:
    """Remove tags from a cluster or backup."""
    tags = _tagged(backend, request)
    for key in request["TagKeyList"]:
        tags.pop(key, None)
    return {}


def get_resource_policy(backend: CloudHsmBackend, request: Request, _: datetime) -> Answer:
    """Return the policy that shares a backup."""
    return {"Policy": backend.policies.get(request.get("ResourceArn", ""), "")}


def put_resource_policy(backend: CloudHsmBackend, request: Request, _: datetime) -> Answer:
    """Set the policy that shares a backup; it has no effect here."""
    arn, policy = request.get("ResourceArn", ""), request.get("Policy", "")
    if not any(each.arn == arn for each in backend.backups.values()):
        raise ServiceError("CloudHsmResourceNotFoundException", f"Backup {arn} does not exist.")
    backend.policies[arn] = policy
    return {"ResourceArn": arn, "Policy": policy}


def _page(
    backend: CloudHsmBackend, found: list[T], request: Request, size: int, most: int
) -> tuple[list[T], dict[str, str]]:
    scope = f"{backend.account_id}|{backend.region_name}|{most}"
    pages = PageSettings(size, backend.settings.empty_pages)
    return Pager(scope, request, pages, partial(ServiceError, "CloudHsmInvalidRequestException"), most).page(found)


def _in_state(backend: CloudHsmBackend, request: Request, state: str, now: datetime) -> Backup:
    backup = backend.backup(request["BackupId"])
    if backup.state(now) != state:
        raise ServiceError(
            "CloudHsmInvalidRequestException", f"Backup {backup.backup_id} is {backup.state(now)}, not {state}."
        )
    return backup


def _tags(request: Request) -> dict[str, str]:
    tags = {tag["Key"]: tag["Value"] for tag in request.get("TagList") or ()}
    if any(key.lower().startswith(_RESERVED) for key in tags):
        raise ServiceError("CloudHsmTagException", f"Keys that begin with {_RESERVED} are reserved.")
    return tags


def _tagged(backend: CloudHsmBackend, request: Request) -> dict[str, str]:
    resource = request["ResourceId"]
    if not FORM.fullmatch(resource):
        raise ServiceError("CloudHsmInvalidRequestException", f"{resource} is not the id of a cluster or backup.")
    found = backend.clusters.get(resource) or backend.backups.get(resource)
    if found is None:
        raise ServiceError("CloudHsmResourceNotFoundException", f"{resource} does not exist.")
    return found.tags
