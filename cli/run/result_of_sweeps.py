"""Puts the sweeps of a command line in order, and compares them with an earlier run."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cli.run.named_changes import named_changes
from functions.compliance_run.journal import Journal
from functions.compliance_run.scope import ResolvedScope
from functions.report.comparison import Comparison, lines_of
from functions.report.composition import SweepResult
from functions.report.result import Result, Trend
from functions.shared.automation import Automation
from functions.shared.run.hub import Hub

_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1


def trend_since(previous: Result, sweeps: Callable[[], Iterable[SweepResult]], hub: Hub) -> Trend:
    """Compare the sweeps of a run of *hub* with the result of an earlier run, and name what changed."""
    comparison = Comparison()
    for sweep in sweeps():
        comparison.add(sweep)
    run, settings = previous["run"], hub.settings
    before = lines_of(previous, settings.target_region)
    trend = comparison.trend({"id": run["id"], "finished_at": run["finished_at"]}, before)
    return {**trend, **named_changes(previous, sweeps(), settings, hub.partition, hub.ledger)}


def in_order(journal: Journal, automations: Iterable[Automation], scope: ResolvedScope) -> Sequence[int]:
    """Return the offsets of the lines of a journal, sorted by automation, account and Region."""
    names = {each.name: rank for rank, each in enumerate(automations, start=1)}
    accounts = {each.account: rank for rank, each in enumerate(scope.accounts, start=1)}
    seen = {str(line["coverage"]["region"]) for line in journal.lines()}
    listed = [*sorted(seen.difference(scope.regions)), *scope.regions]
    regions = {region: rank for rank, region in enumerate(listed)}

    def rank(target: Mapping[str, Any]) -> int:
        account = names.get(target["automation"], 0) * (len(accounts) + 1) + accounts.get(target["account"], 0)
        return account * len(regions) + regions[target["region"]]

    # One number for each line, not a tuple: there is a line for each target.
    ranked = sorted(rank(line["coverage"]) << _OFFSET_BITS | offset for offset, line in journal.offsets())
    return array("Q", (each & _OFFSET_MASK for each in ranked))
