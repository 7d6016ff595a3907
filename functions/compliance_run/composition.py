"""The result of a run, put together from what its sweeps said: the same document in the cloud and on a laptop."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from functions.compliance_run.decision import Account
from functions.compliance_run.result import Mute, Result, Run, Trend

Line = Mapping[str, Any]
"""What one sweep says: its ``coverage``, its ``findings`` and its ``actions``."""


@dataclass(frozen=True, slots=True)
class Composition:
    """What a result is made of.

    Attributes:
        run: which run it was.
        lines: yields what each sweep said, anew each time it is called.
        accounts: in scope, and those that have left it; empty where nobody has asked.
        mutes: the configuration's, expired ones too.
        trend: against an earlier run; None where there is none.
    """

    run: Run
    lines: Callable[[], Iterable[Line]]
    accounts: Iterable[Account]
    mutes: Iterable[Mute]
    trend: Trend | None

    def result(self) -> Result:
        """Return the document; its lists read the lines again, and are gone through once."""
        accounts = [{"account": each.account, "name": each.name, "status": each.state} for each in self.accounts]
        result = {
            "run": self.run,
            "coverage": (line["coverage"] for line in self.lines()),
            "findings": self._rows("findings"),
            "actions": self._rows("actions"),
            **({"accounts": accounts} if accounts else {}),
            "mutes": [*self.mutes],
            **({"trend": self.trend} if self.trend else {}),
        }
        return cast("Result", result)

    def _rows(self, member: str) -> Iterator[Any]:
        for line in self.lines():
            yield from line[member]
