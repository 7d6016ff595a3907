"""The result of a run, composed of what its sweeps said: the same document in the cloud and on a laptop."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from functions.report.result import AccountRow, HistoryRow, MuteRow, PeriodMembers, Result, Row, RunHeader, Trend

SweepResult = Mapping[str, Any]
"""What one sweep says: its row of ``coverage``, its ``findings`` and its ``actions``."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep says.

    Attributes:
        coverage: its one row.
        findings: what is open.
        actions: what was changed, planned or left out.
        measures: what else the automation counted, by metric name.
    """

    coverage: Row
    findings: tuple[Row, ...] = ()
    actions: tuple[Row, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    def document(self) -> Row:
        """Return it in JSON's types."""
        return {"coverage": self.coverage, "findings": self.findings, "actions": self.actions}


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of a result that holds the rows of one sweep at a time in memory; it can be read any number of times.

    Attributes:
        sweeps: yields what each sweep said, anew each time it is called.
        member: the name of the list.
    """

    sweeps: Callable[[], Iterable[SweepResult]]
    member: str

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows of each sweep."""
        for sweep in self.sweeps():
            if self.member == "coverage":
                yield sweep["coverage"]
            else:
                yield from sweep[self.member]

    def __len__(self) -> int:
        """Count the rows by reading them."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Say whether there is any row."""
        return any(True for _ in self)


def compose(
    run: RunHeader,
    sweeps: Callable[[], Iterable[SweepResult]],
    accounts: Iterable[AccountRow],
    mutes: Iterable[MuteRow],
    trend: Trend | None,
) -> Result:
    """Return the result of a run.

    Args:
        run: which run it was.
        sweeps: yields what each sweep said, anew each time it is called.
        accounts: in scope, and those that have left it; empty where they are not known.
        mutes: of the configuration, expired ones too, and those of the ledger that last.
        trend: against an earlier run; None where there is none.
    """
    listed = [*accounts]
    result = {
        "run": run,
        **{member: Rows(sweeps, member) for member in ("coverage", "findings", "actions")},
        **({"accounts": listed} if listed else {}),
        "mutes": [*mutes],
        **({"trend": trend} if trend else {}),
    }
    return cast("Result", result)


def with_history(result: Result, period: PeriodMembers, history: Iterable[HistoryRow]) -> Result:
    """Return a result that also tells what happened in a period."""
    return {**result, "period": period, "history": history}
