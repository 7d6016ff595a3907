"""Test data for AWS Backup: vaults, access to them, and its revocation."""

from datetime import UTC, datetime

from emulator.backup.models import backup_backends, find_source
from emulator.backup.vaults import RestoreAccessVault
from emulator.mpa.models import find_team
from emulator.mpa.seeding import make_team
from emulator.mpa.sessions import Vote

_RETENTION = (7, 365)


def air_gap(account: str, region: str, name: str, *, team_arn: str = "") -> str:
    """Create an air-gapped vault and return its ARN.

    Args:
        account: of the vault.
        region: of the vault.
        name: of the vault.
        team_arn: of its team; a team is created if absent.
    """
    vault = backup_backends[account][region].air_gap(name, _RETENTION)
    vault.first_team = find_team(team_arn or make_team(account, f"{name}-guardians"))
    return str(vault.backup_vault_arn)


def ask_for_access(source_arn: str, recovery_account: str, name: str, *, at: datetime | None = None) -> str:
    """Request restore access for *recovery_account*, and return the ARN of its vault, which is CREATING.

    Args:
        source_arn: of the air-gapped vault.
        recovery_account: requests access.
        name: of its vault.
        at: time; now if absent.
    """
    asked_at = at or datetime.now(UTC)
    vault = backup_backends[recovery_account][_region(source_arn)].give_access(find_source(source_arn), name, asked_at)
    vault.creation.session.initiated_at = asked_at
    vault.creation_date = asked_at.timestamp()
    return str(vault.backup_vault_arn)


def give_access(source_arn: str, recovery_account: str, name: str, *, at: datetime | None = None) -> str:
    """Give *recovery_account* restore access, requested and approved at once, and return its vault's ARN."""
    given_at = at or datetime.now(UTC)
    arn = ask_for_access(source_arn, recovery_account, name, at=given_at)
    session = _access(source_arn, arn).creation.session
    session.votes = {approver: Vote("APPROVED", given_at) for approver in session.team.approvers}
    return arn


def ask_to_revoke(source_arn: str, access_arn: str, *, at: datetime | None = None) -> str:
    """Request the revocation of restore access, and return the ARN of the team's session.

    Args:
        source_arn: of the air-gapped vault.
        access_arn: of the restore access vault.
        at: time; now if absent.
    """
    source, asked_at = find_source(source_arn), at or datetime.now(UTC)
    asking = backup_backends[source_arn.split(":")[4]][_region(source_arn)].revoke(source, access_arn, asked_at)
    asking.session.initiated_at = asked_at
    return asking.session.arn


def ask_for_team(source_arn: str, team_arn: str | None, *, at: datetime | None = None) -> str:
    """Request another team, or none, for a vault, and return the ARN of the current team's session."""
    source, asked_at = find_source(source_arn), at or datetime.now(UTC)
    backup_backends[source_arn.split(":")[4]][_region(source_arn)].change_team(source, team_arn, asked_at)
    session = source.updates[-1].request.session
    session.initiated_at = asked_at
    return session.arn


def session_of(source_arn: str, access_arn: str) -> str:
    """Return the ARN of the session about the restore access."""
    return _access(source_arn, access_arn).creation.session.arn


def _access(source_arn: str, access_arn: str) -> RestoreAccessVault:
    return find_source(source_arn).accesses[access_arn]


def _region(arn: str) -> str:
    return arn.split(":")[3]
