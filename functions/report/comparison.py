"""What changed since an earlier run: which findings are new, and which have ended."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.report.result import PreviousRun, Result, Trend
from functions.report.verdict import READ, SweepKey, sweep_key

_DIGITS = 16
"""Of a finding's id: enough to tell a million findings apart."""

_WORD = (1 << 64) - 1


@dataclass(slots=True)
class Comparison:
    """The targets of one run, and its findings that are not muted: eight bytes each."""

    _ids: "array[int]" = field(default_factory=lambda: array("Q"))
    _swept: "array[int]" = field(default_factory=lambda: array("Q"))
    _unread: set[int] = field(default_factory=set)

    def add(self, sweep: Mapping[str, Any]) -> None:
        """Add the coverage and the findings of a sweep."""
        row = sweep["coverage"]
        key = _hashed(sweep_key(row))
        self._swept.append(key)
        if row["status"] not in READ:
            self._unread.add(key)
        self._ids.extend(_short(finding["finding_id"]) for finding in sweep["findings"] if not finding["muted"])

    def trend(self, previous: PreviousRun, before: Iterable[Mapping[str, Any]]) -> Trend:
        """Compare with an earlier run, as far as both swept the same targets; what could not be read has not ended.

        Args:
            previous: the earlier run.
            before: what `lines` or `lines_of` yielded of it.
        """
        now, swept = array("Q", sorted(self._ids)), array("Q", sorted(self._swept))
        then: array[int] = array("Q")
        counts = {"NON_COMPLIANT": 0, "INSUFFICIENT_DATA": 0}
        resolved = 0
        for line in before:
            key = _hashed(sweep_key(line))
            then.append(_short(line["id"]))
            if _holds(swept, key):
                counts[line["compliance"]] += 1
                resolved += key not in self._unread and not _holds(now, then[-1])
        then = array("Q", sorted(then))
        return {
            "previous_run": previous,
            "non_compliant": counts["NON_COMPLIANT"],
            "insufficient_data": counts["INSUFFICIENT_DATA"],
            "new": sum(not _holds(then, each) for each in now),
            "resolved": resolved,
        }


def lines(sweep: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what a later run needs to know of the findings of a sweep."""
    for finding in sweep["findings"]:
        if not finding["muted"]:
            yield _line(finding, sweep_key(sweep["coverage"]))


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


def _line(finding: Mapping[str, Any], key: SweepKey) -> dict[str, str]:
    target = dict(zip(("automation", "account", "region"), key, strict=True))
    return {"id": finding["finding_id"][:_DIGITS], "compliance": finding["compliance"], **target}


def _short(finding_id: str) -> int:
    return int(finding_id[:_DIGITS], 16)


def _hashed(key: SweepKey) -> int:
    return hash(key) & _WORD


def _holds(ids: "array[int]", wanted: int) -> bool:
    index = bisect_left(ids, wanted)
    return index < len(ids) and ids[index] == wanted
