"""Runs the automations over the scope with the credentials of a command line, and composes the result."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from cli.command.options import Options
from cli.command.selection import check_selection
from cli.errors import UsageError
from cli.hubs.hub import CommandHub, check_listed, picked_accounts, warn_of_missing_ledger
from cli.run import left_out
from cli.run.credential_watch import CredentialWatch
from cli.run.result_of_sweeps import in_order, trend_since
from cli.run.resume import ResumeFile
from cli.terminal.notes import note
from cli.terminal.progress import RunProgress
from functions.catalog import AUTOMATIONS
from functions.compliance_run.account_sweeper import REGIONS_ACTION, AccountSweeper
from functions.compliance_run.decision import ACTIVE, ENABLED, Account, AccountTask, Job
from functions.compliance_run.scope import ResolvedScope, account_rows, resolve
from functions.compliance_run.sweeper import sweep_job
from functions.report.composition import SweepResult, Swept, compose
from functions.report.mutes import rows_of
from functions.report.result import MuteRow, Result, Row, RunHeader
from functions.shared.automation import Automation, Permission
from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.ledger.ledger import NoMemory
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.records import Item, timestamp
from functions.shared.run.events import Selection
from functions.shared.run.scope import UnsupportedScopeError

SWEEPS_AT_ONCE = 32
"""Sweeps wait for AWS most of the time, and AWS throttles by service, account and Region."""


@dataclass(slots=True)
class Runner:
    """Runs automations with the credentials of a command line.

    Attributes:
        hub: whose accounts are swept.
        options: what to run, and where.
        previous: the result of an earlier run to compare with.
        jobs: the only targets to look at, by automation; None for all in scope.
        is_repeated: a run of the same options came just before: what neither looks at was said.
    """

    hub: CommandHub
    options: Options
    previous: Result | None = None
    is_repeated: bool = False
    jobs: frozenset[Job] | None = None

    @contextmanager
    def run(self) -> Iterator[dict[str, Any]]:
        """Sweep everything that the options ask for; the document can be read within the block.

        What was not looked at is said on standard error, with the reason.

        Raises:
            UsageError: they ask for what is not in scope, or is switched off, or there is nothing to resume.
            UnknownCallerError: the credentials have died; the sweeps before are saved, to be resumed.
            KeyboardInterrupt: likewise.
        """
        automations = self.automations()
        check_selection(self.options, self.hub.settings, self.hub.account)
        header = self._header()
        scope = self._scope()
        left = [] if self.options.accounts or self.jobs is not None else scope.left(self._members())
        with ResumeFile.opened(self.hub, self.options, header) as saved:
            self.hub = replace(self.hub, account_names={each.account: each.name for each in scope.accounts})
            with RunProgress.shown(scope.accounts, self.hub.clients, quiet=self.options.quiet) as progress:
                looked_at = self._sweep(automations, scope, saved, progress)
            for reason in left_out.reasons(automations, scope, self.options.regions, looked_at):
                self._note(reason)
            lines = partial(saved.at, in_order(saved.journal, automations, scope))
            yield self._finished(saved.run, lines, [*scope.accounts, *left])

    def run_these(self, selections: Iterable[tuple[Automation, Selection]]) -> dict[str, Any]:
        """Run each automation over the targets of its selection, and return the result document.

        Raises:
            UsageError: the options ask for what is not in scope.
        """
        header = self._header()
        check_selection(self.options, self.hub.settings, self.hub.account)
        members, swept = self._members(), []
        for automation, selection in selections:
            jobs = (Job(automation.name, each.account, each.region) for each in self._targets(automation, selection))
            wanted = [job for job in jobs if self._is_wanted(job)]
            if not wanted:
                self._note(left_out.of_event(automation.name, selection))
            for job in wanted:
                clients = self.hub.clients_for(job.account, self._actions([automation]), self._changes([automation]))
                swept.append(sweep_job(self.hub, job, clients, selection))
        looked_at = {each.coverage["account"] for each in swept}
        accounts = [Account(number, item["name"]) for number, item in members.items() if number in looked_at]
        return self._finished(header, lambda: map(Swept.document, swept), accounts)

    def _note(self, reason: str) -> None:
        if not self.is_repeated:
            note(reason)

    def _targets(self, automation: Automation, selection: Selection) -> list[Target]:
        try:
            return [*self.hub.targets(automation.name, selection)]
        except UnsupportedScopeError as error:
            hint = "the ledger of a deployed hub has to list the event's account as one of the scope"
            raise UsageError(str(error), hint) from error

    def automations(self) -> list[Automation]:
        """Return the automations that are switched on, and of them those that the options name.

        Raises:
            UsageError: they name one that is off.
        """
        on = [a for a in AUTOMATIONS if self.hub.settings.section(a.name)["mode"] != "off"]
        wanted = self.options.automations or tuple(a.name for a in on)
        for name in wanted:
            if name not in {a.name for a in on}:
                enabled = f"enabled: {', '.join(a.name for a in on) or 'none'}"
                hint = f"{enabled}; set {name}.mode in {self.options.config}"
                raise UsageError(f"{name} is disabled", hint)
        within = {a.name for a in on} if self.jobs is None else {job.automation for job in self.jobs}
        return [a for a in on if a.name in wanted and a.name in within]

    def _sweep(
        self, automations: Iterable[Automation], scope: ResolvedScope, saved: ResumeFile, progress: RunProgress
    ) -> set[str]:
        """Sweep what was not swept before, and return the automations of which there is any coverage."""
        looked_at = {each.automation for each in saved.done}
        credentials = CredentialWatch(self.hub, self.options.profile)

        def record(swept: Swept) -> None:
            with saved.left_out_if_it_fails(swept):
                credentials.check(swept)
            saved.save(swept)
            progress.record(swept)
            looked_at.add(swept.coverage["automation"])

        for line in saved.journal.lines():
            progress.record(Swept(line["coverage"], line["findings"]))
        for row in self._not_sweepable(automations, scope):
            looked_at.add(row["automation"])
            if Job(row["automation"], row["account"], row["region"]) not in saved.done:
                saved.save(Swept(row))
        AccountSweeper(
            hub=self.hub,
            automations={each.name: each.target_region for each in automations},
            actions=self._actions(automations),
            changes=self._changes(automations),
            width=SWEEPS_AT_ONCE,
            on_sweep=record,
            on_account=progress.start,
            is_wanted=lambda job: self._is_wanted(job) and job not in saved.done,
        ).sweep(AccountTask(each.account, scope.regions) for each in scope.accounts if each.state == ACTIVE)
        return looked_at

    def _scope(self) -> ResolvedScope:
        """Resolve the scope, and narrow it to the accounts that the options name.

        Raises:
            UsageError: they name one that is not in it.
        """
        scope = resolve(self.hub.settings, self.hub.account, self.hub.clients)
        wanted = picked_accounts(self.options, self.hub.account)
        check_listed(wanted, scope)
        if self.jobs is not None:
            wanted = {job.account for job in self.jobs}
        accounts = tuple(each for each in scope.accounts if not wanted or each.account in wanted)
        return ResolvedScope(accounts, scope.regions, scope.unlisted)

    def _not_sweepable(self, automations: Iterable[Automation], scope: ResolvedScope) -> Iterator[Row]:
        regions = {each.name: each.target_region for each in automations}
        rows = scope.not_sweepable(regions, self.options.regions)
        return (row for row in rows if self._is_planned(Job(row["automation"], row["account"], row["region"])))

    def _is_wanted(self, job: Job) -> bool:
        accounts = picked_accounts(self.options, self.hub.account)
        is_picked = not accounts or job.account in accounts
        is_in_region = not self.options.regions or job.region in self.options.regions
        return is_picked and is_in_region and self._is_planned(job)

    def _is_planned(self, job: Job) -> bool:
        return self.jobs is None or job in self.jobs

    def _actions(self, automations: Iterable[Automation]) -> frozenset[str]:
        """Return what a session that reads may do."""
        regions = {REGIONS_ACTION} if self.hub.settings.scope["regions"] == ENABLED else set()
        return frozenset(regions).union(right.action for right in self._wanted(automations) if not right.changes)

    def _changes(self, automations: Iterable[Automation]) -> frozenset[str]:
        """Return what a session that changes something may do; nothing in a dry run."""
        return frozenset(right.action for right in self._wanted(automations) if right.changes)

    def _wanted(self, automations: Iterable[Automation]) -> Iterator[Permission]:
        for automation in automations:
            section = self.hub.settings.section(automation.name)
            wanted = (right for right in automation.permissions if right.is_wanted(section, dry_run=self.hub.dry_run))
            yield from wanted

    def _members(self) -> Mapping[str, Item]:
        """Return the accounts that the ledger lists as in scope, where AWS lists the scope."""
        if self.hub.ledger is None or "accounts" in self.hub.settings.scope:
            return {}
        try:
            return Membership(self.hub.ledger.table).members()
        except CallError as error:
            warn_of_missing_ledger(error)
            if self.hub.dry_run:
                self.hub = replace(self.hub, ledger=None, memory=NoMemory())
            return {}

    def _header(self) -> RunHeader:
        return {
            "id": uuid4().hex,
            "mode": "plan" if self.hub.dry_run else "apply",
            "started_at": timestamp(self.hub.now()),
            "finished_at": "",
            "config_hash": self.hub.settings.config_hash,
            "hub": self.hub.account,
        }

    def _finished(
        self, run: RunHeader, lines: Callable[[], Iterable[SweepResult]], accounts: Iterable[Account]
    ) -> dict[str, Any]:
        run["finished_at"] = timestamp(self.hub.now())
        trend = trend_since(self.previous, lines, self.hub) if self.previous else None
        return {**compose(run, lines, account_rows(accounts), self._mutes(), trend)}

    def _mutes(self) -> list[MuteRow]:
        """Return the mutes of the configuration and of the ledger; the sweeps have said where that cannot be read."""
        mutes: list[MuteRow] = [*self.hub.settings.document["mutes"]]
        with suppress(CallError):
            mutes += rows_of(self.hub.mutes())
        return mutes
