"""AWS CloudHSM, as this automation sees it: reads become nouns, verbs become calls."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.cloudhsm_backups.decision import Backup
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.members import flag, moment, text

MODIFY = "cloudhsm:ModifyBackupAttributes"
RESTORE = "cloudhsm:RestoreBackup"

PAGE_SIZE = 50
"""The most that CloudHSM puts on a page.

Source: https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DescribeBackups.html
"""

_CLUSTERS = 25
_REFUSED = "CloudHsmInvalidRequestException"
_NOT_FOUND = "CloudHsmResourceNotFoundException"
_NOT_THERE = frozenset({_NOT_FOUND, _REFUSED})
_IDENTITY = ("BackupId", "BackupArn", "BackupState")
_ACCOUNT = 4
_PARTS_OF_AN_ARN = 6


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A backup without what identifies it or says its state.

    Attributes:
        backup_id: its id; empty where that is missing.
        reason: what is missing.
    """

    backup_id: str
    reason: str


Read = Backup | Incomplete


@dataclass(slots=True)
class Hsm:
    """CloudHSM in one account and Region.

    Attributes:
        calls: of the service.
        is_filter_proved: whether AWS was seen to filter by NeverExpires as we spell it.
        is_filter_ignored: whether AWS refused that filter, or answered with something else.
        count: of the backups that were listed.
        refused: the ids of backups that AWS refused to look for by name.
    """

    calls: Calls
    is_filter_proved: bool = False
    is_filter_ignored: bool = False
    count: int = 0
    refused: set[str] = field(default_factory=set)

    def is_used(self) -> bool:
        """Say whether there is any backup.

        Raises:
            CallError: that could not be read.
        """
        return next(self._list({}, size=1), None) is not None

    def backups(self) -> Iterator[Read]:
        """Yield all backups, a page at a time.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        yield from self._list({})

    def at_issue(self) -> Iterator[Read]:
        """Yield what is READY and not exempt, and what is on its way out; perhaps others too, or one twice.

        How AWS spells the values of the filter is written nowhere. So an empty answer is believed only if the filter is
        proved: by earlier runs, or by what the opposite value finds. Without a proof all are listed.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        self.is_filter_proved = yield from self._not_exempt()
        if not self.is_filter_proved:
            self.is_filter_proved = yield from self._everything_or_a_proof()
        if self.is_filter_proved:
            yield from self._list({"states": ["PENDING_DELETION"]})

    def named(self, backup_ids: Collection[str]) -> Iterator[Read]:
        """Yield those of *backup_ids* that are there; `refused` then names those that AWS did not look for.

        Raises:
            CallError: they could not be read.
        """
        wanted = sorted(backup_ids)
        try:
            yield from self._list({"backupIds": wanted})
        except CallError as error:
            if error.code not in _NOT_THERE:
                raise
            half = len(wanted) // 2
            for part in (wanted[:half], wanted[half:]) if half else ():
                yield from self.named(part)
            if not half and error.code == _REFUSED:
                self.refused |= {*wanted}

    def ready_of(self, cluster_id: str) -> Iterator[Read]:
        """Yield the READY backups of one cluster.

        Raises:
            CallError: they could not be read.
        """
        yield from self._list({"clusterIds": [cluster_id], "states": ["READY"]})

    def retention_days(self, cluster_ids: Collection[str]) -> dict[str, int]:
        """Return how long each cluster keeps its backups; those are left out of which AWS does not say it.

        Of a cluster nothing else is kept: AWS's answer may hold a password.

        Raises:
            CallError: they could not be read.
        """
        wanted, found = sorted(cluster_ids), {}
        for first in range(0, len(wanted), _CLUSTERS):
            asked = {"clusterIds": wanted[first : first + _CLUSTERS]}
            for raw in self._items("DescribeClusters", "Clusters", asked, _CLUSTERS):
                policy = raw.get("BackupRetentionPolicy") or {}
                if policy.get("Type") == "DAYS" and str(policy.get("Value", "")).isdecimal():
                    found[raw["ClusterId"]] = int(policy["Value"])
        return found

    def set_never_expires(self, backup_id: str, *, wanted: bool) -> str:
        """Exempt a backup, or end its exemption, and return a word on how that was confirmed.

        Raises:
            CallError: CloudHSM refused, or the backup is not what was asked for.
        """
        operation = "ModifyBackupAttributes"
        try:
            answer = self.calls(operation, expects="Backup", BackupId=backup_id, NeverExpires=wanted)
        except CallError as error:
            if error.answered or self._seen(backup_id, error).get("NeverExpires", False) is not wanted:
                raise
            return f"confirmed by a re-read after {error.code}"
        if answer["Backup"].get("NeverExpires", False) is not wanted:
            raise CallError(operation, "NotAsAsked", "the answer says otherwise", retryable=False, answered=True)
        return "confirmed by the answer"

    def restore(self, backup_id: str) -> tuple[str, bool]:
        """Restore a backup; return a word on how that was confirmed, and whether it is exempt.

        Raises:
            CallError: CloudHSM refused.
        """
        try:
            backup = self.calls("RestoreBackup", expects="Backup", BackupId=backup_id)["Backup"]
        except CallError as error:
            # An attempt whose answer was lost may have done it, and then the next one was refused.
            backup = self._seen(backup_id, error)
            if backup.get("BackupState") not in ("READY", "CREATE_IN_PROGRESS"):
                raise
            return f"confirmed by a re-read after {error.code}", backup.get("NeverExpires", False)
        if backup.get("BackupState") in ("PENDING_DELETION", "DELETED"):
            raise CallError("RestoreBackup", "NotAsAsked", "it is still going", retryable=False, answered=True)
        return "confirmed by the answer", backup.get("NeverExpires", False)

    def _not_exempt(self) -> Generator[Read, None, bool]:
        """Yield what is READY and not exempt; return whether that is certainly all of it."""
        is_proved = self.is_filter_proved
        try:
            for backup in self._list({"neverExpires": ["false"], "states": ["READY"]}):
                if isinstance(backup, Backup) and (backup.never_expires or not backup.is_ready):
                    self.is_filter_ignored = True
                    return False
                is_proved = is_proved or isinstance(backup, Backup)
                yield backup
        except CallError as error:
            if error.code != _REFUSED:
                raise
            self.is_filter_ignored = True
            return False
        return is_proved

    def _everything_or_a_proof(self) -> Generator[Read, None, bool]:
        """Yield all backups, or the first page of them if the filter is proved then; return whether it is."""
        for number, backup in enumerate(self._list({}), start=1):
            yield backup
            if number == PAGE_SIZE and not self.is_filter_ignored and self._finds_the_opposite():
                return True
        return False

    def _finds_the_opposite(self) -> bool:
        opposite = {"neverExpires": ["true"], "states": ["READY"]}
        found = next(self._list(opposite, size=1), None)
        return isinstance(found, Backup) and found.never_expires and found.is_ready

    def _list(self, filters: Mapping[str, Sequence[str]], size: int = PAGE_SIZE) -> Iterator[Read]:
        for raw in self._items("DescribeBackups", "Backups", filters, size):
            self.count += 1
            yield _backup(raw)

    def _items(
        self, operation: str, member: str, filters: Mapping[str, Sequence[str]], size: int
    ) -> Iterator[dict[str, Any]]:
        wanted: dict[str, Any] = {"MaxResults": size} | ({"Filters": filters} if filters else {})
        token = "NextToken"  # noqa: S105  # a member of a page, no secret
        return self.calls.items(operation, member, token_name=token, **wanted)

    def _seen(self, backup_id: str, doubt: CallError) -> Mapping[str, Any]:
        """Return what AWS shows of a backup now; *doubt* is raised where it shows nothing."""
        try:
            listed = list(self._items("DescribeBackups", "Backups", {"backupIds": [backup_id]}, PAGE_SIZE))
        except CallError as error:
            raise doubt from error
        return next((raw for raw in listed if raw.get("BackupId") == backup_id), {"NeverExpires": None})


def _backup(raw: Mapping[str, Any]) -> Read:
    try:
        return _typed_backup(raw)
    except TypeError as error:
        backup_id = raw.get("BackupId")
        return Incomplete(backup_id if isinstance(backup_id, str) else "", f"the backup cannot be read: {error}")


def _typed_backup(raw: Mapping[str, Any]) -> Read:
    backup_id, arn, state = (text(raw, name) for name in _IDENTITY)
    missing = [name for name in _IDENTITY if not raw.get(name)]
    if missing:
        return Incomplete(backup_id, f"the backup has no {' and no '.join(missing)}")
    parts = arn.split(":")
    if len(parts) != _PARTS_OF_AN_ARN:
        return Incomplete(backup_id, "its BackupArn names no account")
    details = {name: text(raw, name) for name in ("HsmType", "Mode", "SourceRegion", "SourceBackup")}
    return Backup(
        backup_id=backup_id,
        arn=arn,
        account=parts[_ACCOUNT],
        state=state,
        cluster=text(raw, "ClusterId"),
        origin=text(raw, "SourceCluster"),
        created_at=moment(raw, "CreateTimestamp"),
        never_expires=flag(raw, "NeverExpires") or False,
        ends_at=moment(raw, "DeleteTimestamp"),
        tags=dict(_tags(raw)),
        details={name: value for name, value in details.items() if value},
    )


def _tags(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    tags = raw.get("TagList") or []
    if not isinstance(tags, list):
        raise TypeError("TagList is no list")
    for tag in tags:
        if not isinstance(tag, Mapping) or not text(tag, "Key"):
            raise TypeError("a tag has no Key")
        yield text(tag, "Key"), text(tag, "Value")
