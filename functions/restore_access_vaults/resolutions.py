"""How findings about restore access ended, as far as a later run can see."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.restore_access_vaults.decision import (
    ACCESS_OPEN,
    REVOKE_DEADLINE,
    REVOKE_FAILED,
    REVOKE_OVERDUE,
    TEAM_CHANGE,
    Access,
    Request,
)
from functions.shared.ledger.records import Item
from functions.shared.run.sweep import Sweep

SOURCE = "SourceBackupVaultArn"
"""Evidence of every finding about restore access: the vault that it is given to."""

REVOKED = "the vault left the complete listing while its revoke request was PENDING: access is revoked"
_GONE_AFTER_FAILURE = "the vault left the complete listing, after a revoke request that had FAILED: access is over"
_GONE = "the vault left the complete listing: there is no access any more"
_WITHOUT_SOURCE = "the vault that access was given to left the complete listing"
_UNDECIDED = (REVOKE_DEADLINE, REVOKE_OVERDUE)
_OF_REVOCATION = (REVOKE_FAILED, *_UNDECIDED)


@dataclass(frozen=True, slots=True)
class Resolutions:
    """Tells the sweep what has ended, and how.

    Attributes:
        sweep: the run.
    """

    sweep: Sweep

    def note_access(self, access: Access) -> None:
        """Declare that a restore access vault was read, and say what became of what stood open about it."""
        self.sweep.mark_seen(access.arn)
        for item in self._about(access.arn):
            if why := _what_became(item, access.revocation, self.sweep.now):
                self.sweep.ended_because(access.arn, why)

    def note_team(self, arn: str, update: Request | None) -> None:
        """Declare that a source vault was read, and say what became of the change of its team."""
        self.sweep.mark_seen(arn)
        if any(item["check"] == TEAM_CHANGE for item in self._about(arn)):
            approved = update is not None and update.status == "APPROVED"
            became = "the team APPROVED the change" if approved else "there is no request any more"
            self.sweep.ended_because(arn, became)

    def listed(self, source_arn: str, arns: Collection[str]) -> None:
        """Declare that *arns* are all restore access vaults to a vault: others that were, are gone."""
        for item in self._of_accesses():
            if item["evidence"][SOURCE] == source_arn and item["resource"] not in arns:
                self._is_gone(item["resource"])

    def listed_sources(self, arns: Collection[str]) -> None:
        """Declare that *arns* are all air-gapped vaults: to others there is no access."""
        for item in self._of_accesses():
            if item["evidence"][SOURCE] not in arns:
                self.sweep.mark_seen(item["resource"])
                self.sweep.ended_because(item["resource"], _WITHOUT_SOURCE)

    def _is_gone(self, arn: str) -> None:
        checks = {item["check"] for item in self._about(arn)}
        after_failure = _GONE_AFTER_FAILURE if REVOKE_FAILED in checks else _GONE
        self.sweep.mark_seen(arn)
        self.sweep.ended_because(arn, REVOKED if checks.intersection(_UNDECIDED) else after_failure)

    def _of_accesses(self) -> Iterator[Item]:
        return (item for item in self.sweep.open_before.values() if SOURCE in item["evidence"])

    def _about(self, arn: str) -> Iterator[Item]:
        return (item for item in self.sweep.open_before.values() if item["resource"] == arn)


def _what_became(item: Item, request: Request | None, now: datetime) -> str:
    """Say how a finding ends, if it is not found again about a vault that is still there."""
    if item["check"] == ACCESS_OPEN:
        return "somebody asked to revoke it" if request else ""
    if item["check"] not in _OF_REVOCATION:
        return ""
    if request is None:
        return "there is no revoke request any more, and the vault is still there"
    if request.occurrence != item["occurrence"]:
        return "a later revoke request took its place"
    if request.status == "FAILED":
        return "the revoke request FAILED"
    return "the revoke request passed its deadline" if request.deadline and now > request.deadline else ""
