"""What is wrong with restore access to an air-gapped vault: the nouns, and the decisions about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.shared.finding import Severity, printable

REVOKE_FAILED = "revoke-failed"
REVOKE_OVERDUE = "revoke-overdue"
REVOKE_DEADLINE = "revoke-deadline"
VAULT_FAILED = "vault-failed"
TEAM_CHANGE = "team-change"
ACCESS_OPEN = "access-open"
ACCOUNT_NOT_ALLOWED = "recovery-account-not-allowed"

SESSION_LIFETIME = timedelta(hours=24)
"""After this long a session of multi-party approval expires, which counts as a rejection.

Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/multipartyapproval.html
"""

_BELOW_LAST_RUNG = (Severity.HIGH, Severity.MEDIUM)
_STATES = ("CREATING", "AVAILABLE", "FAILED")


@dataclass(frozen=True, slots=True)
class Request:
    """What a team has to approve: ``LatestRevokeRequest``, or ``LatestMpaApprovalTeamUpdate``.

    Attributes:
        status: ``Status``; empty where AWS does not say.
        session_arn: ``MpaSessionArn``; opaque, empty where AWS does not say.
        message: ``StatusMessage``.
        initiated_at: ``InitiationDate``.
        expires_at: ``ExpiryDate``.
    """

    status: str
    session_arn: str = ""
    message: str = ""
    initiated_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def occurrence(self) -> str:
        """What distinguishes it from the next one: its session, else when it was made."""
        return self.session_arn or self.initiated_text

    @property
    def initiated_text(self) -> str:
        """When it was made, as a finding tells it; empty where AWS does not say."""
        return _text(self.initiated_at)

    @property
    def deadline(self) -> datetime | None:
        """When silence becomes a rejection; None where that cannot be said."""
        return self.expires_at or (self.initiated_at + SESSION_LIFETIME if self.initiated_at else None)


@dataclass(frozen=True, slots=True)
class Access:
    """A restore access vault, as AWS Backup shows it to the owner of the vault that it gives access to.

    Attributes:
        arn: ``RestoreAccessBackupVaultArn``, in the account that may restore.
        state: ``VaultState``.
        created_at: ``CreationDate``.
        approved_at: ``ApprovalDate``.
        revocation: ``LatestRevokeRequest``; None if nobody asked.
        unclear: why nothing can be said of it; empty where something can.
        vault: name of the vault that it gives access to.
    """

    arn: str
    state: str = "AVAILABLE"
    created_at: datetime | None = None
    approved_at: datetime | None = None
    revocation: Request | None = None
    unclear: str = ""
    vault: str = ""

    @property
    def name(self) -> str:
        """What people call it: whose access to which vault it is."""
        whose = f"account {self.account}'s access" if self.account else f"access by {printable(self.arn)}"
        return f"{whose} to vault {printable(self.vault)}"

    @property
    def account(self) -> str:
        """The account that may restore, which is the one that the vault stands in; empty where its ARN names none.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
        """
        match self.arn.split(":"):
            case ["arn", _, "backup", _, account, "backup-vault", _] if len(account) == 12 and account.isdecimal():  # noqa: PLR2004  # digits of an account
                return account
            case _:
                return ""


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of this automation.

    Attributes:
        rungs: hours before the deadline, the fewest first.
        open_longer_than: how long access may be open; None for as long as it takes.
        allowed_accounts: which may have access; None where that is not judged.
    """

    rungs: tuple[int, ...] = (1, 4, 12)
    open_longer_than: timedelta | None = None
    allowed_accounts: frozenset[str] | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the automation's section of the configuration."""
        days, accounts = settings["open_longer_than_days"], settings["allowed_recovery_accounts"]
        return cls(
            rungs=tuple(sorted(settings["deadline_rungs_hours"])),
            open_longer_than=None if days is None else timedelta(days=days),
            allowed_accounts=None if accounts is None else frozenset(accounts),
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not comply.

    Attributes:
        check: what it was judged by.
        reason: for a person.
        request: that it is about, where it is about one.
        rung_hours: of the deadline; 0 where it is not about one.
        severity: where it is lower than that of the check.
        began_at: since when it is so; None where AWS does not say.
        deadline_at: when it becomes worse by itself.
        details: what else a person needs to know.
    """

    check: str
    reason: str
    request: Request | None = None
    rung_hours: int = 0
    severity: Severity | None = None
    began_at: datetime | None = None
    deadline_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def occurrence(self) -> str:
        """What distinguishes the revocation that it is about from the next one; empty for all else."""
        return self.request.occurrence if self.request and self.check != TEAM_CHANGE else ""

    def evidence(self) -> dict[str, Any]:
        """Return what a person needs to know, above all of the request, in AWS's own words."""
        request = self.request
        if request is None:
            return {**self.details}
        members: dict[str, Any] = {
            **self.details,
            "MpaSessionArn": printable(request.session_arn),
            "Status": request.status,
            "StatusMessage": printable(request.message),
            "InitiationDate": request.initiated_text,
            "ExpiryDate": _text(request.expires_at),
            "rung_hours": self.rung_hours,
        }
        return {name: value for name, value in members.items() if value}


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something that allows no verdict."""

    reason: str


Verdict = Trouble | Unclear


def decide(access: Access, policy: Policy, now: datetime) -> Iterator[Verdict]:
    """Yield all that is wrong with restore access, or cannot be said of it; nothing where all is well."""
    if access.unclear:
        yield Unclear(access.unclear)
        return
    if access.state not in _STATES:
        yield Unclear(f"the restore access vault of {access.name} has the unknown state {printable(access.state)}")
    if access.state == "FAILED":
        reason = f"The request for {access.name} failed or expired: nobody can restore through it"
        yield Trouble(VAULT_FAILED, reason, began_at=access.created_at)
    else:
        yield from _decide_account(access, policy)
    if access.revocation is not None:
        yield from _decide_revocation(access, access.revocation, policy, now)
    elif access.state == "AVAILABLE":
        yield from _decide_age(access, policy, now)


def decide_team(vault: str, update: Request | None) -> Trouble | Unclear | None:
    """Return what is wrong with the latest change of the approval team of *vault*; None where all is well."""
    if update is None or update.status == "APPROVED":
        return None
    team = f"the approval team of vault {printable(vault)}"
    match update.status:
        case "PENDING":
            reason = f"Somebody asked to replace or remove {team}, and the team has not decided yet"
        case "FAILED":
            reason = f"A request to replace or remove {team} FAILED{_said(update)}: find out who asked, and why"
        case unknown:
            return Unclear(f"the change of {team} has {_status(unknown)}")
    return Trouble(TEAM_CHANGE, reason, update, began_at=update.initiated_at)


def evidence_of(access: Access) -> dict[str, Any]:
    """Return what a person needs to know of a restore access vault, in AWS's own words."""
    members = {
        "VaultState": printable(access.state),
        "CreationDate": _text(access.created_at),
        "ApprovalDate": _text(access.approved_at),
        "recovery_account": access.account,
    }
    return {name: value for name, value in members.items() if value}


def _decide_account(access: Access, policy: Policy) -> Iterator[Verdict]:
    if policy.allowed_accounts is None or access.account in policy.allowed_accounts:
        return
    if not access.account:
        yield Unclear("the ARN of the restore access vault does not name the account that may restore")
        return
    asks = "asks for" if access.state == "CREATING" else "has"
    what = f"restore access to vault {printable(access.vault)}"
    reason = f"Account {access.account} {asks} {what}, and the configuration does not allow that"
    yield Trouble(ACCOUNT_NOT_ALLOWED, reason, began_at=access.approved_at or access.created_at)


def _decide_age(access: Access, policy: Policy, now: datetime) -> Iterator[Verdict]:
    if policy.open_longer_than is None:
        return
    if access.approved_at is None:
        yield Unclear(f"{access.name} is AVAILABLE without an ApprovalDate: nobody knows for how long")
    elif now - access.approved_at > policy.open_longer_than:
        days = policy.open_longer_than.days
        reason = f"Nobody asked to revoke {access.name}, which has been open for more than {days} days"
        details = {"open_longer_than_days": days}
        yield Trouble(ACCESS_OPEN, reason, began_at=access.approved_at, details=details)


def _decide_revocation(access: Access, request: Request, policy: Policy, now: datetime) -> Iterator[Verdict]:
    what = f"request to revoke {access.name}"
    match request.status:
        case "FAILED":
            reason = f"The {what} FAILED{_said(request)}: access is still open"
            yield Trouble(REVOKE_FAILED, reason, request, began_at=request.initiated_at)
        case "PENDING":
            yield from _decide_pending(what, request, policy, now)
        case unknown:
            yield Unclear(f"the {what} has {_status(unknown)}")


def _decide_pending(what: str, request: Request, policy: Policy, now: datetime) -> Iterator[Verdict]:
    deadline = request.deadline
    if deadline is None:
        yield Unclear(f"the {what} is PENDING, and AWS does not say until when")
        return
    until = f"{deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if now > deadline:
        reason = f"The {what} should have ended by {until}, and did not: access is still open"
        yield Trouble(REVOKE_OVERDUE, reason, request, began_at=deadline)
        return
    for place, hours in enumerate(policy.rungs):
        if deadline - now <= timedelta(hours=hours):
            severity = _BELOW_LAST_RUNG[place] if place < len(_BELOW_LAST_RUNG) else Severity.LOW
            reason = (
                f"The {what} is not approved yet: it expires within {hours} h, at {until}, and then access stays open"
            )
            yield Trouble(REVOKE_DEADLINE, reason, request, hours, severity, request.initiated_at, deadline)
            return


def _said(request: Request) -> str:
    return f" ({printable(request.message)})" if request.message else ""


def _status(unknown: str) -> str:
    return f"the unknown status {printable(unknown)}" if unknown else "no status"


def _text(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""
