"""What a benchmark prints: one line of JSON for each budget, with what was counted or measured on both sides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """What was counted or measured for one budget.

    Attributes:
        budget: its name.
        ours: what Watchkeeper needs.
        reference: what it is compared with.
        limit: the most that *ours* may be, as a multiple of *reference*.
        unit: of *ours* and *reference*.
        detail: what else helps to judge it, by name.
        exact: whether everything that was counted is what it should be, beside the sum.
        of_pairs: the median of the ratios of single pairs, where something was measured in pairs.
    """

    budget: str
    ours: float
    reference: float
    limit: float
    unit: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True
    of_pairs: float | None = None

    @property
    def ratio(self) -> float:
        """*ours* as a multiple of *reference*."""
        return self.ours / self.reference if self.of_pairs is None else self.of_pairs

    @property
    def holds(self) -> bool:
        """Whether the budget is kept."""
        return self.exact and self.ratio <= self.limit

    def as_json(self) -> str:
        """Return the line as it is printed."""
        members = {
            "budget": self.budget,
            "ours": _short(self.ours),
            "reference": _short(self.reference),
            "ratio": _short(self.ratio),
            "limit": self.limit,
            "holds": self.holds,
            "unit": self.unit,
        }
        return json.dumps(members | dict(self.detail))


def paired(
    budget: str,
    ours: Sequence[float],
    reference: Sequence[float],
    limit: float,
    detail: Mapping[str, Any] | None = None,
) -> BudgetResult:
    """Return the result of a budget whose two sides were measured in turn, in milliseconds.

    The ratio is the median of those of single pairs: what slows the machine for a while slows both of a pair.
    """
    ratios = [one / other for one, other in zip(ours, reference, strict=True)]
    low, middle, high = quantiles(ratios, n=4, method="inclusive")
    spread = {"quartiles": [_short(low), _short(high)], "pairs": len(ratios)}
    return BudgetResult(
        budget, median(ours), median(reference), limit, "ms", {**spread, **(detail or {})}, of_pairs=middle
    )


def _short(value: float) -> float:
    return value if isinstance(value, int) else round(value, _DIGITS)
