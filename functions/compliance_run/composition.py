"""The result of a run, put together from what its sweeps said: the same document in the cloud and on a laptop."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from functions.compliance_run.decision import Account
from functions.report.result import Mute, Result, Run, Trend

Line = Mapping[str, Any]
"""What one sweep says: its ``coverage``, its ``findings`` and its ``actions``."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of a result, of which a line at a time is in memory; it may be gone through as often as one likes.

    Attributes:
        lines: yields what each sweep said, anew each time it is called.
        member: the list's name.
    """

    lines: Callable[[], Iterable[Line]]
    member: str

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows of each sweep."""
        for line in self.lines():
            if self.member == "coverage":
                yield line["coverage"]
            else:
                yield from line[self.member]

    def __len__(self) -> int:
        """Count them, by going through them."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return any(True for _ in self)


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
        """Return the document; its lists read the lines again each time."""
        accounts = [{"account": each.account, "name": each.name, "status": each.state} for each in self.accounts]
        result = {
            "run": self.run,
            **{member: Rows(self.lines, member) for member in ("coverage", "findings", "actions")},
            **({"accounts": accounts} if accounts else {}),
            "mutes": [*self.mutes],
            **({"trend": self.trend} if self.trend else {}),
        }
        return cast("Result", result)
