"""How findings about backups ended: what a backup is now, or that it is gone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.cloudhsm_backups.decision import (
    DELETED,
    EXEMPT,
    FAILED,
    HOLD_LOST,
    NOT_EXEMPT,
    PENDING,
    Backup,
    Exempt,
    Rescue,
    Rule,
    Unexempt,
    Verdict,
)
from functions.shared.finding import Ending, printable
from functions.shared.ledger.records import Item, moment
from functions.shared.run.sweep import Sweep

_OF_BACKUPS = frozenset({NOT_EXEMPT, PENDING, EXEMPT, FAILED, HOLD_LOST})


@dataclass(frozen=True, slots=True)
class BackupResolutions:
    """Tells the sweep how what stands open about backups has ended, if it has.

    Attributes:
        sweep: the run.
    """

    sweep: Sweep

    def arns(self) -> set[str]:
        """Return the ARNs of the backups that something stands open about."""
        return {item["resource"] for item in self.sweep.open_before.values() if item["check"] in _OF_BACKUPS}

    def note(self, backup: Backup, verdict: Verdict, *, is_lost: bool) -> None:
        """Say how each finding about *backup* ended, if it is not found again.

        Args:
            backup: as it is now.
            verdict: about it.
            is_lost: a rule held it, and none matches it now.
        """
        for item in self._about(backup.arn):
            if backup.state == DELETED:
                self._end(item, _gone(item, self.sweep.now))
            elif item["check"] != HOLD_LOST:  # of which only a rule that matches again is the end
                self._end(item, _what_became(item, backup, verdict, is_lost=is_lost))

    def held_again(self, backup: Backup, rule: Rule) -> None:
        """Say that *rule* matches a backup whose hold was lost."""
        what = f"rule {rule.name} {'holds' if rule.never_expires else 'releases'} {backup.backup_id} now"
        is_leaving = rule.never_expires and backup.is_pending_deletion
        end = Ending(f"{what}, and the backup is still being deleted", lapsed=True) if is_leaving else Ending(what)
        self.end(backup.arn, end, HOLD_LOST)

    def gone(self, arn: str) -> None:
        """Say that AWS does not show a backup any more."""
        for item in self._about(arn):
            self._end(item, _gone(item, self.sweep.now))

    def released(self) -> None:
        """Say that the configuration has no rule any more."""
        for arn in self.arns():
            self.end(arn, Ending(f"no rule asks anything of {_name(arn)} any more"), *_OF_BACKUPS)

    def end(self, arn: str, end: Ending, *checks: str) -> None:
        """Say how the findings of these checks about a backup ended, if they are not found again."""
        for item in self._about(arn):
            if item["check"] in checks:
                self._end(item, end)

    def _end(self, item: Item, end: Ending) -> None:
        self.sweep.ended_because(item["finding_id"], end.resolution, lapsed=end.lapsed)

    def _about(self, arn: str) -> Iterator[Item]:
        of_it = (item for item in self.sweep.open_before.values() if item["resource"] == arn)
        return (item for item in of_it if item["check"] in _OF_BACKUPS)


def _what_became(item: Item, backup: Backup, verdict: Verdict, *, is_lost: bool) -> Ending:
    """Say how a finding about a backup ended that is there."""
    name = backup.backup_id
    if not _asks_to_keep(item):
        return _what_became_of_exemption(backup, verdict)
    if is_lost:
        leaving = ", and the backup is being deleted" if backup.is_pending_deletion else ""
        return Ending(f"the hold of {name} was taken away: no rule matches it now{leaving}", lapsed=True)
    if backup.is_pending_deletion:
        is_kept = isinstance(verdict, Rescue)
        return Ending(
            f"{name} is being deleted" if is_kept else f"no rule asks to keep {name} any more", lapsed=is_kept
        )
    exempt = "exempt from retention" if backup.never_expires else "not exempt from retention"
    if item["check"] == PENDING:
        return Ending(f"{name} is {printable(backup.state)} again, and {exempt}")
    if not backup.never_expires and not isinstance(verdict, Exempt):
        return Ending(f"no rule asks to keep {name} any more")
    return Ending(f"{name} is {exempt} now", lapsed=not backup.never_expires)


def _what_became_of_exemption(backup: Backup, verdict: Verdict) -> Ending:
    """Say how it ended that a backup was exempt without need."""
    if backup.is_pending_deletion:
        return Ending(f"{backup.backup_id} is being deleted, as its rule allows")
    if not backup.never_expires:
        return Ending(f"{backup.backup_id} is not exempt from retention any more")
    if isinstance(verdict, Unexempt):
        return Ending(f"{backup.backup_id} is exempt from retention now", lapsed=True)
    return Ending(f"no rule says any more that {backup.backup_id} must not be kept")


def _gone(item: Item, now: datetime) -> Ending:
    """Say how a finding ended about a backup that nobody can restore any more."""
    name = _name(item["resource"])
    if not _asks_to_keep(item):
        return Ending(f"{name} is not there any more")
    until = item["evidence"].get("DeleteTimestamp")
    if until and (ends_at := moment(until).astimezone(UTC)) <= now:
        gone = f"{name} was gone for good on {ends_at:%Y-%m-%d %H:%M} UTC, and nothing can restore it"
        return Ending(gone, lapsed=True)
    return Ending(f"{name} is not there any more, and nothing can restore it", lapsed=True)


def _asks_to_keep(item: Item) -> bool:
    """Say whether a finding is about a backup that has to be kept; a change that failed may be about either."""
    check: str = item["check"]
    if check != FAILED:
        return check != EXEMPT
    evidence: Mapping[str, object] = item["evidence"]
    return not evidence.get("NeverExpires") or "DeleteTimestamp" in evidence


def _name(arn: str) -> str:
    return printable(arn.rpartition("/")[2])
