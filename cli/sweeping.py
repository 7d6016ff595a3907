"""Runs the automations over the scope from here, and puts what they found into one document."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib import import_module
from threading import Lock
from typing import Any
from uuid import uuid4

from cli.errors import UsageError
from cli.hub import AwsClock, warn_of_missing_ledger
from cli.options import Options
from cli.selection import check_selection
from functions.catalog import AUTOMATIONS
from functions.shared.automation import Automation
from functions.shared.calls import CallError
from functions.shared.finding import Finding
from functions.shared.house import House
from functions.shared.ledger import NoMemory
from functions.shared.records import finding_record, timestamp
from functions.shared.sweep import CoverageStatus, Sweep, look
from functions.shared.target import Target, UnsupportedScopeError, Wake

Document = dict[str, Any]
Row = dict[str, Any]

_SWEEPS_AT_ONCE = 8
"""They wait for AWS most of the time, and AWS counts its throttles by service, account and Region."""


@dataclass(slots=True)
class Runner:
    """Runs automations with the credentials of a command line.

    Attributes:
        house: the hub.
        clock: AWS's.
        options: what to run, and where.
    """

    house: House
    clock: AwsClock
    options: Options
    _one_at_a_time: Lock = field(default_factory=Lock)

    def run(self) -> Document:
        """Sweep everything that the options ask for.

        Raises:
            UsageError: they ask for what is not in scope, or is switched off.
        """
        return self.run_these([(automation, Wake()) for automation in self.automations()])

    def run_these(self, wakes: Iterable[tuple[Automation, Wake]]) -> Document:
        """Run each automation over the targets that its wake asks for, and return the result document."""
        document: Document = {"run": self._header(), "coverage": [], "findings": [], "actions": []}
        sweeps = [
            (automation, target, wake) for automation, wake in wakes for target in self._targets(automation, wake)
        ]
        with ThreadPoolExecutor(_SWEEPS_AT_ONCE) as pool:
            for row, findings, actions in pool.map(lambda sweep: self._sweep(*sweep), sweeps):
                document["coverage"].append(row)
                document["findings"] += findings
                document["actions"] += actions
        document["run"]["finished_at"] = timestamp(self.clock.now())
        return document

    def _sweep(self, automation: Automation, target: Target, wake: Wake) -> tuple[Row, list[Row], list[Row]]:
        """Look at one target; return its coverage, its findings and what was changed there."""
        try:
            sweep = self._look(automation, target, wake)
        except CallError as error:
            return _not_looked_at(automation, target, f"the ledger cannot be read: {error}"), [], []
        row = sweep.coverage()
        try:
            sweep.finish()
        except ExceptionGroup as errors:
            row["detail"] = f"not all was recorded: {'; '.join(_causes(errors))}"
            if row["status"] != CoverageStatus.UNREADABLE:
                row["status"] = CoverageStatus.PARTIAL
        return row, list(_findings(sweep)), list(sweep.changes.made)

    def _look(self, automation: Automation, target: Target, wake: Wake) -> Sweep:
        """Look at one target; a dry run does without the ledger where that cannot be read."""
        section, dry_run = self.house.settings.section(automation.name), self.house.dry_run
        actions = [right.action for right in automation.permissions if right.is_wanted(section, dry_run=dry_run)]
        commission = self.house.commission(automation.name, target, actions, wake, self.clock.now())
        try:
            return look(commission, run_of(automation))
        except CallError as error:
            if not self.house.dry_run:
                raise
            self._go_on_without_ledger(error)
            return look(replace(commission, memory=NoMemory()), run_of(automation))

    def _go_on_without_ledger(self, error: CallError) -> None:
        with self._one_at_a_time:
            if self.house.ledger is not None:
                warn_of_missing_ledger(error)
                self.house = replace(self.house, ledger=None)

    def automations(self) -> list[Automation]:
        """Return the automations that are switched on, and of them those that the options name.

        Raises:
            UsageError: they name one that is off.
        """
        on = [a for a in AUTOMATIONS if self.house.settings.section(a.name)["mode"] != "off"]
        wanted = self.options.automations or tuple(a.name for a in on)
        for name in wanted:
            if name not in {a.name for a in on}:
                raise UsageError(f"{name} is off", f"set {name}.mode to plan or apply in {self.options.config}")
        return [a for a in on if a.name in wanted]

    def _targets(self, automation: Automation, wake: Wake) -> Iterator[Target]:
        check_selection(self.options, self.house.settings, self.house.hub_account)
        accounts = {self.house.hub_account if name == "self" else name for name in self.options.accounts}
        try:
            in_scope = list(self.house.targets(automation.name, wake))
        except UnsupportedScopeError as error:
            raise UsageError(str(error)) from error
        for target in in_scope:
            is_wanted = not accounts or target.account in accounts
            if is_wanted and (not self.options.regions or target.region in self.options.regions):
                yield target

    def _header(self) -> Row:
        return {
            "id": uuid4().hex,
            "mode": "plan" if self.house.dry_run else "apply",
            "started_at": timestamp(self.clock.now()),
            "finished_at": "",
            "config_hash": self.house.settings.config_hash,
        }


def run_of(automation: Automation) -> Callable[[Sweep], None]:
    """Load the run that the manifest names."""
    module, _, name = automation.run.rpartition(".")
    run: Callable[[Sweep], None] = getattr(import_module(module), name)
    return run


def _causes(error: Exception) -> Iterator[str]:
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _causes(each)
    else:
        yield str(error)


def _findings(sweep: Sweep) -> Iterator[Row]:
    for finding in sweep.findings.values():
        yield _row(sweep, finding)


def _row(sweep: Sweep, finding: Finding) -> Row:
    now = timestamp(sweep.now)
    before = sweep.standing.get(finding.finding_id)
    return {
        **finding_record(finding),
        "status": "OPEN",
        "muted": sweep.is_muted(finding),
        "first_seen": before["first_seen"] if before else now,
        "observed_at": now,
    }


def _not_looked_at(automation: Automation, target: Target, detail: str) -> Row:
    counts = dict.fromkeys(("compliant", "non_compliant", "insufficient_data", "not_applicable"), 0)
    return {
        "account": target.account,
        "region": target.region,
        "automation": automation.name,
        "status": CoverageStatus.UNREADABLE,
        "detail": detail,
        **counts,
    }
