"""HSM clusters, with the retention of their backups."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulator.wire.errors import ServiceError

_LEAST_DAYS, _MOST_DAYS = 7, 379
_DEFAULT_DAYS = 90
"""The default retention of backups.

Source: https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-backup-retention.html
"""


@dataclass(slots=True)
class Cluster:
    """A cluster.

    Attributes:
        cluster_id: ``cluster-…``.
        created_at: time of its creation.
        subnet_ids: of its HSMs.
        hsm_type: such as ``hsm2m.medium``.
        mode: ``FIPS`` or ``NON_FIPS``.
        retention_days: as text; None if an old cluster has no policy.
        source_backup_id: from which it was created.
        precrypto_password: shown until the first officer has set another.
        tags: by key.
        state: in AWS's words, between its creation and its deletion.
        ready_at: until then its state is CREATE_IN_PROGRESS.
        deleted_at: when its deletion ends; until then its state is DELETE_IN_PROGRESS.
        backed_up_at: time of the latest daily backup.
        makes_backups: whether it has an active HSM, which daily backups need.
    """

    cluster_id: str
    created_at: datetime
    subnet_ids: tuple[str, ...]
    hsm_type: str = "hsm2m.medium"
    mode: str = "FIPS"
    retention_days: str | None = str(_DEFAULT_DAYS)
    source_backup_id: str = ""
    precrypto_password: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "ACTIVE"
    ready_at: datetime | None = None
    deleted_at: datetime | None = None
    backed_up_at: datetime | None = None
    makes_backups: bool = False

    @property
    def retention(self) -> timedelta:
        """How long a backup is kept."""
        return timedelta(days=int(self.retention_days or _DEFAULT_DAYS))

    def state_at(self, now: datetime) -> str:
        """Return its state at *now*.

        Source: https://docs.aws.amazon.com/cloudhsm/latest/userguide/create-cluster.html
        """
        if self.deleted_at:
            return "DELETE_IN_PROGRESS"
        return "CREATE_IN_PROGRESS" if self.ready_at and now < self.ready_at else self.state

    def described(self, now: datetime) -> dict[str, Any]:
        """Return it in the form of the API."""
        members: dict[str, Any] = {
            "BackupPolicy": "DEFAULT",
            "ClusterId": self.cluster_id,
            "CreateTimestamp": self.created_at,
            "Hsms": [],
            "HsmType": self.hsm_type,
            "State": self.state_at(now),
            "SubnetMapping": {f"zone-{n}": subnet for n, subnet in enumerate(self.subnet_ids)},
            "VpcId": "vpc-50ae0636",
            "NetworkType": "IPV4",
            "Certificates": {},
            "TagList": listed(self.tags),
            "Mode": self.mode,
        }
        if self.retention_days is not None:
            members["BackupRetentionPolicy"] = {"Type": "DAYS", "Value": self.retention_days}
        if self.precrypto_password:
            members["PreCoPassword"] = self.precrypto_password
        if self.source_backup_id:
            members["SourceBackupId"] = self.source_backup_id
        return members


def listed(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags in the form of the API."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def days_of(policy: dict[str, str] | None) -> str:
    """Return the days of a BackupRetentionPolicy, or the default.

    Raises:
        CloudHsmInvalidRequestException: it is not 7 to 379 days.
    """
    if policy is None:
        return str(_DEFAULT_DAYS)
    value = policy.get("Value", "")
    if policy.get("Type") != "DAYS" or not value.isdigit() or not _LEAST_DAYS <= int(value) <= _MOST_DAYS:
        raise ServiceError(
            "CloudHsmInvalidRequestException", f"The retention must be {_LEAST_DAYS} to {_MOST_DAYS} DAYS."
        )
    return str(value)
