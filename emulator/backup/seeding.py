"""What stories and tests put into the emulated AWS Backup from outside: vaults, access to them, and its revocation."""

from datetime import UTC, datetime

from emulator.backup.models import backup_backends, find_source
from emulator.backup.vaults import RestoreAccessVault
from emulator.mpa.models import find_team
from emulator.mpa.seeding import make_team
from emulator.mpa.sessions import Vote

_RETENTION = (7, 365)


def air_gap(account: str, region: str, name: str, *, team_arn: str = "") -> str:
    """Make an air-gapped vault and return its ARN.

    Args:
        account: that owns it.
        region: of the vault.
        name: of the vault.
        team_arn: of its team; the account's own team of the vault's name is made if none is given.
    """
    vault = backup_backends[account][region].air_gap(name, _RETENTION)
    vault.first_team = find_team(team_arn or make_team(account, f"{name}-guardians"))
    return str(vault.backup_vault_arn)


def ask_for_access(source_arn: str, recovery_account: str, name: str, *, at: datetime | None = None) -> str:
    """Let *recovery_account* ask for restore access, and return the ARN of its vault, which is CREATING.

    Args:
        source_arn: of the air-gapped vault.
        recovery_account: that asks.
        name: of its vault.
        at: when; now if absent.
    """
    asked_at = at or datetime.now(UTC)
    vault = backup_backends[recovery_account][_region(source_arn)].give_access(find_source(source_arn), name, asked_at)
    vault.creation.session.initiated_at = asked_at
    vault.creation_date = asked_at.timestamp()
    return str(vault.backup_vault_arn)


def give_access(source_arn: str, recovery_account: str, name: str, *, at: datetime | None = None) -> str:
    """Let *recovery_account* have restore access, asked for and approved at once, and return its vault's ARN."""
    given_at = at or datetime.now(UTC)
    arn = ask_for_access(source_arn, recovery_account, name, at=given_at)
    session = _access(source_arn, arn).creation.session
    session.votes = {approver: Vote("APPROVED", given_at) for approver in session.team.approvers}
    return arn


def ask_to_revoke(source_arn: str, access_arn: str, *, at: datetime | None = None) -> str:
    """Ask to revoke restore access, and return the session in which the team decides.

    Args:
        source_arn: of the air-gapped vault.
        access_arn: of the restore access vault.
        at: when; now if absent.
    """
    source, asked_at = find_source(source_arn), at or datetime.now(UTC)
    asked = backup_backends[source_arn.split(":")[4]][_region(source_arn)].revoke(source, access_arn, asked_at)
    asked.session.initiated_at = asked_at
    return asked.session.arn


def ask_for_team(source_arn: str, team_arn: str | None, *, at: datetime | None = None) -> str:
    """Ask to give a vault another team, or none, and return the session in which the present team decides."""
    source, asked_at = find_source(source_arn), at or datetime.now(UTC)
    backup_backends[source_arn.split(":")[4]][_region(source_arn)].change_team(source, team_arn, asked_at)
    session = source.updates[-1].request.session
    session.initiated_at = asked_at
    return session.arn


def session_of(source_arn: str, access_arn: str) -> str:
    """Return the session that decided, or decides, whether the restore access is given."""
    return _access(source_arn, access_arn).creation.session.arn


def _access(source_arn: str, access_arn: str) -> RestoreAccessVault:
    return find_source(source_arn).accesses[access_arn]


def _region(arn: str) -> str:
    return arn.split(":")[3]
