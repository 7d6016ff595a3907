"""One run of one automation over one target: what it finds, and what the ledger keeps of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from functions.shared.aws.calls import CallError, Calls, NotOfferedError
from functions.shared.aws.target import Target
from functions.shared.finding import UNREADABLE, Compliance, Finding, Severity, finding_id, printable
from functions.shared.ledger.ledger import Ledger
from functions.shared.ledger.records import Item, recorded_finding
from functions.shared.run.actions import Actions, RunContext
from functions.shared.run.isolation import Isolation


class CoverageStatus(StrEnum):
    """How much of a target a run could read."""

    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    UNREADABLE = "UNREADABLE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(slots=True)
class Sweep:
    """Collects what a run finds, and writes it to the ledger at the end.

    Attributes:
        context: what the run was given.
        standing: the findings that were open before, by id.
        findings: those of this run, by id.
        actions: made, planned and skipped ones.
        judged: how many things were judged without a finding, by compliance.
        measures: what else was counted, by the metric's name.
    """

    context: RunContext
    standing: Mapping[str, Item]
    actions: Actions
    findings: dict[str, Finding] = field(default_factory=dict)
    judged: dict[Compliance, int] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)
    _isolation: Isolation = field(default_factory=Isolation)
    _seen: set[str] = field(default_factory=set)
    _unread: set[str] = field(default_factory=set)
    _answered: bool = False
    _open_resources: frozenset[str] = field(init=False)
    _listed: bool = False
    _not_applicable: str = ""
    _resolutions: dict[str, str] = field(default_factory=dict)
    _remembered: Mapping[str, Any] | None = None
    _to_remember: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember which resources earlier findings are about: of the others nothing is kept."""
        self._open_resources = frozenset(item["resource"] for item in self.standing.values())

    @property
    def target(self) -> Target:
        """The account and Region to look at."""
        return self.context.target

    @property
    def now(self) -> datetime:
        """The time of the run."""
        return self.context.now

    def calls(self, service: str, region: str = "") -> Calls:
        """Return the caller of *service* in *region*; in the target's if none is given.

        Raises:
            CallError: the account's role may not be assumed.
        """
        return self.context.connect().calls(service, region or self.target.region)

    @property
    def remembered(self) -> Mapping[str, Any]:
        """What earlier sweeps of the target asked to be told of again.

        Raises:
            CallError: the ledger could not be read.
        """
        if self._remembered is None:
            self._remembered = self.context.memory.remembered(self.context.automation, self.target)
        return self._remembered

    def remember(self, **facts: Any) -> None:
        """Keep *facts*, in JSON's types, for later sweeps of the target; others that were kept before stay."""
        self._to_remember |= facts

    @contextmanager
    def isolated(self, resource: str) -> Iterator[None]:
        """Isolate work on *resource*: an error in it becomes an ``unreadable`` finding, and the run goes on."""
        with self._isolation.isolated(partial(self._unreadable, resource)):
            try:
                yield
            except Exception:
                self._unread.add(resource)
                raise

    def find(  # noqa: PLR0913  # a finding has so many members
        self,
        check: str,
        severity: Severity,
        resource: str,
        reason: str,
        *,
        occurrence: str,
        region: str = "",
        **evidence: object,
    ) -> None:
        """Report what does not comply; *region* is the one that it is about, if not the target's."""
        name, account, where = self.context.automation, self.target.account, region or self.target.region
        self._add(Finding(name, check, account, where, resource, occurrence, severity, reason, evidence))

    def keep_open(self, check: str, resource: str, occurrence: str, region: str = "") -> bool:
        """Leave a finding of an earlier run open as it stands; say whether there is one."""
        where = region or self.target.region
        item = self.standing.get(finding_id(self.target.account, where, resource, check, occurrence))
        if item is None:
            return False
        self._add(recorded_finding(item))
        return True

    def complies(self, compliance: Compliance = Compliance.COMPLIANT) -> None:
        """Count one thing that needs no finding."""
        self.judged[compliance] = self.judged.get(compliance, 0) + 1

    def mark_seen(self, resource: str) -> None:
        """Declare that all about *resource* was read: what stood open about it, and is not found again, has ended."""
        self._answered = True
        if resource in self._open_resources:
            self._seen.add(resource)

    def ended_because(self, resource: str, why: str) -> None:
        """Say how what stood open about *resource* came to its end, if this run sees it ended."""
        self._resolutions[resource] = why

    def has_seen(self, resource: str) -> bool:
        """Say whether *resource*, of an earlier finding, was read in this run."""
        return resource in self._seen

    def answered(self) -> None:
        """Declare that AWS could be asked, whatever it answered."""
        self._answered = True

    def listed_all(self, *, not_used: bool = False) -> None:
        """Declare that the listing was complete: what it did not hold is not there.

        Args:
            not_used: it was empty, and that means that the account does not use the service.
        """
        self._answered = self._listed = True
        self._not_applicable = "the service is not used" if not_used else ""

    def is_muted(self, finding: Finding) -> bool:
        """Say whether the configuration mutes *finding* at the time of the run."""
        return any(
            mute.resource == finding.resource and mute.check == finding.check and self.now <= mute.expires_at
            for mute in self.context.configuration.mutes
        )

    def finish(self) -> None:
        """Write to the ledger what changed, and that the target was swept.

        Raises:
            ExceptionGroup: of what could not be written.
        """
        context = self.context
        if context.ledger is not None and not context.dry_run:
            with self._isolation.isolated():
                findings = [(finding, self.is_muted(finding)) for finding in self.findings.values()]
                context.ledger.reconcile(
                    context.automation, context.target, findings, self.standing, self.ended(), context.now
                )
            if not context.selection.resources:
                with self._isolation.isolated():
                    self._keep_memory(context.ledger)
                with self._isolation.isolated():
                    context.ledger.heartbeat(context.automation, context.target, self.coverage(), context.now)
        self._isolation.close()

    def ended(self) -> dict[str, str]:
        """Return the ids of the open findings that this run saw to have ended, each with how, where that is known.

        What the run could not read, or not work on to its end, is not over.
        """
        return {
            name: self._resolutions.get(item["resource"], "")
            for name, item in self.standing.items()
            if name not in self.findings
            and item["resource"] not in self._unread
            and (self._listed or item["resource"] in self._seen)
        }

    def _keep_memory(self, ledger: Ledger) -> None:
        if self._to_remember and (facts := {**self.remembered, **self._to_remember}) != self.remembered:
            ledger.remember(self.context.automation, self.target, facts)

    def coverage(self) -> dict[str, str | int]:
        """Say how much of the target was read, and what was judged, in the form in which it is printed."""
        found = [finding.compliance for finding in self.findings.values()]
        status, detail = self._coverage_status()
        return {
            "account": self.target.account,
            "region": self.target.region,
            "automation": self.context.automation,
            "status": status,
            "detail": detail,
            "compliant": self.judged.get(Compliance.COMPLIANT, 0),
            "non_compliant": found.count(Compliance.NON_COMPLIANT),
            "insufficient_data": found.count(Compliance.INSUFFICIENT_DATA),
            "not_applicable": self.judged.get(Compliance.NOT_APPLICABLE, 0),
        }

    def _coverage_status(self) -> tuple[CoverageStatus, str]:
        causes = [finding.reason for finding in self.findings.values() if finding.check == UNREADABLE]
        if self._not_applicable and not causes:
            return CoverageStatus.NOT_APPLICABLE, self._not_applicable
        if not self._answered:
            return CoverageStatus.UNREADABLE, causes[0] if causes else "nothing was read"
        if causes:
            more = f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""
            return CoverageStatus.PARTIAL, f"{causes[0]}{more}"
        return CoverageStatus.COMPLETE, ""

    def _add(self, finding: Finding) -> None:
        self.findings[finding.finding_id] = finding

    def _unreadable(self, resource: str, error: Exception) -> None:
        if isinstance(error, NotOfferedError):
            self._not_applicable = error.message
            return
        context, target = self.context, self.target
        self._add(
            Finding(
                context.automation,
                UNREADABLE,
                target.account,
                target.region,
                resource,
                "",
                Severity.MEDIUM,
                _cause(error),
                compliance=Compliance.INSUFFICIENT_DATA,
            ),
        )


def run_sweep(context: RunContext, run: Callable[[Sweep], None]) -> Sweep:
    """Let *run* look at one target; what it found is written down by the sweep's `finish`.

    Raises:
        CallError: the ledger could not be read; nothing was looked at.
    """
    standing = context.memory.standing(context.automation, context.target)
    sweep = Sweep(context, standing, Actions(context))
    with sweep.isolated(f"arn:{context.target.partition}:iam::{context.target.account}:root"):
        run(sweep)
    return sweep


def _cause(error: Exception) -> str:
    """Say why something could not be read, in words that stay the same while the cause does."""
    match error:
        case CallError(answered=True):
            return f"{error.operation} was refused: {error.code}: {printable(error.message)}"
        case CallError():
            return f"{error.operation} was not answered: {error.code}"
        case _:
            return f"{type(error).__name__}: {printable(str(error))}"
