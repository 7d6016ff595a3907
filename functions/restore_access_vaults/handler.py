"""Watches restore access to air-gapped vaults: lists it, decides, and reports what stays open."""

from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never

from functions.restore_access_vaults.decision import (
    ACCOUNT_NOT_ALLOWED,
    REVOKE_DEADLINE,
    Access,
    Policy,
    Request,
    Trouble,
    Unclear,
    Verdict,
    decide,
    decide_team,
    evidence_of,
)
from functions.restore_access_vaults.effects import Approvals, AwsBackup, Vault
from functions.restore_access_vaults.manifest import AUTOMATION, LIST_ACCESSES, SHOW_SESSION
from functions.restore_access_vaults.resolutions import SOURCE, VAULT, Resolutions
from functions.shared.finding import Compliance
from functions.shared.run.entrypoint import entry_point
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.listing import Listing
from functions.shared.run.sweep import Sweep

MPA_REGION = "us-east-1"
"""Where multi-party approval listens, wherever the vault is.

Source: https://docs.aws.amazon.com/general/latest/gr/mpa.html
"""


def run(sweep: Sweep) -> None:
    """Look at every air-gapped vault of the target, or at those alone that woke the run."""
    target = sweep.target
    of_ours = f"arn:{target.partition}:backup:{target.region}:{target.account}:backup-vault:"
    policy = Policy.from_settings(sweep.context.settings)
    audit = _VaultAudit(sweep, AwsBackup(partial(sweep.calls, "backup")), policy, Resolutions(sweep))
    named = sweep.context.selection.resources
    for name in sorted(named):
        arn = name if name.startswith("arn:") else f"{of_ours}{name}"
        if arn.startswith(of_ours):
            audit.audit_named(Vault(arn.removeprefix(of_ours), arn))
        else:
            sweep.not_ours()
    if not named or sweep.refused:
        audit.audit_all(f"{of_ours}*")


@dataclass(slots=True)
class _VaultAudit:
    """Looks at the air-gapped vaults of one target, one after the other."""

    sweep: Sweep
    backup: AwsBackup
    policy: Policy
    resolutions: Resolutions
    _approvals: Approvals | None = None

    def audit_all(self, everything: str) -> None:
        """Audit all vaults; only when all could be read is a vault that was not listed not there."""
        seen: set[str] = set()
        with self.sweep.listing(everything) as listing:
            for vault in self.backup.air_gapped(self.resolutions.sources()):
                if vault.arn and vault.arn in seen:
                    continue  # a list that changes while it is read can show a vault twice
                seen.add(vault.arn)
                with listing.item(vault.arn, holds_more=True):
                    self._audit_listed(vault, listing)
        if listing.is_listed:
            self.sweep.all_are_listed()
            self.resolutions.listed_sources(seen)
        if listing.is_complete:
            self.sweep.listed_all(not_used=not seen)

    def audit_named(self, vault: Vault) -> None:
        """Look at one vault that an event names, if it is an air-gapped one of ours."""
        with self.sweep.selected(vault.arn):
            details = self.backup.describe(vault.name)
            self.sweep.answered()
            if details is None or not details.is_air_gapped:
                self.sweep.complies(Compliance.NOT_APPLICABLE)
                return
            with self.sweep.isolated(vault.arn):
                self._judge_team(vault, details.team_update)
            self._audit_accesses(vault)

    def _audit_listed(self, vault: Vault, listing: Listing) -> None:
        if vault.unclear:
            raise UnreadableError(vault.unclear)
        with listing.part(vault.arn):
            details = self.backup.describe(vault.name)
            if details is None:  # gone since it was listed: the next list says so
                listing.miss()
                return
            self._judge_team(vault, details.team_update)
        self._audit_accesses(vault)

    def _audit_accesses(self, vault: Vault) -> None:
        arns = set()
        for access in self.backup.accesses(vault.name):
            if access.arn and access.arn not in arns:
                with self.sweep.isolated(access.arn):
                    self._judge(vault, access)
            arns.add(access.arn)
        self.sweep.answered()
        if "" in arns:
            raise UnreadableError("AWS Backup listed a restore access vault without its ARN")
        self.resolutions.listed(vault.arn, arns)

    def _judge(self, vault: Vault, access: Access) -> None:
        access = self.resolutions.identified(access)
        self.resolutions.note_access(access)
        verdicts = list(decide(access, self.policy, self.sweep.now))
        known = evidence_of(access) | {SOURCE: vault.arn, VAULT: vault.name}
        self._report(access.arn, access.name, verdicts, known)

    def _judge_team(self, vault: Vault, update: Request | None) -> None:
        self.resolutions.note_team(vault.arn, update)
        verdict = decide_team(vault.name, update)
        self._report(vault.arn, vault.name, [verdict] if verdict else [], {VAULT: vault.name})

    def _report(self, arn: str, name: str, verdicts: list[Verdict], known: dict[str, Any]) -> None:
        """Report all troubles, and then what allows no verdict."""
        unclear = []
        for verdict in verdicts:
            match verdict:
                case Unclear(reason):
                    unclear.append(reason)
                case Trouble():
                    self._find(arn, name, verdict, known | verdict.evidence() | self._session(arn, verdict))
                case _:
                    assert_never(verdict)
        if unclear:
            raise UnreadableError("; ".join(unclear))
        if not verdicts:
            self.sweep.complies()

    def _find(self, arn: str, name: str, trouble: Trouble, details: dict[str, Any]) -> None:
        self.sweep.find(
            trouble.check,
            arn,
            trouble.reason,
            occurrence=trouble.occurrence,
            severity=trouble.severity,
            name=name,
            began_at=trouble.began_at,
            deadline_at=trouble.deadline_at,
            command=_command(trouble, details),
            **details,
        )

    def _session(self, arn: str, trouble: Trouble) -> dict[str, Any]:
        """Return what the team's session shows; what it showed before, where it cannot be read."""
        asked = trouble.request.session_arn if trouble.request else ""
        if not asked or self.sweep.target.partition != "aws":
            return {}
        if self._approvals is None:
            self._approvals = Approvals(self.sweep.calls("mpa", MPA_REGION))
        details = self._approvals.session(asked) or self._details_before(arn, trouble, asked)
        return {"session": details} if details else {}

    def _details_before(self, arn: str, trouble: Trouble, session_arn: str) -> dict[str, Any]:
        before = (self.sweep.found_before(trouble.check, arn, trouble.occurrence) or {}).get("evidence", {})
        details: dict[str, Any] = before.get("session", {}) if before.get("MpaSessionArn") == session_arn else {}
        return details


def _command(trouble: Trouble, details: dict[str, Any]) -> str:
    """Return the command that serves where the one of the check does not; empty where that one does."""
    if trouble.check == REVOKE_DEADLINE and "session" in details:
        return SHOW_SESSION
    is_not_open_yet = trouble.check == ACCOUNT_NOT_ALLOWED and details.get("VaultState") == "CREATING"
    return LIST_ACCESSES if is_not_open_yet else ""


lambda_handler = entry_point(AUTOMATION, run)
