"""Runs the automations over the scope from here, and puts what they found into one document."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import uuid4

from cli.command.options import Options
from cli.command.selection import check_selection
from cli.errors import UsageError
from cli.hubs.hub import warn_of_missing_ledger
from cli.run.progress import Progress
from cli.run.result_of_sweeps import Document, ResultOfSweeps, in_order
from cli.run.resume import Interruption
from functions.catalog import AUTOMATIONS
from functions.compliance_run.account_sweeper import REGIONS_ACTION, AccountSweeper
from functions.compliance_run.composition import Line
from functions.compliance_run.decision import ACTIVE, ENABLED, Account, Job, Task, closed_accounts
from functions.compliance_run.scope import Scope, resolve
from functions.compliance_run.sweeper import Row, Swept, sweep_job
from functions.report.result import Result, Run
from functions.shared.automation import Automation
from functions.shared.aws.calls import CallError
from functions.shared.aws.target import Target
from functions.shared.ledger.ledger import NoMemory
from functions.shared.ledger.membership import Membership
from functions.shared.ledger.records import Item, timestamp
from functions.shared.run.events import Selection
from functions.shared.run.hub import Hub
from functions.shared.run.scope import UnsupportedScopeError

SWEEPS_AT_ONCE = 32
"""They wait for AWS most of the time, and AWS counts its throttles by service, account and Region."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware."""


@dataclass(slots=True)
class Runner:
    """Runs automations with the credentials of a command line.

    Attributes:
        house: the hub.
        clock: AWS's.
        options: what to run, and where.
        previous: the result of an earlier run to compare with.
    """

    hub: Hub
    clock: Clock
    options: Options
    previous: Result | None = None

    @contextmanager
    def run(self) -> Iterator[Document]:
        """Sweep everything that the options ask for; the document can be read for the time of the block.

        Raises:
            UsageError: they ask for what is not in scope, or is switched off, or there is nothing to resume.
            KeyboardInterrupt: with what was seen so far kept, to be resumed.
        """
        automations = self.automations()
        check_selection(self.options, self.hub.settings, self.hub.account)
        header = self._header()
        scope = self._scope()
        left = [] if self.options.accounts else scope.left(self._members())
        with Interruption.of(self.hub, self.options) as interruption:
            with self._progress(scope) as progress:
                self._sweep(automations, scope, interruption, progress)
            journal = interruption.journal
            lines = partial(journal.at, in_order(journal, automations, scope))
            yield self._finished(header, lines, [*scope.accounts, *left])

    def run_these(self, selections: Iterable[tuple[Automation, Selection]]) -> Document:
        """Run each automation over the targets that its wake asks for, and return the result document.

        Raises:
            UsageError: the options ask for what is not in scope.
        """
        header = self._header()
        check_selection(self.options, self.hub.settings, self.hub.account)
        members, swept = self._members(), []
        for automation, selection in selections:
            for target in self._targets(automation, selection):
                job = Job(automation.name, target.account, target.region)
                if self._is_wanted(job):
                    clients = self.hub.clients_for(target.account, self._actions([automation]))
                    swept.append(sweep_job(self.hub, job, clients, selection))
        looked_at = {each.coverage["account"] for each in swept}
        accounts = [Account(number, item["name"]) for number, item in members.items() if number in looked_at]
        return self._finished(header, lambda: map(Swept.document, swept), accounts)

    def _targets(self, automation: Automation, selection: Selection) -> list[Target]:
        try:
            return [*self.hub.targets(automation.name, selection)]
        except UnsupportedScopeError as error:
            hint = "an event's account must be known to the ledger as one of the scope: apply to a deployed hub's"
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
                raise UsageError(f"{name} is off", f"set {name}.mode to plan or apply in {self.options.config}")
        return [a for a in on if a.name in wanted]

    def _sweep(
        self, automations: Iterable[Automation], scope: Scope, interruption: Interruption, progress: Progress
    ) -> None:
        def told(swept: Swept) -> None:
            interruption.keep(swept)
            progress.told(swept)

        for line in interruption.journal.lines():
            progress.told(Swept(line["coverage"], line["findings"]))
        for row in [*scope.unlisted_rows(), *self._closed(automations, scope)]:
            if Job(row["automation"], row["account"], row["region"]) not in interruption.done:
                interruption.keep(Swept(row))
        AccountSweeper(
            hub=self.hub,
            automations={each.name: each.target_region for each in automations},
            actions=self._actions(automations),
            width=SWEEPS_AT_ONCE,
            told=told,
            begun=progress.began,
            is_wanted=lambda job: self._is_wanted(job) and job not in interruption.done,
        ).sweep(Task(each.account, scope.regions) for each in scope.accounts if each.state == ACTIVE)

    def _scope(self) -> Scope:
        """Resolve the scope, and narrow it to the accounts that the options name.

        Raises:
            UsageError: they name one that is not in it.
        """
        scope = resolve(self.hub.settings, self.hub.account, self.hub.clients)
        wanted = {self.hub.account if name == "self" else name for name in self.options.accounts}
        found = {each.account for each in scope.accounts}
        if not scope.unlisted and (strangers := sorted(wanted - found)):
            raise UsageError(f"account {strangers[0]} is not in the scope", "the organization does not name it there")
        accounts = tuple(each for each in scope.accounts if not wanted or each.account in wanted)
        return Scope(accounts, scope.regions, scope.unlisted)

    def _closed(self, automations: Iterable[Automation], scope: Scope) -> Iterator[Row]:
        regions = {each.name: each.target_region for each in automations}
        return closed_accounts(scope.accounts, self.options.regions or scope.regions, regions)

    def _is_wanted(self, job: Job) -> bool:
        accounts = {self.hub.account if name == "self" else name for name in self.options.accounts}
        is_there = not accounts or job.account in accounts
        return is_there and (not self.options.regions or job.region in self.options.regions)

    def _actions(self, automations: Iterable[Automation]) -> frozenset[str]:
        settings, dry_run = self.hub.settings, self.hub.dry_run
        regions = {REGIONS_ACTION} if settings.scope["regions"] == ENABLED else set()
        return frozenset(regions).union(
            right.action
            for automation in automations
            for right in automation.permissions
            if right.is_wanted(settings.section(automation.name), dry_run=dry_run)
        )

    def _progress(self, scope: Scope) -> AbstractContextManager[Progress]:
        return Progress.shown(self.options, scope.accounts, self.hub.clients)

    def _members(self) -> Mapping[str, Item]:
        """Return the accounts that the ledger has written down as in scope, where AWS lists the scope."""
        if self.hub.ledger is None or "accounts" in self.hub.settings.scope:
            return {}
        try:
            return Membership(self.hub.ledger.table).members()
        except CallError as error:
            warn_of_missing_ledger(error)
            if self.hub.dry_run:
                self.hub = replace(self.hub, ledger=None, memory=NoMemory())
            return {}

    def _header(self) -> Run:
        return {
            "id": uuid4().hex,
            "mode": "plan" if self.hub.dry_run else "apply",
            "started_at": timestamp(self.clock.now()),
            "finished_at": "",
            "config_hash": self.hub.settings.config_hash,
        }

    def _finished(self, run: Run, lines: Callable[[], Iterable[Line]], accounts: Iterable[Account]) -> Document:
        run["finished_at"] = timestamp(self.clock.now())
        return ResultOfSweeps(self.hub.settings, self.previous).document(run, lines, accounts)
