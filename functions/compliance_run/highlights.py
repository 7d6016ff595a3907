"""What of a run stands in the message about it: the worst findings, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.report.verdict import READ
from functions.shared.finding import Severity

_MOST = 3

Row = Mapping[str, Any]


@dataclass(slots=True)
class Highlights:
    """Keeps a few rows of a run, however many it has.

    Attributes:
        worst: findings that are not muted, the most severe first; of equal ones, the oldest.
        gaps: rows of the coverage that were not read in full.
        gap_count: how many there are of these.
    """

    worst: list[Row] = field(default_factory=list)
    gaps: list[Row] = field(default_factory=list)
    gap_count: int = 0

    def add(self, sweep: Row) -> None:
        """Add what a sweep found."""
        found = [finding for finding in sweep["findings"] if not finding["muted"]]
        self.worst = sorted([*self.worst, *found], key=_urgency)[:_MOST]
        if sweep["coverage"]["status"] not in READ:
            self.gap_count += 1
            self.gaps = [*self.gaps, sweep["coverage"]][:_MOST]


def _urgency(finding: Row) -> tuple[int, str]:
    return -Severity(finding["severity"]).rank, str(finding.get("began_at") or finding["first_seen"])
