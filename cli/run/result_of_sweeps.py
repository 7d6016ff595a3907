"""Puts what the sweeps of a command line said into the document that the cloud's report is made of too."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.decision import Account
from functions.compliance_run.journal import Journal
from functions.compliance_run.scope import ResolvedScope, account_rows
from functions.report.comparison import Comparison, lines_of
from functions.report.composition import SweepResult, compose
from functions.report.result import Result, RunHeader, Trend
from functions.shared.automation import Automation
from functions.shared.settings import Settings

Document = dict[str, Any]

_BITS_OF_A_PLACE = 40
_PLACE = (1 << _BITS_OF_A_PLACE) - 1


@dataclass(frozen=True, slots=True)
class ResultOfSweeps:
    """Makes the documents of one configuration.

    Attributes:
        settings: the configuration.
        previous: the result of an earlier run to compare with; None where none was given.
    """

    settings: Settings
    previous: Result | None = None

    def document(
        self, run: RunHeader, lines: Callable[[], Iterable[SweepResult]], accounts: Iterable[Account]
    ) -> Document:
        """Return the result of a run that is over.

        Args:
            run: which it was.
            lines: yields what each sweep said, anew each time it is called.
            accounts: in scope, and those that have left it; empty where nobody has asked.
        """
        mutes = self.settings.document["mutes"]
        return {**compose(run, lines, account_rows(accounts), mutes, self._trend(lines))}

    def _trend(self, lines: Callable[[], Iterable[SweepResult]]) -> Trend | None:
        if self.previous is None:
            return None
        comparison = Comparison()
        for sweep in lines():
            comparison.add(sweep)
        run = self.previous["run"]
        before = lines_of(self.previous, self.settings.target_region)
        return comparison.trend({"id": run["id"], "finished_at": run["finished_at"]}, before)


def in_order(journal: Journal, automations: Iterable[Automation], scope: ResolvedScope) -> Sequence[int]:
    """Return where the lines of a journal begin, sorted by automation, account and Region, whoever was ready first."""
    names = {each.name: rank for rank, each in enumerate(automations, start=1)}
    accounts = {each.account: rank for rank, each in enumerate(scope.accounts, start=1)}
    seen = {str(line["coverage"]["region"]) for line in journal.lines()}
    listed = [*sorted(seen.difference(scope.regions)), *scope.regions]
    regions = {region: rank for rank, region in enumerate(listed)}

    def rank(row: Mapping[str, Any]) -> int:
        account = names.get(row["automation"], 0) * (len(accounts) + 1) + accounts.get(row["account"], 0)
        return account * len(regions) + regions[row["region"]]

    # A number each, not a tuple: there are as many as targets.
    ranked = sorted(rank(line["coverage"]) << _BITS_OF_A_PLACE | place for place, line in journal.offsets())
    return array("Q", (each & _PLACE for each in ranked))
