"""What a benchmark says: one line of JSON for each budget, with what was counted or measured on both sides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one budget.

    Attributes:
        budget: its name.
        ours: what Watchkeeper needs.
        reference: what it is held against.
        limit: the most that *ours* may be, as a multiple of *reference*.
        unit: of *ours* and *reference*.
        detail: what else helps to judge it, by name.
        exact: whether everything that was counted is what it should be, beside the sum.
    """

    budget: str
    ours: float
    reference: float
    limit: float
    unit: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True

    @property
    def ratio(self) -> float:
        """How many times the reference it is."""
        return self.ours / self.reference

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


def _short(value: float) -> float:
    return value if isinstance(value, int) else round(value, _DIGITS)
