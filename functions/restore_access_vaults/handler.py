"""Watches restore access to air-gapped vaults: lists it, decides, and reports what stays open."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never

from functions.restore_access_vaults.decision import (
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
from functions.restore_access_vaults.effects import Approvals, Backup, Vault
from functions.restore_access_vaults.resolutions import SOURCE, Endings
from functions.shared.finding import Compliance, finding_id
from functions.shared.run.entrypoint import handle_event
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

RESOURCE = re.compile(
    r"(?i:sourceBackupVaultArn)=(arn:[^:\s]+:backup:[^:\s]*:\d{12}:backup-vault:[\w-]+)"
    r"|(?i:backupVaultName)=([a-zA-Z0-9_-]{2,50})",
)
"""Matches what names an air-gapped vault: its ARN where access is asked for, its name where it is to be revoked.

Not any ARN of a vault: an event also names the restore access vault by one.
"""

MPA_REGION = "us-east-1"
"""Where multi-party approval listens, wherever the vault is.

Source: https://docs.aws.amazon.com/general/latest/gr/mpa.html
"""


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Look at what *event* points at, or at everything in scope when the schedule asks for it."""
    return handle_event(event, context, "restore_access_vaults", run, RESOURCE)


def run(sweep: Sweep) -> None:
    """Look at every air-gapped vault of the target, or at those alone that woke the run."""
    target = sweep.target
    of_ours = f"arn:{target.partition}:backup:{target.region}:{target.account}:backup-vault:"
    policy = Policy.from_settings(sweep.context.settings)
    watch = _Watch(sweep, Backup(partial(sweep.calls, "backup")), policy, Endings(sweep))
    if not sweep.context.selection.resources:
        with sweep.isolated(f"{of_ours}*"):
            watch.watch_all(f"{of_ours}*")
        return
    for arn in _named(sweep.context.selection.resources, of_ours):
        if arn.startswith(of_ours):
            watch.watch_named(Vault(arn.removeprefix(of_ours), arn))
        else:
            sweep.complies(Compliance.NOT_APPLICABLE)  # the vault of another account, which its owner's sweep reads


def _named(resources: Iterable[str], of_ours: str) -> list[str]:
    """Return the ARNs of what an event names; beside a source vault's ARN a name is that of the new vault."""
    arns = [name for name in resources if name.startswith("arn:")]
    return sorted(arns or [f"{of_ours}{name}" for name in resources])


@dataclass(slots=True)
class _Watch:
    """Looks at the air-gapped vaults of one target, one after the other."""

    sweep: Sweep
    backup: Backup
    policy: Policy
    endings: Endings
    _whole: bool = True
    _seen: set[str] = field(default_factory=set)
    _approvals: Approvals | None = None

    def watch_all(self, everything: str) -> None:
        """Look at all vaults; only when all could be read is what was not seen not there."""
        named = True
        for vault in self.backup.air_gapped():
            named = named and bool(vault.arn)
            if vault.arn and vault.arn in self._seen:
                continue  # a list that changes while it is read can show a vault twice
            self._seen.add(vault.arn)
            with self._piece(vault.arn or everything):
                self._watch_listed(vault)
        self.sweep.answered()
        if named:
            self.endings.listed_sources(self._seen)
        if self._whole:
            self.sweep.listed_all(not_used=not self._seen)

    def watch_named(self, vault: Vault) -> None:
        """Look at one vault that an event names, if it is an air-gapped one of ours."""
        with self._piece(vault.arn):
            told = self.backup.describe(vault.name)
            self.sweep.answered()
            if told is None or not told.is_air_gapped:
                self.sweep.complies(Compliance.NOT_APPLICABLE)
                return
            with self._piece(vault.arn):
                self._judge_team(vault, told.team_update)
            self._watch_accesses(vault)

    def _watch_listed(self, vault: Vault) -> None:
        if vault.unclear:
            raise UnreadableError(vault.unclear)
        with self._piece(vault.arn):
            told = self.backup.describe(vault.name)
            if told is None:  # gone since it was listed: the next list says so
                self._whole = False
                return
            self._judge_team(vault, told.team_update)
        self._watch_accesses(vault)

    def _watch_accesses(self, vault: Vault) -> None:
        arns = set()
        for access in self.backup.accesses(vault.name):
            if access.arn and access.arn not in arns:
                with self.sweep.isolated(access.arn):
                    self._judge(vault, access)
            arns.add(access.arn)
        self.sweep.answered()
        if "" in arns:
            raise UnreadableError("AWS Backup listed a restore access vault without its ARN")
        self.endings.listed(vault.arn, arns)

    def _judge(self, vault: Vault, access: Access) -> None:
        self.endings.saw(access)
        verdicts = list(decide(access, self.policy, self.sweep.now))
        self._report(access.arn, verdicts, evidence_of(access) | {SOURCE: vault.arn})

    def _judge_team(self, vault: Vault, update: Request | None) -> None:
        self.endings.saw_team(vault.arn, update)
        verdict = decide_team(update)
        self._report(vault.arn, [verdict] if verdict else [], {})

    def _report(self, arn: str, verdicts: list[Verdict], known: dict[str, Any]) -> None:
        """Report all troubles, and then what allows no verdict."""
        unclear = []
        for verdict in verdicts:
            match verdict:
                case Unclear(reason):
                    unclear.append(reason)
                case Trouble(check, severity, reason):
                    told = known | verdict.evidence() | self._session(arn, verdict)
                    self.sweep.find(check, severity, arn, reason, occurrence=verdict.occurrence, **told)
                case _:
                    assert_never(verdict)
        if unclear:
            raise UnreadableError("; ".join(unclear))
        if not verdicts:
            self.sweep.complies()

    def _session(self, arn: str, trouble: Trouble) -> dict[str, Any]:
        """Return what the team's session tells; what it told before, where it cannot be read."""
        asked = trouble.request.session_arn if trouble.request else ""
        if not asked or self.sweep.target.partition != "aws":
            return {}
        if self._approvals is None:
            self._approvals = Approvals(self.sweep.calls("mpa", MPA_REGION))
        told = self._approvals.session(asked) or self._told_before(arn, trouble, asked)
        return {"session": told} if told else {}

    def _told_before(self, arn: str, trouble: Trouble, session_arn: str) -> dict[str, Any]:
        target = self.sweep.target
        name = finding_id(target.account, target.region, arn, trouble.check, trouble.occurrence)
        before = self.sweep.standing.get(name, {}).get("evidence", {})
        told: dict[str, Any] = before.get("session", {}) if before.get("MpaSessionArn") == session_arn else {}
        return told

    @contextmanager
    def _piece(self, resource: str) -> Iterator[None]:
        """Isolate work without which not everything was read."""
        with self.sweep.isolated(resource):
            try:
                yield
            except Exception:
                self._whole = False
                raise
