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
)
from functions.cloudhsm_backups.effects import MODIFY, RESTORE, Hsm
from functions.shared.aws.calls import CallError
from functions.shared.run.actions import Action, ActionStatus
from functions.shared.run.sweep import Sweep

Wanted = Exempt | Unexempt | Rescue

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class BackupChanges:
    """The changes of one run over one target."""

    sweep: Sweep
    hsm: Hsm
    policy: Policy
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
            reason, details = at_risk(backup, verdict.reason, days.get(backup.cluster))
            self._find(NOT_EXEMPT, backup, verdict.rule, reason, **details)
        if self._left and self.sweep.context.settings["mode"] == "apply":
            reason = f"more has to be changed than change_limit_per_run ({self.policy.limit}) allows: run it again"
            self.sweep.find(LIMIT, self.arn_of("*"), reason, occurrence="", left=self._left)

    def _turn(self, wanted: tuple[Backup, Wanted]) -> tuple[int, datetime, str]:
        """Sort what was refused least first, then the oldest; a backup of unknown age counts as old."""
        backup, verdict = wanted
        refused = self.sweep.actions.refusals
        is_kept = not isinstance(verdict, Unexempt)
        refusals = refused(MODIFY, backup.arn, str(is_kept).lower()) + refused(RESTORE, backup.arn)
        return refusals, backup.created_at or _LONG_AGO, backup.backup_id

    def _exempt(self, backup: Backup, verdict: Exempt) -> None:
        action = _modification(backup, verdict, wanted=True)
        try:
            call = partial(self.hsm.set_never_expires, backup.backup_id, wanted=True)
            if self._make(action, call) is ActionStatus.DONE:
                self._is_done(backup, f"it was exempted under rule {verdict.rule}")
            else:
                self._at_risk.append((backup, verdict))
        except CallError as error:
            self._failed(action, backup, error)
            self.sweep.keep_open(NOT_EXEMPT, backup.arn, "")

    def _unexempt(self, backup: Backup, verdict: Unexempt) -> None:
        if verdict.leave is Leave.NEWEST:
            self._find(EXEMPT, backup, verdict.rule, verdict.reason)
            return
        action = _modification(backup, verdict, wanted=False)
        call = partial(self.hsm.set_never_expires, backup.backup_id, wanted=False)
        try:
            if self._make(action, call, is_allowed=verdict.leave is None) is ActionStatus.DONE:
                self._is_done(backup, f"its exemption was ended under rule {verdict.rule}")
            else:
                self._find(EXEMPT, backup, verdict.rule, verdict.reason)
        except CallError as error:
            self._failed(action, backup, error)
            self.sweep.keep_open(EXEMPT, backup.arn, "")

    def _rescue(self, backup: Backup, verdict: Rescue) -> None:
        """Restore a backup, and then exempt it: in the other order CloudHSM would refuse."""
        action = Action(RESTORE, backup.arn, verdict.rule, verdict.reason)
        restored = _Restored(self.hsm, backup)
        try:
            status = self._make(action, restored, is_allowed=self.policy.restore)
        except CallError as error:
            self._failed(action, backup, error)
            status = ActionStatus.FAILED
        if status is ActionStatus.DONE:
            self.sweep.ended_because(backup.arn, f"it was restored under rule {verdict.rule}")
            self._exempt_restored(backup, verdict, is_exempt=restored.is_exempt)
            return
        self._find(PENDING, backup, verdict.rule, verdict.reason)
        if status is ActionStatus.PLANNED and backup.cluster and not backup.never_expires:
            self._make(_modification(backup, verdict, wanted=True), str)

    def _exempt_restored(self, backup: Backup, verdict: Rescue, *, is_exempt: bool) -> None:
        if is_exempt or not backup.cluster:
            self.sweep.complies()
            return
        reason = f"rule {verdict.rule} keeps it, and it was restored without an exemption"
        self._exempt(backup, Exempt(verdict.rule, reason))

    def _make(self, action: Action, call: Callable[[], str], *, is_allowed: bool = True) -> ActionStatus:
        """Make a change if the configuration opts for it and the run's limit has room, and say what became of it."""
        if not is_allowed:
            return self.sweep.actions.make(action, call, skip="opt-in")
        is_capped = self._spent >= self.policy.limit
        self._spent, self._left = self._spent + (not is_capped), self._left + is_capped
        if is_capped:  # not tried, so what failed before is not over either
            self.sweep.keep_open(FAILED, action.resource, "")
        return self.sweep.actions.make(action, call, skip="cap" if is_capped else "")

    def _is_done(self, backup: Backup, why: str) -> None:
        self.sweep.ended_because(backup.arn, why)
        self.sweep.complies()

    def _failed(self, action: Action, backup: Backup, error: CallError) -> None:
        self._find(FAILED, backup, action.rule, f"{action.name} failed: {error.code}")

    def _find(self, check: str, backup: Backup, rule: str, reason: str, **more: object) -> None:
        details: dict[str, Any] = {**evidence(backup, rule), **more}
        self.sweep.find(check, backup.arn, reason, occurrence="", **details)


@dataclass(slots=True)
class _Restored:
    """Restores a backup when it is called, and keeps whether it came back exempt."""

    hsm: Hsm
    backup: Backup
    is_exempt: bool = False

    def __call__(self) -> str:
        detail, self.is_exempt = self.hsm.restore(self.backup.backup_id)
        return detail


def _modification(backup: Backup, verdict: Wanted, *, wanted: bool) -> Action:
    """Return the change of NeverExpires, with what it was before and what it is to be after it."""
    before, after = str(backup.never_expires).lower(), str(wanted).lower()
    subject = {"before": before, "after": after}
    return Action(MODIFY, backup.arn, verdict.rule, verdict.reason, subject, part=after)
