"""How findings about restore access ended, as far as a later run can see."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from functions.restore_access_vaults.decision import (
    ACCESS_OPEN,
    ACCOUNT_NOT_ALLOWED,
    REVOKE_DEADLINE,
    REVOKE_FAILED,
    REVOKE_OVERDUE,
    TEAM_CHANGE,
    VAULT_FAILED,
    Access,
    Request,
)
from functions.shared.finding import printable
from functions.shared.ledger.records import Item
from functions.shared.run.sweep import Sweep

SOURCE = "SourceBackupVaultArn"
"""Evidence of every finding about restore access: the vault that it is given to."""

REVOKED = "the vault left the complete listing while its revoke request was PENDING: access is revoked"
_GONE_AFTER_FAILURE = "the vault left the complete listing, after a revoke request that had FAILED: access is over"
_GONE = "the vault left the complete listing: there is no access any more"
_WITHOUT_SOURCE = "the vault that access was given to left the complete listing"
_GONE_SOURCE = "the vault left the complete listing"
_UNDECIDED = (REVOKE_DEADLINE, REVOKE_OVERDUE)
_OF_REVOCATION = (REVOKE_FAILED, *_UNDECIDED)


@dataclass(frozen=True, slots=True)
class Resolutions:
    """Tells the sweep what has ended, and how.

    Attributes:
        sweep: the run.
    """

    sweep: Sweep

    def identified(self, access: Access) -> Access:
        """Return *access* with the session of its revocation: where AWS leaves it out, it is that of what stands open.

        Unless its date tells that it is another request.
        """
        request = access.revocation
        if request is None or request.session_arn:
            return access
        for item in self._about(access.arn):
            evidence = item["evidence"]
            is_same = not request.initiated_at or evidence.get("InitiationDate") in (None, request.initiated_text)
            if item["check"] in _OF_REVOCATION and is_same:
                known = replace(request, session_arn=evidence.get("MpaSessionArn", ""))
                return replace(access, revocation=known)
        return access

    def note_access(self, access: Access) -> None:
        """Declare that a restore access vault was read, and say what became of what stood open about it."""
        self.sweep.mark_seen(access.arn)
        for item in self._about(access.arn):
            if why := _what_became(item, access, self.sweep.now):
                self.sweep.ended_because(item["finding_id"], why)

    def note_team(self, arn: str, update: Request | None) -> None:
        """Declare that a source vault was read, and say what became of the change of its team."""
        self.sweep.mark_seen(arn)
        for item in self._about(arn):
            if item["check"] == TEAM_CHANGE:
                approved = update is not None and update.status == "APPROVED"
                became = "the team APPROVED the change" if approved else "there is no request any more"
                self.sweep.ended_because(item["finding_id"], became)

    def sources(self) -> frozenset[str]:
        """Return the names of the air-gapped vaults that something stands open about."""
        of_teams = (item["resource"] for item in self.sweep.open_before.values() if item["check"] == TEAM_CHANGE)
        arns = (*of_teams, *(item["evidence"][SOURCE] for item in self._of_accesses()))
        return frozenset(arn.rpartition(":")[2] for arn in arns)

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
        for item in self.sweep.open_before.values():
            if item["check"] == TEAM_CHANGE and item["resource"] not in arns:
                self.sweep.mark_seen(item["resource"])
                self.sweep.ended_because(item["resource"], _GONE_SOURCE)

    def _is_gone(self, arn: str) -> None:
        checks = {item["check"] for item in self._about(arn)}
        after_failure = _GONE_AFTER_FAILURE if REVOKE_FAILED in checks else _GONE
        self.sweep.mark_seen(arn)
        self.sweep.ended_because(arn, REVOKED if checks.intersection(_UNDECIDED) else after_failure)

    def _of_accesses(self) -> Iterator[Item]:
        return (item for item in self.sweep.open_before.values() if SOURCE in item["evidence"])

    def _about(self, arn: str) -> Iterator[Item]:
        return (item for item in self.sweep.open_before.values() if item["resource"] == arn)


def _what_became(item: Item, access: Access, now: datetime) -> str:
    """Say how a finding ends, if it is not found again about a vault that is still there."""
    if item["check"] in _OF_REVOCATION:
        return _what_became_of_revocation(item, access.revocation, now)
    has_failed = access.state == "FAILED"
    ends = {
        ACCESS_OPEN: "somebody asked to revoke it" if access.revocation else "the configuration lets it stay open",
        VAULT_FAILED: f"the restore access vault is {printable(access.state)} now",
        ACCOUNT_NOT_ALLOWED: "the request for access failed" if has_failed else "the configuration allows the account",
    }
    return ends.get(item["check"], "")


def _what_became_of_revocation(item: Item, request: Request | None, now: datetime) -> str:
    if request is None:
        return "there is no revoke request any more, and the vault is still there"
    if request.occurrence != item["occurrence"]:
        return "a later revoke request took its place"
    if request.status == "FAILED":
        return "the revoke request FAILED"
    if request.deadline and now > request.deadline:
        return "the revoke request passed its deadline"
    return "the configuration does not warn of it yet"
