"""Puts what the sweeps of a command line said into the document that the cloud's report is made of too."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.compliance_run.comparison import Standing, lines_of
from functions.compliance_run.composition import Composition
from functions.compliance_run.decision import Account
from functions.compliance_run.result import Result, Run, Trend
from functions.compliance_run.scope import Scope
from functions.compliance_run.sweeping import Swept
from functions.shared.automation import Automation
from functions.shared.settings import Settings

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResultOfSweeps:
    """Makes the documents of one configuration.

    Attributes:
        settings: the configuration.
        previous: the result of an earlier run to compare with; None where none was given.
    """

    settings: Settings
    previous: Result | None = None

    def document(self, run: Run, swept: Iterable[Swept], accounts: Iterable[Account]) -> Document:
        """Return the result of a run that is over.

        Args:
            run: which it was.
            swept: what each sweep said.
            accounts: in scope, and those that have left it; empty where nobody has asked.
        """
        lines = [each.document() for each in swept]
        mutes = self.settings.document["mutes"]
        whole = Composition(run, lambda: lines, [*accounts], mutes, self._trend(lines)).result()
        lists = {name: [*whole[name]] for name in ("coverage", "findings", "actions")}
        return {**whole, **lists}

    def _trend(self, lines: Iterable[Document]) -> Trend | None:
        if self.previous is None:
            return None
        standing = Standing()
        for line in lines:
            standing.take(line)
        run = self.previous["run"]
        before = lines_of(self.previous, self.settings.target_region)
        return standing.against({"id": run["id"], "finished_at": run["finished_at"]}, before)


def in_order(swept: Iterable[Swept], automations: Iterable[Automation], scope: Scope) -> list[Swept]:
    """Sort sweeps by automation, account and Region, whoever was ready first."""
    names = {each.name: place for place, each in enumerate(automations)}
    accounts = {each.account: place for place, each in enumerate(scope.accounts)}
    regions = {region: place for place, region in enumerate(scope.regions)}

    def place(each: Swept) -> tuple[int, int, int, str]:
        row = each.coverage
        region = row["region"]
        return names.get(row["automation"], -1), accounts.get(row["account"], -1), regions.get(region, -1), region

    return sorted(swept, key=place)
