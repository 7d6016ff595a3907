"""The scenario of the air-gapped vault: one revocation is almost too late, another is approved and fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cli.demo.account import EmulatedAccount
from cli.demo.scenario import ACCOUNT, Expectation, ScenarioStep
from emulator.backup.seeding import air_gap, ask_to_revoke, give_access
from emulator.mpa import faults

_REGION = "eu-west-1"
_VAULT = "prod-airgap"
_FORENSICS, _AUDIT = "444444444444", "555555555555"


def steps(account: EmulatedAccount) -> Iterator[ScenarioStep]:
    """Yield what happens."""
    yield ScenarioStep(
        timedelta(),
        f"two accounts may restore from the air-gapped vault {_VAULT} since last week; "
        "20 hours ago somebody asked to revoke the access of forensics, and no approver has answered",
        _begin,
    )
    yield ScenarioStep(
        timedelta(hours=1),
        "somebody asks to revoke the access of audit too",
        lambda _: _ask_to_revoke(account, "audit"),
    )
    yield ScenarioStep(
        timedelta(hours=2),
        "the approvers have read the mail about forensics: they approve, and its access is revoked",
        lambda _: faults.approve(_session(account, "forensics")),
    )
    yield ScenarioStep(
        timedelta(hours=4),
        "the approvers approve for audit; AWS does it with the requester's rights, and fails",
        lambda _: faults.fail_execution(_session(account, "audit")),
    )
    yield ScenarioStep(
        timedelta(hours=6),
        "a person who has the right asks to revoke the access of audit again",
        lambda _: _ask_to_revoke(account, "audit"),
    )
    yield ScenarioStep(
        timedelta(hours=8),
        "the approvers approve once more: nobody can restore from the vault now",
        lambda _: faults.approve(_session(account, "audit")),
    )


def expectations(account: EmulatedAccount) -> Iterator[Expectation]:
    """Count the results in the emulated AWS and in the ledger."""
    notified = partial(account.notifications, "revoke-deadline")
    yield Expectation("accounts can still restore from the air-gapped vault", len(_accesses(account)), 0)
    yield Expectation("alert before the deadline of a revocation", notified("alert"), 1)
    yield Expectation("notice that access was revoked in time", notified("ended"), 1)
    yield Expectation(
        "alert that a revocation failed, and access is open", account.notifications("revoke-failed", "alert"), 1
    )
    yield Expectation("notice that somebody asked again", account.notifications("revoke-failed", "ended"), 1)


def _begin(now: datetime) -> None:
    source = air_gap(ACCOUNT, _REGION, _VAULT)
    last_week = now - timedelta(days=7)
    forensics = give_access(source, _FORENSICS, "forensics", at=last_week)
    give_access(source, _AUDIT, "audit", at=last_week)
    ask_to_revoke(source, forensics, at=now - timedelta(hours=20))


def _accesses(account: EmulatedAccount) -> list[dict[str, Any]]:
    answer = account.call("backup", _REGION, "ListRestoreAccessBackupVaults", BackupVaultName=_VAULT)
    return list(answer["RestoreAccessBackupVaults"])


def _access(account: EmulatedAccount, name: str) -> dict[str, Any]:
    return next(access for access in _accesses(account) if access["RestoreAccessBackupVaultArn"].endswith(f":{name}"))


def _ask_to_revoke(account: EmulatedAccount, name: str) -> None:
    arn = _access(account, name)["RestoreAccessBackupVaultArn"]
    named = {"BackupVaultName": _VAULT, "RestoreAccessBackupVaultArn": arn}
    account.call("backup", _REGION, "RevokeRestoreAccessBackupVault", **named)


def _session(account: EmulatedAccount, name: str) -> str:
    return str(_access(account, name)["LatestRevokeRequest"]["MpaSessionArn"])
