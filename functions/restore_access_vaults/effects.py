"""AWS Backup and multi-party approval, as this automation sees them: reads become nouns."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from functions.restore_access_vaults.decision import Access, Request
from functions.shared.aws.calls import CallError, Calls
from functions.shared.aws.members import moment, structure, text
from functions.shared.finding import printable
from functions.shared.run.isolation import UnreadableError

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"

PAGE_SIZE = 1000
"""The most that AWS Backup puts on a page.

Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreAccessBackupVaults.html
"""

_OTHER_TYPES = ("", "BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT")
"""Of vaults to which nobody gets restore access: AWS Backup left the type out before there were others."""

_NOT_FOUND = "ResourceNotFoundException"
_SECOND_CHANCES = 5
_MOST_IMPATIENT = 0.0


@dataclass(frozen=True, slots=True)
class Vault:
    """An air-gapped vault of the account; or one of which that cannot be said.

    Attributes:
        name: ``BackupVaultName``; empty where AWS does not say.
        arn: ``BackupVaultArn``; empty where AWS does not say.
        unclear: why nothing can be said of it; empty where something can.
    """

    name: str
    arn: str
    unclear: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A vault as DescribeBackupVault shows it.

    Attributes:
        is_air_gapped: of the type that others may get restore access to.
        team_update: ``LatestMpaApprovalTeamUpdate``; None if its team was never to be changed.
    """

    is_air_gapped: bool
    team_update: Request | None


@dataclass(slots=True)
class AwsBackup:
    """AWS Backup in one account and Region.

    A call that AWS goes on refusing costs its patience once. It was about one vault: the calls about the next ones
    are made all the same, each once, until too many were in vain.

    Attributes:
        connect: returns a caller of the service, each time a new one.
    """

    connect: Callable[[], Calls]
    _calls: Calls = field(init=False)
    _chances: int = _SECOND_CHANCES

    def __post_init__(self) -> None:
        """Connect for the first time."""
        self._calls = self.connect()

    def air_gapped(self, known: Collection[str] = ()) -> Iterator[Vault]:
        """Yield the account's air-gapped vaults, a page at a time, whether the service filters them or not.

        Args:
            known: names of vaults that were seen to be air-gapped; a vault does not change its type.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        wanted = {"ByVaultType": AIR_GAPPED, "MaxResults": PAGE_SIZE}
        for details in self._calls.items("ListBackupVaults", "BackupVaultList", token_name="NextToken", **wanted):  # noqa: S106
            if vault := _vault(details, known):
                yield vault

    def describe(self, name: str) -> Described | None:
        """Return what AWS Backup says of one vault; None if it says that there is none.

        Raises:
            CallError: it could not be read.
            UnreadableError: its type is unknown.
            TypeError: a member is not what AWS promises.
        """
        try:
            with self._for_one_vault():
                details = self._calls("DescribeBackupVault", expects="BackupVaultArn", BackupVaultName=name)
        except CallError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        kind = text(details, "VaultType")
        if kind not in (AIR_GAPPED, *_OTHER_TYPES):
            raise UnreadableError(f"the vault has the unknown type {printable(kind)}")
        return Described(kind == AIR_GAPPED, _request(structure(details, "LatestMpaApprovalTeamUpdate")))

    def accesses(self, name: str) -> Iterator[Access]:
        """Yield the restore access vaults to an air-gapped vault, a page at a time.

        One without an ARN has an empty one.

        Raises:
            CallError: a page could not be read; what was yielded stands.
            RepeatedTokenError: the list does not end.
        """
        wanted = {"BackupVaultName": name, "MaxResults": PAGE_SIZE}
        with self._for_one_vault():
            yield from map(
                partial(_access, name),
                self._calls.items(
                    "ListRestoreAccessBackupVaults",
                    "RestoreAccessBackupVaults",
                    token_name="NextToken",  # noqa: S106  # a member of a page, no secret
                    **wanted,
                ),
            )

    @contextmanager
    def _for_one_vault(self) -> Iterator[None]:
        try:
            yield
        except CallError as error:
            if error.retryable and self._chances:
                self._chances -= 1
                self._calls = self.connect()
                self._calls.patience_seconds = _MOST_IMPATIENT
            raise


@dataclass(frozen=True, slots=True)
class Approvals:
    """Multi-party approval, which may or may not show what a team decides.

    Attributes:
        calls: of the service; nothing depends on its answers, so that none is asked for twice.
    """

    calls: Calls

    def __post_init__(self) -> None:
        """Lose all patience."""
        self.calls.patience_seconds = _MOST_IMPATIENT

    def session(self, arn: str) -> dict[str, Any] | None:
        """Return what a person needs to know of a session: without names, and without comments.

        None: it is not shown, most often because the team is not shared with the account.
        """
        try:
            return _details(self.calls("GetSession", expects="Status", SessionArn=arn))
        except (CallError, TypeError):
            return None


def _details(session: Mapping[str, Any]) -> dict[str, Any]:
    responses = [answer.get("Response") for answer in session.get("ApproverResponses", ())]
    strategy = structure(structure(session, "ApprovalStrategy"), "MofN")
    known = {
        **{name: printable(text(session, name)) for name in ("Status", "StatusCode", "ExecutionStatus")},
        "StatusMessage": printable(text(session, "StatusMessage")),
        "approvals_needed": strategy.get("MinApprovalsRequired"),
        "approvals_given": responses.count("APPROVED"),
        "rejections": responses.count("REJECTED"),
        "approvers": session.get("NumberOfApprovers"),
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def _vault(details: Mapping[str, Any], known: Collection[str]) -> Vault | None:
    """Read an entry of the list of vaults; None for a vault of another type."""
    try:
        name, arn, kind = (text(details, member) for member in ("BackupVaultName", "BackupVaultArn", "VaultType"))
    except TypeError as error:
        return Vault("", _identity(details, "BackupVaultArn"), str(error))
    if not kind and (name or arn.rpartition(":")[2]) in known:
        return Vault(name, arn, "AWS Backup does not say the type of a vault that was air-gapped")
    if kind in _OTHER_TYPES and (kind or name or arn):
        return None
    if kind and kind != AIR_GAPPED:
        return Vault(name, arn, f"the vault has the unknown type {printable(kind)}")
    return Vault(name, arn, "" if name and arn else "AWS Backup listed a vault without its name or ARN")


def _access(vault: str, details: Mapping[str, Any]) -> Access:
    """Read an entry of the list of restore access vaults to *vault*."""
    try:
        return Access(
            arn=text(details, "RestoreAccessBackupVaultArn"),
            state=text(details, "VaultState", "AVAILABLE"),
            created_at=moment(details, "CreationDate"),
            approved_at=moment(details, "ApprovalDate"),
            revocation=_request(structure(details, "LatestRevokeRequest")),
            vault=vault,
        )
    except TypeError as error:
        return Access(_identity(details, "RestoreAccessBackupVaultArn"), unclear=str(error), vault=vault)


def _identity(details: Mapping[str, Any], name: str) -> str:
    """Return the ARN of what cannot be read; empty where that is the reason."""
    arn = details.get(name)
    return arn if isinstance(arn, str) else ""


def _request(details: Mapping[str, Any]) -> Request | None:
    """Read a request; an empty one is none that anybody made."""
    if not details:
        return None
    return Request(
        status=text(details, "Status"),
        session_arn=text(details, "MpaSessionArn"),
        message=text(details, "StatusMessage"),
        initiated_at=moment(details, "InitiationDate"),
        expires_at=moment(details, "ExpiryDate"),
    )
