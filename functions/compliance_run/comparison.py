"""What changed since the last report: which findings are new, and which have ended."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.compliance_run.verdict import Place

_DIGITS = 16
"""Of a finding's id: enough to tell a million findings apart."""


@dataclass(slots=True)
class Standing:
    """The findings of one run that are not muted: eight bytes each, and the target that each was found at."""

    _ids: "array[int]" = field(default_factory=lambda: array("Q"))
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, finding: Mapping[str, Any]) -> None:
        """Count a finding of the run."""
        if not finding["muted"]:
            self._ids.append(_short(finding["finding_id"]))
            self.counts[finding["compliance"]] = self.counts.get(finding["compliance"], 0) + 1

    def against(
        self, before: Iterable[Mapping[str, Any]], unread: Collection[Place], looked_at: Collection[str]
    ) -> dict[str, int]:
        """Compare with the lines of an earlier run; what could not be read is not over.

        Args:
            before: what `lines` yielded then.
            unread: the targets that this run could not read in full.
            looked_at: the automations that this run ran.
        """
        now = array("Q", sorted(self._ids))
        then: array[int] = array("Q")
        resolved = 0
        for line in before:
            then.append(_short(line["id"]))
            place = (line["automation"], line["account"], line["region"])
            resolved += line["automation"] in looked_at and place not in unread and not _holds(now, then[-1])
        then = array("Q", sorted(then))
        return {"new": sum(not _holds(then, each) for each in now), "resolved": resolved}


def lines(swept: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what the next run needs to know of the findings of a sweep."""
    row = swept["coverage"]
    for finding in swept["findings"]:
        if not finding["muted"]:
            place = {"automation": row["automation"], "account": row["account"], "region": row["region"]}
            yield {"id": finding["finding_id"][:_DIGITS], **place}


def _short(finding_id: str) -> int:
    return int(finding_id[:_DIGITS], 16)


def _holds(ids: "array[int]", wanted: int) -> bool:
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted
