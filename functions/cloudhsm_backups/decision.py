"""Which HSM backups have to be exempt from their cluster's retention: the nouns, and the decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from functions.shared.finding import printable, quoted

NOT_EXEMPT = "must-keep-not-exempt"
PENDING = "must-keep-pending-deletion"
EXEMPT = "must-not-keep-exempt"
FAILED = "exemption-failed"
LIMIT = "change-limit-reached"
HOLD_LOST = "hold-lost"

_READY = "READY"
_PENDING_DELETION = "PENDING_DELETION"
DELETED = "DELETED"
_WITHOUT_A_VERDICT = frozenset({"CREATE_IN_PROGRESS", DELETED})


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup of a cluster of HSMs.

    Attributes:
        backup_id: ``backup-…``.
        arn: BackupArn.
        account: 12 digits: the owner's, from the ARN.
        state: BackupState, also one that nobody knows.
        cluster: ClusterId; empty for a copy, which belongs to none and has no retention.
        origin: SourceCluster of a copy.
        created_at: CreateTimestamp; None where the record has none.
        never_expires: NeverExpires; an absent one means false.
        ends_at: DeleteTimestamp: until when it can be restored.
        tags: by key.
        details: what else AWS says of it and a person needs: HsmType, Mode, SourceRegion.
    """

    backup_id: str
    arn: str
    account: str
    state: str
    cluster: str
    origin: str
    created_at: datetime | None
    never_expires: bool
    ends_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def whose(self) -> str:
        """What says whose backup it is, behind its id; nothing where AWS does not say."""
        if self.cluster:
            return f" of cluster {printable(self.cluster)}"
        return f", a copy from cluster {printable(self.origin)}," if self.origin else ""

    @property
    def is_ready(self) -> bool:
        """Whether it can be exempted."""
        return self.state == _READY

    @property
    def is_pending_deletion(self) -> bool:
        """Whether it is on its way out, and can be restored."""
        return self.state == _PENDING_DELETION


class Keep(NamedTuple):
    """How many to keep of a cluster: what any of the three keeps is kept."""

    newest: int
    monthly: int
    yearly: int


@dataclass(slots=True)
class Siblings:
    """The READY backups of one cluster, or of the copies of its backups."""

    _made: list[tuple[datetime, str]] = field(default_factory=list)
    _kept: dict[Keep, frozenset[str]] = field(default_factory=dict)

    def add(self, created_at: datetime, backup_id: str) -> None:
        """Count one in; all of them before anything is asked."""
        self._made.append((created_at, backup_id))

    def has_newer_than(self, backup: Backup) -> bool:
        """Say whether *backup* is certainly not the newest; of several made at one moment each may be it."""
        return backup.created_at is not None and any(made_at > backup.created_at for made_at, _ in self._made)

    def kept(self, keep: Keep) -> frozenset[str]:
        """Return the ids of those that *keep* keeps."""
        if keep not in self._kept:
            newest_first = sorted(self._made, reverse=True)
            months = _newest_of_each(newest_first, "%Y-%m")[: keep.monthly]
            years = _newest_of_each(newest_first, "%Y")[: keep.yearly]
            newest = [backup_id for _, backup_id in newest_first[: keep.newest]]
            self._kept[keep] = frozenset([*newest, *months, *years])
        return self._kept[keep]


@dataclass(frozen=True, slots=True)
class Rule:
    """What has to be exempt, or must not be.

    Attributes:
        name: stands in the record of each change.
        never_expires: what NeverExpires has to be.
        tags: all of which the backup has.
        clusters: one of which it was made from; empty for any.
        older_than: how old it has to be.
        keep: it has to be among these of its cluster.
    """

    name: str
    never_expires: bool
    tags: Mapping[str, str]
    clusters: frozenset[str]
    older_than: timedelta | None
    keep: Keep | None

    @property
    def holds(self) -> bool:
        """Whether what it once covered stays covered, unless somebody takes the hold away; what `keep` drops is old."""
        return self.never_expires and self.keep is None


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration.

    Attributes:
        rules: the first that matches decides.
        limit: changes of one run.
        allow_unexempt: whether NeverExpires may be set to false.
        restore: whether what must be kept and is on its way out may be restored.
    """

    rules: tuple[Rule, ...]
    limit: int
    allow_unexempt: bool
    restore: bool

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the section ``cloudhsm_backups`` of the configuration."""
        return cls(
            rules=tuple(map(_rule, settings["rules"])),
            limit=settings["change_limit_per_run"],
            allow_unexempt=settings["allow_unexempt"],
            restore=settings["restore_pending_deletion"],
        )

    @property
    def only_exempts(self) -> bool:
        """Whether no READY backup that is exempt already can matter: neither by itself nor beside another."""
        return all(rule.never_expires and rule.keep is None for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Exempt:
    """*rule* keeps it: set NeverExpires to true."""

    rule: str
    reason: str


class Leave(Enum):
    """Why a backup that must not be exempt is left exempt."""

    NO_OPT_IN = "the configuration does not allow it"
    NEWEST = "its cluster has no newer READY backup"


@dataclass(frozen=True, slots=True)
class Unexempt:
    """*rule* says that it must not be kept: set NeverExpires to false, unless *leave* says why not."""

    rule: str
    reason: str
    leave: Leave | None = None


@dataclass(frozen=True, slots=True)
class Rescue:
    """*rule* keeps it, and it is on its way out."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing can be said of it, for this reason."""

    reason: str


class NoAction(Enum):
    """A verdict that needs no more words.

    Attributes:
        COMPLIES: it is as its rule wants it.
        LEFT_ALONE: no rule covers it, it is another account's, or an exemption would mean nothing.
        NEEDS_SIBLINGS: only the other READY backups of its cluster decide.
    """

    COMPLIES = "complies"
    LEFT_ALONE = "left alone"
    NEEDS_SIBLINGS = "needs siblings"


Verdict = Exempt | Unexempt | Rescue | Unclear | NoAction


def decide(backup: Backup, policy: Policy, account: str, now: datetime, siblings: Siblings | None = None) -> Verdict:
    """Judge one backup.

    Args:
        backup: any that AWS lists.
        policy: the configuration.
        account: ours; what belongs to another is left alone.
        now: the time of the run.
        siblings: all READY backups of its cluster, it included; None while they are not known.
    """
    if not (backup.is_ready or backup.is_pending_deletion or backup.state in _WITHOUT_A_VERDICT):
        return Unclear(f"backup {backup.backup_id} has the unknown state {quoted(backup.state)}")
    is_not_subject = backup.is_ready and not backup.cluster
    if backup.account != account or backup.state in _WITHOUT_A_VERDICT or is_not_subject:
        return NoAction.LEFT_ALONE
    match covering(backup, policy, now, siblings):
        case Rule() as rule:
            return _under(rule, backup, policy, siblings)
        case None:
            return NoAction.LEFT_ALONE
        case verdict:
            return verdict


def covering(
    backup: Backup, policy: Policy, now: datetime, siblings: Siblings | None = None
) -> Rule | NoAction | Unclear | None:
    """Return the first rule that matches a backup; None if none does, or why that cannot be said."""
    for rule in policy.rules:
        match _covers(rule, backup, now, siblings):
            case True:
                return rule
            case NoAction() | Unclear() as verdict:
                return verdict
    return None


def lost(backup: Backup, rule: str) -> str:
    """Say of a backup that *rule* held, and that no rule matches now, what has become of the hold."""
    held = f"Rule {rule} held {backup.backup_id}, and no rule matches it now: were its tags removed?"
    if backup.is_pending_deletion:
        return f"{held} The backup is being deleted: {_restorable(backup)}"
    if backup.cluster and not backup.never_expires:
        return f"{held} The backup is not exempt any more: its cluster's retention may purge it"
    return f"{held} Nothing is lost yet"


def _covers(rule: Rule, backup: Backup, now: datetime, siblings: Siblings | None) -> bool | NoAction | Unclear:
    if any(backup.tags.get(key) != value for key, value in rule.tags.items()):
        return False
    if rule.clusters and (backup.cluster or backup.origin) not in rule.clusters:
        return False
    if backup.is_pending_deletion:
        # Its age does not matter any more. Retention never took what a rule had kept, so that was done by hand.
        return rule.keep is None or backup.never_expires
    if rule.older_than is None and rule.keep is None:
        return True
    if backup.created_at is None:
        return Unclear(f"backup {backup.backup_id} has no CreateTimestamp, which rule {rule.name} asks for")
    return _covers_by_age(rule, backup, now - backup.created_at, siblings)


def _covers_by_age(rule: Rule, backup: Backup, age: timedelta, siblings: Siblings | None) -> bool | NoAction:
    if rule.older_than is not None and age <= rule.older_than:
        return False
    if rule.keep is None:
        return True
    return NoAction.NEEDS_SIBLINGS if siblings is None else backup.backup_id in siblings.kept(rule.keep)


def _under(rule: Rule, backup: Backup, policy: Policy, siblings: Siblings | None) -> Verdict:
    if backup.is_pending_deletion:
        return Rescue(rule.name, _lost(rule, backup)) if rule.never_expires else NoAction.COMPLIES
    if backup.never_expires == rule.never_expires:
        return NoAction.COMPLIES
    if rule.never_expires:
        retention = f"{backup.backup_id} is not exempt from its cluster's retention"
        return Exempt(rule.name, f"Rule {rule.name} keeps {backup.backup_id}, and {retention}")
    return _unexempt(rule, backup, policy, siblings)


def _unexempt(rule: Rule, backup: Backup, policy: Policy, siblings: Siblings | None) -> Verdict:
    retention = f"{backup.backup_id} is exempt from its cluster's retention"
    reason = f"Rule {rule.name} says that {backup.backup_id} must not be kept, and {retention}"
    if not policy.allow_unexempt:
        return Unexempt(rule.name, reason, Leave.NO_OPT_IN)
    if siblings is None:
        return NoAction.NEEDS_SIBLINGS
    if siblings.has_newer_than(backup):
        return Unexempt(rule.name, reason)
    return Unexempt(rule.name, f"{reason}; it stays exempt while its cluster has no newer READY backup", Leave.NEWEST)


def purge_at(backup: Backup, retention_days: int | None) -> datetime | None:
    """Return from when the retention of its cluster may purge a READY backup; None where that is not known."""
    if retention_days is None or backup.created_at is None:
        return None
    return backup.created_at + timedelta(days=retention_days)


def at_risk(backup: Backup, reason: str, retention_days: int | None) -> tuple[str, dict[str, object]]:
    """Say from when the retention may purge a READY backup: the whole reason, and the evidence."""
    purged_at = purge_at(backup, retention_days)
    if purged_at is None:
        return f"{reason}; from when it may be purged is not known", {}
    details: dict[str, object] = {"BackupRetentionDays": retention_days, "purged_from": f"{purged_at:%Y-%m-%d}"}
    return f"{reason}: it may be purged from {purged_at:%Y-%m-%d} on", details


def evidence(backup: Backup, rule: str) -> dict[str, object]:
    """Return what a person needs to know of a backup, in AWS's own words."""
    times = {"CreateTimestamp": backup.created_at, "DeleteTimestamp": backup.ends_at}
    details = {name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in times.items() if at is not None}
    places = {"ClusterId": backup.cluster, "SourceCluster": backup.origin}
    origin = {name: place for name, place in places.items() if place}
    return {**origin, **details, **backup.details, "NeverExpires": backup.never_expires, "rule": rule}


def _lost(rule: Rule, backup: Backup) -> str:
    return f"Rule {rule.name} keeps {backup.backup_id}, and {backup.backup_id} is being deleted: {_restorable(backup)}"


def _restorable(backup: Backup) -> str:
    if backup.ends_at is None:
        return "AWS does not say until when it can be restored, so restore it now"
    return f"it can be restored until {backup.ends_at:%Y-%m-%d %H:%M} UTC"


def _newest_of_each(newest_first: Iterable[tuple[datetime, str]], period: str) -> list[str]:
    """Return the newest of each month or year that holds one, the latest period first."""
    found: dict[str, str] = {}
    for made_at, backup_id in newest_first:
        found.setdefault(made_at.strftime(period), backup_id)
    return list(found.values())


def _rule(raw: Mapping[str, Any]) -> Rule:
    match, keep = raw["match"], raw["match"].get("keep")
    days = match.get("older_than_days")
    return Rule(
        name=raw["name"],
        never_expires=raw["never_expires"],
        tags=match.get("tags", {}),
        clusters=frozenset(match.get("clusters", ())),
        older_than=None if days is None else timedelta(days=days),
        keep=None if keep is None else Keep(*(keep.get(name, 0) for name in Keep._fields)),
    )
