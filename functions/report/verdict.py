"""The verdict on a whole run: everything complies, not everything does, not everything was read, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from functions.shared.finding import Compliance

SweepKey = tuple[str, str, str]
"""Automation, account and Region of a sweep."""

READ = frozenset({"COMPLETE", "NOT_APPLICABLE"})
"""The coverage of a target that was read in full."""


class RunVerdict(StrEnum):
    """The verdict on a run; what could not be read outweighs what does not comply.

    Attributes:
        COMPLIES: everything in scope was read, and complies.
        DOES_NOT_COMPLY: everything was read.
        UNREADABLE: something was not.
        NOTHING: no target was looked at, so nothing is known.
    """

    COMPLIES = "Everything was read, and complies"
    DOES_NOT_COMPLY = "Not everything complies"
    UNREADABLE = "Not everything could be read"
    NOTHING = "Nothing was looked at"

    @property
    def is_whole(self) -> bool:
        """Whether all that was to be looked at was read."""
        return self in (RunVerdict.COMPLIES, RunVerdict.DOES_NOT_COMPLY)


@dataclass(slots=True)
class Judgement:
    """Judges the rows of a result, which may come in any order; it keeps only the gaps.

    Muted findings do not count, nor does coverage that is incomplete for muted reasons alone; neither do actions that
    are only planned or that were skipped.
    """

    _looked: bool = False
    _fails: bool = False
    _unread: bool = False
    _gaps: set[SweepKey] = field(default_factory=set)
    _muted_causes: set[SweepKey] = field(default_factory=set)

    def cover(self, row: Mapping[str, Any]) -> None:
        """Add the coverage of a target."""
        self._looked = True
        if row["status"] not in READ:
            self._gaps.add(sweep_key(row))

    def find(self, row: Mapping[str, Any]) -> None:
        """Add a finding."""
        self._looked = True
        is_unread = row["compliance"] == Compliance.INSUFFICIENT_DATA
        if row["muted"]:
            if is_unread:
                self._muted_causes.add(sweep_key(row))
        elif is_unread:
            self._unread = True
        else:
            self._fails = True

    def act(self, row: Mapping[str, Any]) -> None:
        """Add an action."""
        self._looked = True
        self._fails |= row["status"] == "FAILED"

    def add(self, sweep: Mapping[str, Any]) -> None:
        """Add all rows of a sweep."""
        self.cover(sweep["coverage"])
        for finding in sweep["findings"]:
            self.find(finding)
        for action in sweep["actions"]:
            self.act(action)

    @property
    def verdict(self) -> RunVerdict:
        """The verdict on the rows so far."""
        if self._unread or self._gaps - self._muted_causes:
            return RunVerdict.UNREADABLE
        if self._fails:
            return RunVerdict.DOES_NOT_COMPLY
        return RunVerdict.COMPLIES if self._looked else RunVerdict.NOTHING


def verdict_of(result: Mapping[str, Any]) -> RunVerdict:
    """Judge a whole result; its lists are read once."""
    judgement = Judgement()
    for name, judge in (("coverage", judgement.cover), ("findings", judgement.find), ("actions", judgement.act)):
        for row in result[name]:
            judge(row)
    return judgement.verdict


def sweep_key(row: Mapping[str, Any]) -> SweepKey:
    """Return the sweep that a row is of."""
    return str(row["automation"]), str(row["account"]), str(row["region"])
