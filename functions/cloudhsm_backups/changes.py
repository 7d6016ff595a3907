"""Makes the changes that the rules want, the oldest backups first, and reports what is left as it was."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from functions.cloudhsm_backups.decision import (
    EXEMPT,
    FAILED,
    LIMIT,
    NOT_EXEMPT,
    PENDING,
    Backup,
    Exempt,
    Leave,
    Policy,
    Rescue,
    Unexempt,
    at_risk,
    evidence,
    purge_at,
)
from functions.cloudhsm_backups.effects import MODIFY, RESTORE, Hsm
from functions.cloudhsm_backups.resolutions import BackupResolutions
from functions.shared.aws.calls import CallError
from functions.shared.finding import Ending, finding_id
from functions.shared.ledger.actions import Action, ActionStatus, Change
from functions.shared.run.sweep import Sweep

Wanted = Exempt | Unexempt | Rescue

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class BackupChanges:
    """The changes of one run over one target."""

    sweep: Sweep
    hsm: Hsm
    policy: Policy
    resolutions: BackupResolutions
    _wanted: dict[str, tuple[Backup, Wanted]] = field(default_factory=dict)
    _at_risk: list[tuple[Backup, Exempt]] = field(default_factory=list)
    _spent: int = 0
    _left: int = 0

    def arn_of(self, backup_id: str) -> str:
        """Return the BackupArn of one of our backups; of all, for ``*``."""
        target = self.sweep.target
        return f"arn:{target.partition}:cloudhsm:{target.region}:{target.account}:backup/{backup_id}"

    def want(self, backup: Backup, verdict: Wanted) -> None:
        """Put a change on the list; a backup that a listing shows twice is changed once."""
        self._wanted[backup.arn] = backup, verdict

    def confirm(self, backup: Backup) -> None:
        """Finish the records of changes that earlier runs began, and that *backup* shows the effect of."""
        self.sweep.actions.confirm(MODIFY, backup.arn, str(backup.never_expires).lower())
        if backup.is_ready:
            self.sweep.actions.confirm(RESTORE, backup.arn)

    def make_all(self) -> None:
        """Make the changes, as far as the run's limit goes: those of the oldest backups first, but for refused ones.

        What AWS has refused before comes last, so that it never takes the turn of what may succeed.
        """
        for backup, verdict in sorted(self._wanted.values(), key=self._turn):
            with self.sweep.isolated(backup.arn):
                match verdict:
                    case Exempt():
                        self._exempt(backup, verdict)
                    case Unexempt():
                        self._unexempt(backup, verdict)
                    case Rescue():
                        self._rescue(backup, verdict)

    def report(self) -> None:
        """Report what is still not exempt, with what retention will do to it, and that a limit was reached."""
        days: dict[str, int] = {}
        if self._at_risk:
            with self.sweep.isolated(self.arn_of("*").replace(":backup/", ":cluster/")):
                days = self.hsm.retention_days({backup.cluster for backup, _ in self._at_risk})
        for backup, verdict in self._at_risk:
            of_cluster = days.get(backup.cluster)
            reason, details = at_risk(backup, verdict.reason, of_cluster)
            purged_at = purge_at(backup, of_cluster)
            self._find(
                NOT_EXEMPT,
                backup,
                verdict.rule,
                reason,
                began_at=backup.created_at,
                deadline_at=purged_at,
                **details,
            )
        self._report_limit()

    def _report_limit(self) -> None:
        everything, target = self.arn_of("*"), self.sweep.target
        makes_changes = self.sweep.context.settings["mode"] == "apply"
        if self._left and makes_changes:
            where = f"HSM backups in {target.region}"
            waiting = f"The {where} wait for {self._left} more change{'s' * (self._left != 1)}"
            reason = f"{waiting}: change_limit_per_run ({self.policy.limit}) allows no more in one run"
            self.sweep.find(LIMIT, everything, reason, occurrence="", name=where, left=self._left)
        limit = finding_id(target.account, target.region, everything, LIMIT, "")
        is_over = "no change of a backup waits any more" if makes_changes else "the mode is plan: no run makes a change"
        self.sweep.ended_because(limit, is_over)

    def _turn(self, wanted: tuple[Backup, Wanted]) -> tuple[int, datetime, str]:
        """Sort what was refused least first, then the oldest; a backup of unknown age counts as old."""
        backup, verdict = wanted
        refused = self.sweep.actions.refusals
        is_kept = not isinstance(verdict, Unexempt)
        refusals = refused(MODIFY, backup.arn, str(is_kept).lower()) + refused(RESTORE, backup.arn)
        return refusals, backup.created_at or _LONG_AGO, backup.backup_id

    def _exempt(self, backup: Backup, verdict: Exempt) -> None:
        action = self._modification(backup, verdict, wanted=True)
        try:
            call = partial(self.hsm.set_never_expires, backup.backup_id, wanted=True)
            if self._make(action, call) is ActionStatus.DONE:
                end = f"{backup.backup_id} is exempt from retention now: it was exempted under rule {verdict.rule}"
                self._is_done(backup, end, NOT_EXEMPT)
            else:
                self._at_risk.append((backup, verdict))
        except CallError as error:
            self._failed(action, backup, error)
            self.sweep.keep_open(NOT_EXEMPT, backup.arn, "")

    def _unexempt(self, backup: Backup, verdict: Unexempt) -> None:
        if verdict.leave is Leave.NEWEST:
            self._find(EXEMPT, backup, verdict.rule, verdict.reason)
            return
        action = self._modification(backup, verdict, wanted=False)
        call = partial(self.hsm.set_never_expires, backup.backup_id, wanted=False)
        try:
            if self._make(action, call, opt_in=_opt_in(verdict)) is ActionStatus.DONE:
                end = f"{backup.backup_id} is not exempt any more: its exemption was ended under rule {verdict.rule}"
                self._is_done(backup, end, EXEMPT)
            else:
                self._find(EXEMPT, backup, verdict.rule, verdict.reason)
        except CallError as error:
            self._failed(action, backup, error)
            self.sweep.keep_open(EXEMPT, backup.arn, "")

    def _rescue(self, backup: Backup, verdict: Rescue) -> None:
        """Restore a backup, and then exempt it: in the other order CloudHSM would refuse."""
        action, reason = self._restoration(backup, verdict), verdict.reason
        restored = _Restored(self.hsm, backup)
        try:
            status = self._make(
                action, restored, opt_in="" if self.policy.restore else "restore_pending_deletion: true"
            )
        except CallError as error:
            self._failed(action, backup, error)
            status, reason = ActionStatus.FAILED, f"{reason}; CloudHSM did not restore it: {error.code}"
        if status is ActionStatus.DONE:
            end = f"{backup.backup_id} is not being deleted any more: it was restored under rule {verdict.rule}"
            self.resolutions.end(backup.arn, Ending(end), PENDING, FAILED)
            self._exempt_restored(backup, verdict, is_exempt=restored.is_exempt)
            return
        self._find(PENDING, backup, verdict.rule, reason, deadline_at=backup.ends_at)
        if status is ActionStatus.PLANNED and backup.cluster and not backup.never_expires:
            self._make(self._modification(backup, verdict, wanted=True), str)

    def _exempt_restored(self, backup: Backup, verdict: Rescue, *, is_exempt: bool) -> None:
        if is_exempt or not backup.cluster:
            self.sweep.complies()
            return
        reason = f"Rule {verdict.rule} keeps {backup.backup_id}, and it was restored without an exemption"
        self._exempt(backup, Exempt(verdict.rule, reason))

    def _make(self, action: Action, call: Callable[[], str], *, opt_in: str = "") -> ActionStatus:
        """Make a change if the configuration opts for it and the run's limit has room, and say what became of it.

        Args:
            action: the change.
            call: makes it.
            opt_in: the setting that would allow it, where the configuration does not.
        """
        if opt_in:
            return self.sweep.actions.make(action, call, skip="opt-in", setting=opt_in)
        is_capped = self._spent >= self.policy.limit
        self._spent, self._left = self._spent + (not is_capped), self._left + is_capped
        if not is_capped:
            return self.sweep.actions.make(action, call)
        self.sweep.keep_open(FAILED, action.resource, "")  # not tried, so what failed before is not over either
        return self.sweep.actions.make(action, call, skip="cap", setting="change_limit_per_run")

    def _is_done(self, backup: Backup, why: str, check: str) -> None:
        self.resolutions.end(backup.arn, Ending(why), check, FAILED)
        self.sweep.complies()

    def _failed(self, action: Action, backup: Backup, error: CallError) -> None:
        change = f"{action.summary[0].lower()}{action.summary[1:]}"
        reason = f"CloudHSM did not {change}, as rule {action.rule} asks: {error.code}"
        self._find(FAILED, backup, action.rule, reason, change=change, action=action.name, error=error.code)

    def _find(  # noqa: PLR0913  # a finding has so many members
        self,
        check: str,
        backup: Backup,
        rule: str,
        reason: str,
        *,
        began_at: datetime | None = None,
        deadline_at: datetime | None = None,
        **more: object,
    ) -> None:
        details: dict[str, Any] = {**evidence(backup, rule), **more}
        self.sweep.find(
            check,
            backup.arn,
            reason,
            occurrence="",
            name=backup.backup_id,
            began_at=began_at,
            deadline_at=deadline_at,
            **details,
        )

    def _modification(self, backup: Backup, verdict: Wanted, *, wanted: bool) -> Action:
        """Return the change of NeverExpires, with what it was before and what it is to be after it."""
        what = f"{backup.backup_id}{backup.whose}"
        return Action(
            name=MODIFY,
            resource=backup.arn,
            rule=verdict.rule,
            reason=verdict.reason,
            subject=_subject(backup),
            part=str(wanted).lower(),
            summary=f"Exempt {what} from its retention"
            if wanted
            else f"End the exemption of {what} from its retention",
            changes=(Change("NeverExpires", backup.never_expires, wanted),),
            mends=self._mends(backup, PENDING if backup.is_pending_deletion else NOT_EXEMPT if wanted else EXEMPT),
        )

    def _restoration(self, backup: Backup, verdict: Rescue) -> Action:
        """Return the rescue of a backup that is being deleted."""
        what = f"{backup.backup_id}{backup.whose}"
        return Action(
            name=RESTORE,
            resource=backup.arn,
            rule=verdict.rule,
            reason=verdict.reason,
            subject=_subject(backup),
            summary=f"Restore {what.rstrip(',')}, which is being deleted",
            changes=(Change("BackupState", backup.state, "READY"),),
            mends=self._mends(backup, PENDING),
        )

    def _mends(self, backup: Backup, check: str) -> tuple[str, ...]:
        target = self.sweep.target
        return (finding_id(target.account, target.region, backup.arn, check, ""),)


@dataclass(slots=True)
class _Restored:
    """Restores a backup when it is called, and keeps whether it came back exempt."""

    hsm: Hsm
    backup: Backup
    is_exempt: bool = False

    def __call__(self) -> str:
        detail, self.is_exempt = self.hsm.restore(self.backup.backup_id)
        return detail


def _subject(backup: Backup) -> dict[str, str]:
    """Return what identifies a backup to a person."""
    cluster = backup.cluster or backup.origin
    return {"backup_id": backup.backup_id} | ({"cluster": cluster} if cluster else {})


def _opt_in(verdict: Unexempt) -> str:
    """Return the setting that would allow to end an exemption, where the configuration does not."""
    return "" if verdict.leave is None else "allow_unexempt: true"
