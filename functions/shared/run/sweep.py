"""One run of one automation over one target: what it finds, and what the ledger keeps of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from functions.shared.automation import ACCOUNT_UNREADABLE, UNREADABLE, Automation
from functions.shared.aws.calls import CallError, Calls, NotOfferedError, RefusedError
from functions.shared.aws.clients import Clients
from functions.shared.aws.target import Target
from functions.shared.finding import Compliance, Ending, Finding, Severity, finding_id
from functions.shared.ledger.ledger import Ledger, SweepOutcome
from functions.shared.ledger.records import Item, recorded_finding
from functions.shared.mutes import Mute, muted_until
from functions.shared.run.actions import Actions
from functions.shared.run.context import RunContext
from functions.shared.run.coverage import Reading, cause_of, coverage_of
from functions.shared.run.isolation import Isolation, UnrecordedError
from functions.shared.run.listing import Listing
from functions.shared.run.remediation import described
from functions.shared.run.unreadable import next_step_after

_ENTER = "AssumeRole"
"""The call without which nothing in another account can be read."""


@dataclass(slots=True)
class Sweep:
    """Collects what a run finds, and writes it to the ledger at the end.

    Attributes:
        context: what the run was given.
        open_before: the findings that were open before the run, by id.
        actions: made, planned and skipped ones.
        findings: those of this run, by id.
        judged: how many things were judged without a finding, by compliance.
        measures: what else was counted, by the metric's name.
        refused: what an event names and AWS refused to show; what a list shows of it is not among it any more.
    """

    context: RunContext
    open_before: Mapping[str, Item]
    actions: Actions
    findings: dict[str, Finding] = field(default_factory=dict)
    judged: dict[Compliance, int] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    _isolation: Isolation = field(default_factory=Isolation)
    _read: Reading = Reading.NOTHING
    _not_applicable: str = ""
    _seen: set[str] = field(default_factory=set)
    _unread: set[str] = field(default_factory=set)
    _listed: set[str] = field(default_factory=set)
    _open_resources: frozenset[str] = field(init=False)
    _resolutions: dict[str, Ending] = field(default_factory=dict)
    _mutes: tuple[Mute, ...] | None = None
    _remembered: Mapping[str, Any] | None = None
    _to_remember: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note which resources earlier findings and actions are about: of other resources nothing is kept."""
        about = (item["resource"] for item in self.open_before.values())
        self._open_resources = frozenset([*about, *(item["resource"] for item in self.actions.unfinished())])

    @property
    def target(self) -> Target:
        """The account and Region to look at."""
        return self.context.target

    @property
    def now(self) -> datetime:
        """The time of the run."""
        return self.context.now

    @property
    def errors(self) -> list[Exception]:
        """What could not be recorded."""
        return self._isolation.errors

    def calls(self, service: str, region: str = "") -> Calls:
        """Return the caller of *service* in *region*; in the target's if none is given.

        Raises:
            CallError: the account's role may not be assumed.
        """
        return self.context.clients().calls(service, region or self.target.region)

    @property
    def remembered(self) -> Mapping[str, Any]:
        """What earlier sweeps of the target wrote down with `remember`.

        Raises:
            UnrecordedError: the ledger could not be read: no word about AWS, and another attempt may mend it.
        """
        if self._remembered is None:
            try:
                self._remembered = self.context.memory.remembered(self.context.automation, self.target)
            except CallError as error:
                raise UnrecordedError(str(error)) from error
        return self._remembered

    def remember(self, **facts: Any) -> None:
        """Keep *facts*, in JSON's types, for later sweeps of the target; others that were kept before stay."""
        self._to_remember |= facts

    @contextmanager
    def isolated(self, resource: str) -> Iterator[None]:
        """Isolate work on *resource*: an error in it becomes an ``unreadable`` finding, and the run goes on."""
        self.refused.discard(resource)
        with self._isolation.isolated(partial(self._unreadable, resource)):
            try:
                yield
            except NotOfferedError:
                raise  # there is nothing to be read
            except Exception:
                self._unread.add(resource)
                raise

    @contextmanager
    def selected(self, resource: str) -> Iterator[None]:
        """Isolate work on *resource*, which an event names: where AWS refuses it, nobody knows whose it is.

        Whoever makes a call fail somewhere can let an event name anything. So a refusal is no finding here: the run
        looks for what was `refused` in the list of all that is ours. What is there is ``unreadable`` if AWS refuses it
        again; what a complete list does not show is not applicable.
        """
        with self.isolated(resource):
            try:
                yield
            except RefusedError:
                self.refused.add(resource)

    @contextmanager
    def listing(self, everything: str) -> Iterator[Listing]:
        """Read a list in the block, isolated as work on *everything*, which is the ARN of all that is listed."""
        listing = Listing(everything, self.isolated)
        with self.isolated(everything):
            yield listing
            self.answered()
            listing.end()
            if listing.is_listed and not self.context.selection.resources:
                self._listed.add(everything)

    def listed_all(self, *, not_used: bool = False) -> None:
        """Declare that complete lists showed all there is in the target: what they did not show is not there.

        Args:
            not_used: they were empty, and that means that the account does not use the service.
        """
        self._read = Reading.EVERYTHING
        self._not_applicable = "the service is not used" if not_used else ""
        self.all_are_listed()

    def all_are_listed(self) -> None:
        """Declare that a whole list named all there is: what was `refused` and is not in it is not applicable."""
        for _ in self.refused:
            self.complies(Compliance.NOT_APPLICABLE)
        self.refused.clear()

    def answered(self) -> None:
        """Declare that AWS could be asked, whatever it answered."""
        self._read = max(self._read, Reading.SOMETHING)

    def mark_seen(self, resource: str) -> None:
        """Declare that all about *resource* was read: what was open about it, and is not found again, has ended."""
        self.answered()
        if resource in self._open_resources:
            self._seen.add(resource)

    def has_seen(self, resource: str) -> bool:
        """Say whether *resource*, of an earlier finding, was read in this run."""
        return resource in self._seen

    def find(  # noqa: PLR0913  # a finding has so many members
        self,
        check: str,
        resource: str,
        reason: str,
        *,
        occurrence: str,
        region: str = "",
        severity: Severity | None = None,
        name: str = "",
        began_at: datetime | None = None,
        deadline_at: datetime | None = None,
        command: str = "",
        **evidence: object,
    ) -> None:
        """Report what does not comply.

        Args:
            check: id of one of the manifest's checks.
            resource: ARN of the thing judged.
            reason: one sentence that a person on call can act on.
            occurrence: distinguishes one trouble of a resource from the next one.
            region: the Region that it is about, if not the target's.
            severity: where it is lower than that of the check.
            name: what people call the thing; the end of its ARN if it is not given.
            began_at: since when it is so, where AWS says.
            deadline_at: when it becomes worse by itself.
            command: the template of the command that serves here, if it is another than that of the check.
            evidence: AWS's own members that a person needs.
        """
        judged = self.context.manifest.check(check)
        finding = Finding(
            automation=self.context.automation,
            check=check,
            account=self.target.account,
            region=region or self.target.region,
            resource=resource,
            occurrence=occurrence,
            severity=severity or Severity(judged.severity),
            reason=reason,
            evidence=evidence,
            resource_name=name,
            began_at=began_at,
            deadline_at=deadline_at,
        )
        self._add(described(finding, replace(judged, command=command or judged.command), self.context))

    def keep_open(self, check: str, resource: str, occurrence: str, region: str = "") -> bool:
        """Leave a finding of an earlier run open as it is; say whether there is one."""
        item = self.found_before(check, resource, occurrence, region)
        if item is None:
            return False
        self._add(recorded_finding(item))
        return True

    def found_before(self, check: str, resource: str, occurrence: str, region: str = "") -> Item | None:
        """Return the record of a finding that was open before the run; None if it was not."""
        where = region or self.target.region
        return self.open_before.get(finding_id(self.target.account, where, resource, check, occurrence))

    def complies(self, compliance: Compliance = Compliance.COMPLIANT) -> None:
        """Count one thing that needs no finding."""
        self.judged[compliance] = self.judged.get(compliance, 0) + 1

    def not_ours(self) -> None:
        """Count something that an event names and that is of another account or Region: AWS is not asked about it."""
        self.complies(Compliance.NOT_APPLICABLE)

    def ended_because(self, what: str, why: str, *, lapsed: bool = False) -> None:
        """Say how something came to its end, if this run sees that it ended.

        Args:
            what: the id of a finding, or the ARN of a resource: then of all that was open about it.
            why: in a few words, which say how things stand now.
            lapsed: a deadline passed, and the trouble got worse.
        """
        self._resolutions[what] = Ending(why, lapsed)

    def is_muted(self, finding: Finding) -> bool:
        """Say whether *finding* is muted at the time of the run."""
        return muted_until(self._known_mutes(), finding.resource, finding.check, finding.account, self.now) is not None

    def _known_mutes(self) -> tuple[Mute, ...]:
        if self._mutes is None:
            self._mutes = self.context.configuration.mutes
            with self._isolation.isolated():
                self._mutes += self.context.mutes()
        return self._mutes

    def finish(self) -> None:
        """Write to the ledger what changed, and that the target was swept; `errors` has what could not be written."""
        context = self.context
        if context.ledger is None or context.dry_run:
            return
        with self._isolation.isolated():
            findings = [(finding, self.is_muted(finding)) for finding in self.findings.values()]
            outcome = SweepOutcome(findings, self.open_before, self.ended())
            context.ledger.reconcile(context.automation, context.target, outcome, context.now)
        with self._isolation.isolated():
            self.actions.end_without_effect(self._why_without_effect)
        if not context.selection.resources:
            with self._isolation.isolated():
                self._keep_memory(context.ledger)
            with self._isolation.isolated():
                context.ledger.heartbeat(context.automation, context.target, self.coverage(), context.now)

    def close(self) -> None:
        """Raise what could not be recorded, so that Lambda tries again and then sets the event aside.

        Raises:
            ExceptionGroup: of all those errors.
        """
        self._isolation.close()

    def ended(self) -> dict[str, Ending]:
        """Return the ids of the open findings that this run saw to have ended, each with how.

        What the run could not read, or not work on to its end, is not over.
        """
        return {
            name: self._resolutions.get(name) or self._resolutions.get(item["resource"]) or _usual_end(item)
            for name, item in self.open_before.items()
            if name not in self.findings and item["resource"] not in self._unread and self._is_over(item)
        }

    def _is_over(self, item: Item) -> bool:
        """Say whether the run has read all that an open finding is about: of what was unreadable, that it is not."""
        check, resource = item["check"], item["resource"]
        if self._read is Reading.EVERYTHING or resource in self._seen:
            return True
        if check == ACCOUNT_UNREADABLE.id:
            return self._read is Reading.SOMETHING
        return check == UNREADABLE.id and (bool(self._not_applicable) or resource in self._listed)

    def _why_without_effect(self, resource: str) -> str:
        """Say why a change of *resource* that nobody confirmed has no effect; nothing if it was not read."""
        if resource in self._unread:
            return ""
        if resource in self._seen:
            return "AWS shows no effect of it"
        return "what it was about is not there any more" if self._read is Reading.EVERYTHING else ""

    def _keep_memory(self, ledger: Ledger) -> None:
        if self._to_remember and (facts := {**self.remembered, **self._to_remember}) != self.remembered:
            ledger.remember(self.context.automation, self.target, facts)

    def coverage(self) -> dict[str, str | int]:
        """Say how much of the target was read, and what was judged, in the form in which it is printed."""
        found = [finding.compliance for finding in self.findings.values()]
        unread = Compliance.INSUFFICIENT_DATA
        causes = [finding.reason for finding in self.findings.values() if finding.compliance is unread]
        status, detail = coverage_of(self._read, causes, self._not_applicable, was_judged=bool(self.judged))
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

    def _add(self, finding: Finding) -> None:
        self.findings[finding.finding_id] = finding

    def _unreadable(self, resource: str, error: Exception) -> None:
        if isinstance(error, NotOfferedError):
            self._not_applicable = error.message
            return
        target = self.target
        check = UNREADABLE
        if isinstance(error, CallError) and error.answered and error.operation == _ENTER:
            check, resource = ACCOUNT_UNREADABLE, target.root_arn  # whatever was to be read first
        finding = Finding(
            automation=self.context.automation,
            check=check.id,
            account=target.account,
            region=target.region,
            resource=resource,
            occurrence="",
            severity=Severity(check.severity),
            reason=cause_of(error),
            evidence={"operation": error.operation, "error": error.code} if isinstance(error, CallError) else {},
            compliance=Compliance.INSUFFICIENT_DATA,
        )
        advised = replace(check, next_step=next_step_after(error)) if check is UNREADABLE else check
        self._add(described(finding, advised, self.context))


@dataclass(frozen=True, slots=True)
class Run:
    """What sweeps a target.

    Attributes:
        manifest: the automation's.
        function: looks at the target of the sweep that it is given; the automation's own ``run``, or a part of it.
        clients: returns the clients of the target's account, as `Hub.clients_for` does.
    """

    manifest: Automation
    function: Callable[[Sweep], None]
    clients: Callable[[], Clients]

    def over(self, context: RunContext) -> Sweep:
        """Look at the target of *context*; the sweep's `finish` writes down what was found.

        Raises:
            CallError: the ledger could not be read; nothing was looked at.
        """
        return run_sweep(context, self.function)


def run_sweep(context: RunContext, run: Callable[[Sweep], None]) -> Sweep:
    """Let *run* look at one target; the sweep's `finish` writes down what it found.

    Raises:
        CallError: the ledger could not be read; nothing was looked at.
    """
    open_before = context.memory.open_findings(context.automation, context.target)
    sweep = Sweep(context, open_before, Actions.of(context))
    with sweep.isolated(context.target.root_arn):
        run(sweep)
    return sweep


def _usual_end(item: Item) -> Ending:
    """Say how a finding ended of which nothing else is known: a whole reading does not show it any more."""
    of_reading = {UNREADABLE.id: "it can be read again", ACCOUNT_UNREADABLE.id: "the account can be read again"}
    return Ending(of_reading.get(item["check"], "healed: AWS does not show it any more"))
