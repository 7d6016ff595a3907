"""Looks at HSM backups: lists them, decides, exempts what must be kept, and reports what is not as it should be."""

from dataclasses import dataclass, field
from typing import assert_never

from functions.cloudhsm_backups.changes import BackupChanges
from functions.cloudhsm_backups.decision import (
    DELETED,
    Backup,
    Exempt,
    NoAction,
    Policy,
    Rescue,
    Rule,
    Siblings,
    Unclear,
    Unexempt,
    covering,
    decide,
)
from functions.cloudhsm_backups.effects import PAGE_SIZE, Hsm, Read
from functions.cloudhsm_backups.holds import Holds
from functions.cloudhsm_backups.manifest import AUTOMATION
from functions.cloudhsm_backups.resolutions import BackupResolutions
from functions.shared.finding import Compliance
from functions.shared.run.entrypoint import entry_point
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.listing import Listing
from functions.shared.run.sweep import Sweep

_FILTERED, _WHOLE = "filtered", "whole"


def run(sweep: Sweep) -> None:
    """Judge the backups that may be in need of it, change what has to be changed, and report the rest."""
    policy, hsm = Policy.from_settings(sweep.context.settings), Hsm(sweep.calls("cloudhsmv2"))
    resolutions = BackupResolutions(sweep)
    changes = BackupChanges(sweep, hsm, policy, resolutions)
    audit = _BackupAudit(sweep, hsm, policy, changes, Holds(sweep, resolutions), resolutions)
    is_used = True
    with sweep.listing(changes.arn_of("*")) as listing:
        if wanted := sweep.context.selection.resources:
            audit.audit_named(wanted)
        else:
            is_used = audit.audit_all(listing)
    if listing.is_complete and not wanted:
        sweep.listed_all(not_used=not is_used)
        audit.forget_gone()
    changes.make_all()
    changes.report()


@dataclass(slots=True)
class _BackupAudit:
    """Lists and judges the backups of one target."""

    sweep: Sweep
    hsm: Hsm
    policy: Policy
    changes: BackupChanges
    holds: Holds
    resolutions: BackupResolutions
    _families: dict[str, Siblings] = field(default_factory=dict)
    _waiting: list[Backup] = field(default_factory=list)

    def audit_all(self, listing: Listing) -> bool:
        """Look at all backups that the rules may ask something of; say whether there are any backups."""
        if not self.policy.rules:
            self.resolutions.released()
            self.holds.keep_open()
            return self.hsm.is_used()
        if self.policy.only_exempts:
            return self._audit_filtered(listing)
        return self._audit_families(listing)

    def audit_named(self, wanted: frozenset[str]) -> None:
        """Look at single backups, and at the others of their clusters where only those decide."""
        missing = set(wanted)
        for read in self.hsm.named(wanted):
            missing = missing - {read.backup_id} if read.backup_id else set()  # one without its id may be any of them
            with self.sweep.isolated(self.changes.arn_of(read.backup_id)):
                self._judge_with_siblings(read)
        for backup_id in missing:
            self._is_gone(backup_id)
            self.sweep.complies(Compliance.NOT_APPLICABLE)

    def _audit_filtered(self, listing: Listing) -> bool:
        """Let AWS leave out what no rule can ask anything of, unless all fits on a page anyway."""
        how = self.sweep.remembered.get("listing")
        self.hsm.is_filter_proved = how == _FILTERED
        for read in self.hsm.backups() if how == _WHOLE else self.hsm.at_issue():
            with listing.item(self._arn_of(read)):
                self._judge(read, None)
        self._audit_unlisted(listing)
        is_small = self.hsm.count <= PAGE_SIZE
        is_filtered = self.hsm.is_filter_proved
        self.sweep.remember(listing=_FILTERED if is_filtered else _WHOLE if is_small else "")
        return is_filtered or self.hsm.count > 0

    def _audit_unlisted(self, listing: Listing) -> None:
        """Look at what the filter hides, and something is still to be said of: the end of a change, or of a finding."""
        begun = {each["resource"] for each in self.sweep.actions.unfinished()}
        unseen = {arn.rpartition("/")[-1] for arn in begun | self.resolutions.arns() if not self.sweep.has_seen(arn)}
        for read in self.hsm.named(unseen) if unseen else ():
            unseen = unseen - {read.backup_id} if read.backup_id else set()
            with listing.item(self._arn_of(read)):
                self._judge(read, None)
        for backup_id in unseen:
            self._is_gone(backup_id)

    def forget_gone(self) -> None:
        """Say of the backups that no complete list shows that they are gone, and forget their holds."""
        for arn in self.resolutions.arns() if self.policy.rules else ():
            if not self.sweep.has_seen(arn):
                with self.sweep.isolated(arn):
                    self.resolutions.gone(arn)
                    self.holds.forget(arn.rpartition("/")[-1])

    def _audit_families(self, listing: Listing) -> bool:
        """Go through all backups, and only then judge those whose siblings have to be known."""
        for read in self.hsm.backups():
            with listing.item(self._arn_of(read)):
                self._remember(read)
                self._judge(read, None)
        for backup in self._waiting:
            with self.sweep.isolated(backup.arn):
                self._judge(backup, self._families.get(backup.cluster, Siblings()))
        return self.hsm.count > 0

    def _arn_of(self, read: Read) -> str:
        return self.changes.arn_of(read.backup_id) if read.backup_id else ""

    def _judge_with_siblings(self, read: Read) -> None:
        self._judge(read, None)
        waiting, self._waiting = self._waiting, []
        for backup in waiting:
            self._families.pop(backup.cluster, None)
            for sibling in self.hsm.ready_of(backup.cluster):
                self._remember(sibling)
            self._judge(backup, self._families.get(backup.cluster, Siblings()))

    def _remember(self, read: Read) -> None:
        """Count a READY backup of ours among those of its cluster."""
        if not isinstance(read, Backup) or read.account != self.sweep.target.account:
            return
        if read.is_ready and read.cluster and read.created_at:
            self._families.setdefault(read.cluster, Siblings()).add(read.created_at, read.backup_id)

    def _judge(self, read: Read, siblings: Siblings | None) -> None:
        if not isinstance(read, Backup):
            raise UnreadableError(read.reason)
        verdict = decide(read, self.policy, self.sweep.target.account, self.sweep.now, siblings)
        if verdict is NoAction.NEEDS_SIBLINGS:
            self._waiting.append(read)
            return
        self.sweep.mark_seen(read.arn)
        self.changes.confirm(read)
        is_lost = self._is_lost(read, siblings)
        self.resolutions.note(read, verdict, is_lost=is_lost)
        if is_lost:
            return
        match verdict:
            case NoAction():
                is_left = verdict is NoAction.LEFT_ALONE
                self.sweep.complies(Compliance.NOT_APPLICABLE if is_left else Compliance.COMPLIANT)
            case Exempt() | Unexempt() | Rescue():
                self.changes.want(read, verdict)
            case Unclear(reason):
                raise UnreadableError(reason)
            case never:
                assert_never(never)

    def _is_lost(self, backup: Backup, siblings: Siblings | None) -> bool:
        """Note that a rule holds the backup, or report that one did and none matches it now."""
        if backup.account != self.sweep.target.account:
            return False
        if backup.state == DELETED:
            self.holds.forget(backup.backup_id)
        if not (backup.is_ready or backup.is_pending_deletion):
            return False
        rule = covering(backup, self.policy, self.sweep.now, siblings)
        return isinstance(rule, Rule | None) and self.holds.judge(backup, rule)

    def _is_gone(self, backup_id: str) -> None:
        """Take note of a backup that AWS does not show, unless AWS refused to look for it, which says nothing."""
        if backup_id not in self.hsm.refused:
            self.sweep.mark_seen(self.changes.arn_of(backup_id))
            self.resolutions.gone(self.changes.arn_of(backup_id))
            self.holds.forget(backup_id)


lambda_handler = entry_point(AUTOMATION, run)
