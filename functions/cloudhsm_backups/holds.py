"""What rules once held: remembered, so that whoever takes a hold away is seen, although the backup does not show it."""

from dataclasses import dataclass
from typing import Any

from functions.cloudhsm_backups.decision import HOLD_LOST, Backup, Rule, evidence, lost
from functions.cloudhsm_backups.manifest import RESTORE_BY_HAND
from functions.cloudhsm_backups.resolutions import BackupResolutions
from functions.shared.aws.calls import CallError
from functions.shared.run.isolation import UnrecordedError
from functions.shared.run.sweep import Sweep


@dataclass(slots=True)
class Holds:
    """The backups that rules hold, or once held, in one target.

    Tags are as writable as the backup. Whoever removes the tag of a legal hold, ends the exemption and deletes the
    backup leaves nothing in its present state that a rule could match. So each hold is noted in the ledger when it is
    first seen, and until a rule of the configuration releases the backup, or it is gone.

    Attributes:
        sweep: the run.
        resolutions: takes how a lost hold ended.
    """

    sweep: Sweep
    resolutions: BackupResolutions
    _known: dict[str, str] | None = None

    def judge(self, backup: Backup, rule: Rule | None) -> bool:
        """Note what *rule* holds, and report what a rule held and none matches now; say whether that is so.

        Raises:
            UnrecordedError: the ledger refused the note, or to read those of earlier runs.
        """
        noted = self._noted.get(backup.backup_id)
        if rule is not None:
            self.resolutions.held_again(backup, rule)
            self._note(backup.backup_id, rule.name if rule.holds else "")
            return False
        if not noted:
            return False
        details: dict[str, Any] = evidence(backup, noted)
        self.sweep.find(
            HOLD_LOST,
            backup.arn,
            lost(backup, noted),
            occurrence="",
            name=backup.backup_id,
            deadline_at=backup.ends_at if backup.is_pending_deletion else None,
            command=RESTORE_BY_HAND if backup.is_pending_deletion else "",
            **details,
        )
        return True

    def forget(self, backup_id: str) -> None:
        """Take away the note of a backup that is gone for good.

        Raises:
            UnrecordedError: the ledger refused.
        """
        self._note(backup_id, "")

    def lost_before(self) -> set[str]:
        """Return the ARNs of the backups whose hold was lost before the run."""
        return {item["resource"] for item in self.sweep.open_before.values() if item["check"] == HOLD_LOST}

    def keep_open(self) -> None:
        """Leave open what was found before, in a run that looks at no backup."""
        for arn in self.lost_before():
            self.sweep.keep_open(HOLD_LOST, arn, "")

    @property
    def _noted(self) -> dict[str, str]:
        """What earlier runs noted, read when the first backup is judged.

        Raises:
            UnrecordedError: the ledger could not be read, which a retry can mend.
        """
        if self._known is None:
            context = self.sweep.context
            try:
                self._known = dict(context.memory.notes(context.automation, context.target))
            except CallError as error:
                raise UnrecordedError(str(error)) from error
        return self._known

    def _note(self, backup_id: str, rule: str) -> None:
        context = self.sweep.context
        if rule == self._noted.get(backup_id, "") or context.ledger is None or context.dry_run:
            return
        about = context.automation, context.target, backup_id
        try:
            if rule:
                context.ledger.note(*about, rule)
                self._noted[backup_id] = rule
            else:
                context.ledger.strike_out(*about)
                del self._noted[backup_id]
        except CallError as error:
            raise UnrecordedError(str(error)) from error
