"""What a whole result comes to, judged row by row: everything complies, not everything does, or not all was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from functions.shared.finding import Compliance

Row = Mapping[str, Any]
"""One element of a result's ``coverage``, ``findings`` or ``actions``."""

Place = tuple[str, str, str]
"""Automation, account and Region."""

READ = frozenset({"COMPLETE", "NOT_APPLICABLE"})
"""The coverage of a target that was read in full."""


class Verdict(StrEnum):
    """What a result comes to; what could not be read outweighs what does not comply."""

    COMPLIES = "Everything was read, and complies"
    DOES_NOT_COMPLY = "Not everything complies"
    UNREADABLE = "Not everything could be read"


@dataclass(slots=True)
class Judgement:
    """Judges a result as its rows go by, in any order; it keeps the gaps alone.

    Muted findings do not count, nor does coverage that is incomplete for muted reasons alone; neither do actions that
    are only planned or that were skipped.
    """

    _fails: bool = False
    _unread: bool = False
    _gaps: set[Place] = field(default_factory=set)
    _muted_causes: set[Place] = field(default_factory=set)

    def cover(self, row: Row) -> None:
        """Take note of how much of a target was read."""
        if row["status"] not in READ:
            self._gaps.add(_place(row))

    def find(self, row: Row) -> None:
        """Take note of a finding."""
        is_unread = row["compliance"] == Compliance.INSUFFICIENT_DATA
        if row["muted"]:
            if is_unread:
                self._muted_causes.add(_place(row))
        elif is_unread:
            self._unread = True
        else:
            self._fails = True

    def act(self, row: Row) -> None:
        """Take note of an action."""
        self._fails |= row["status"] == "FAILED"

    @property
    def verdict(self) -> Verdict:
        """What the rows so far come to."""
        if self._unread or self._gaps - self._muted_causes:
            return Verdict.UNREADABLE
        return Verdict.DOES_NOT_COMPLY if self._fails else Verdict.COMPLIES


def verdict_of(result: Mapping[str, Any]) -> Verdict:
    """Judge a whole result; its lists are gone through once."""
    judgement = Judgement()
    for name, judge in (("coverage", judgement.cover), ("findings", judgement.find), ("actions", judgement.act)):
        for row in result[name]:
            judge(row)
    return judgement.verdict


def _place(row: Row) -> Place:
    return str(row["automation"]), str(row["account"]), str(row["region"])
