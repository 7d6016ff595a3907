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
from functions.shared.finding import Ending, printable
from functions.shared.ledger.records import Item
from functions.shared.run.sweep import Sweep

SOURCE = "SourceBackupVaultArn"
"""Evidence of every finding about restore access: the vault that it is given to."""

VAULT = "BackupVaultName"
"""Evidence of every finding: the name of the vault that it is about, or that access is given to."""

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
            if end := _what_became(item, access, self.sweep.now):
                self._end(item, end)

    def note_team(self, arn: str, update: Request | None) -> None:
        """Declare that a source vault was read, and say what became of the change of its team."""
        self.sweep.mark_seen(arn)
        for item in self._about(arn):
            if item["check"] == TEAM_CHANGE:
                is_approved = update is not None and update.status == "APPROVED"
                team = f"the approval team of vault {_name_of(arn)}"
                became = f"{team} APPROVED its change" if is_approved else f"no change of {team} is asked for any more"
                self._end(item, Ending(became))

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
            if (source := item["evidence"][SOURCE]) not in arns:
                self.sweep.mark_seen(item["resource"])
                self._end(item, Ending(f"there is no vault {_name_of(source)} any more that anybody has access to"))
        for item in self.sweep.open_before.values():
            if item["check"] == TEAM_CHANGE and item["resource"] not in arns:
                self.sweep.mark_seen(item["resource"])
                self._end(item, Ending(f"there is no vault {_name_of(item['resource'])} any more"))

    def _is_gone(self, arn: str) -> None:
        items = [*self._about(arn)]
        checks = {item["check"] for item in items}
        self.sweep.mark_seen(arn)
        for item in items:
            self._end(item, Ending(_how_it_went(_name_in(item), checks)))

    def _end(self, item: Item, end: Ending) -> None:
        self.sweep.ended_because(item["finding_id"], end.resolution, lapsed=end.lapsed)

    def _of_accesses(self) -> Iterator[Item]:
        return (item for item in self.sweep.open_before.values() if SOURCE in item["evidence"])

    def _about(self, arn: str) -> Iterator[Item]:
        return (item for item in self.sweep.open_before.values() if item["resource"] == arn)


def _name_of(arn: str) -> str:
    return printable(arn.rpartition(":")[2])


def _name_in(item: Item) -> str:
    """Return whose access to which vault a finding is about."""
    return Access(item["resource"], vault=_name_of(item["evidence"][SOURCE])).name


def _how_it_went(name: str, checks: set[str]) -> str:
    """Say how access ended that a complete listing does not show any more, after findings of these checks."""
    if checks.intersection(_UNDECIDED):
        return f"{name} is revoked: it left the complete listing while its revoke request was PENDING"
    if REVOKE_FAILED in checks:
        return f"{name} is over: it left the complete listing, after a revoke request that had FAILED"
    return f"{name} is over: it left the complete listing"


def _what_became(item: Item, access: Access, now: datetime) -> Ending | None:
    """Say how a finding ends, if it is not found again about a vault that is still there."""
    check, request, name = item["check"], access.revocation, access.name
    if check in _OF_REVOCATION:
        return _what_became_of_revocation(item, access, now)
    if check == VAULT_FAILED:
        return Ending(f"the restore access vault of {name} is {printable(access.state)} now")
    if check not in (ACCESS_OPEN, ACCOUNT_NOT_ALLOWED):
        return None
    if access.state == "FAILED":
        return Ending(f"the request for {name} failed: nobody can restore through it")
    if check == ACCESS_OPEN and request:
        asked = f"somebody asked to revoke {name}: the request is {printable(request.status)}"
        return Ending(asked, lapsed=_is_in_vain(request, now))
    return Ending(
        f"the configuration lets {name} stay open" if check == ACCESS_OPEN else f"the configuration allows {name}"
    )


def _what_became_of_revocation(item: Item, access: Access, now: datetime) -> Ending:
    request, name = access.revocation, access.name
    if request is None:
        return Ending(f"there is no request to revoke {name} any more, and it is still there", lapsed=True)
    is_later = request.occurrence != item["occurrence"]
    what = f"{'a later' if is_later else 'the'} request to revoke {name}"
    if request.status == "FAILED":
        return Ending(f"{what} FAILED: access is still open", lapsed=True)
    until = f"{request.deadline:%Y-%m-%d %H:%M} UTC" if request.deadline else ""
    if _is_in_vain(request, now):
        return Ending(f"{what} passed its deadline, {until}: access is still open", lapsed=True)
    return Ending(f"{what} is {printable(request.status)} until {until}")


def _is_in_vain(request: Request, now: datetime) -> bool:
    """Say whether a request failed, or should have ended by now: then access stays open."""
    return request.status == "FAILED" or (request.deadline is not None and now > request.deadline)
