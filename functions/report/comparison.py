"""What changed since an earlier run: which findings are new, and which have ended."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.report.result import PreviousRun, Result, Trend
from functions.report.verdict import READ, Place

_DIGITS = 16
"""Of a finding's id: enough to tell a million findings apart."""

_WORD = (1 << 64) - 1


@dataclass(slots=True)
class Standing:
    """What one run looked at, and its findings that are not muted: eight bytes each."""

    _ids: "array[int]" = field(default_factory=lambda: array("Q"))
    _looked_at: "array[int]" = field(default_factory=lambda: array("Q"))
    _unread: set[int] = field(default_factory=set)

    def take(self, line: Mapping[str, Any]) -> None:
        """Take note of a sweep: its coverage and its findings."""
        row = line["coverage"]
        where = _hashed((row["automation"], row["account"], row["region"]))
        self._looked_at.append(where)
        if row["status"] not in READ:
            self._unread.add(where)
        self._ids.extend(_short(finding["finding_id"]) for finding in line["findings"] if not finding["muted"])

    def against(self, previous: PreviousRun, before: Iterable[Mapping[str, Any]]) -> Trend:
        """Compare with an earlier run, as far as that looked where this one did; what could not be read is not over.

        Args:
            previous: the earlier run.
            before: what `lines` or `lines_of` yielded of it.
        """
        now, looked_at = array("Q", sorted(self._ids)), array("Q", sorted(self._looked_at))
        then: array[int] = array("Q")
        counts = {"NON_COMPLIANT": 0, "INSUFFICIENT_DATA": 0}
        resolved = 0
        for line in before:
            where = _hashed((line["automation"], line["account"], line["region"]))
            then.append(_short(line["id"]))
            if _holds(looked_at, where):
                counts[line["compliance"]] += 1
                resolved += where not in self._unread and not _holds(now, then[-1])
        then = array("Q", sorted(then))
        return {
            "previous_run": previous,
            "non_compliant": counts["NON_COMPLIANT"],
            "insufficient_data": counts["INSUFFICIENT_DATA"],
            "new": sum(not _holds(then, each) for each in now),
            "resolved": resolved,
        }


def lines(swept: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what a later run needs to know of the findings of a sweep."""
    row = swept["coverage"]
    for finding in swept["findings"]:
        if not finding["muted"]:
            yield _line(finding, (row["automation"], row["account"], row["region"]))


def lines_of(result: Result, target_region: Callable[[str], str | None]) -> Iterator[dict[str, str]]:
    """Yield the same of a whole result.

    Args:
        result: of the earlier run.
        target_region: the Region of an automation's only target in an account, by its name; nothing for each Region.
    """
    for finding in result["findings"]:
        if not finding["muted"]:
            name = finding["automation"]
            yield _line(finding, (name, finding["account"], target_region(name) or finding["region"]))


def _line(finding: Mapping[str, Any], place: Place) -> dict[str, str]:
    where = dict(zip(("automation", "account", "region"), place, strict=True))
    return {"id": finding["finding_id"][:_DIGITS], "compliance": finding["compliance"], **where}


def _short(finding_id: str) -> int:
    return int(finding_id[:_DIGITS], 16)


def _hashed(place: Place) -> int:
    return hash(place) & _WORD


def _holds(ids: "array[int]", wanted: int) -> bool:
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted
