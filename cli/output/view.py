"""Which findings of a result a table shows; what is counted, and the exit status, never depend on it."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cli.command.options import Options
from cli.errors import UsageError
from functions.report.display import RANKS


@dataclass(frozen=True, slots=True)
class TableView:
    """What of a result is shown.

    Attributes:
        severity: the least severe that is shown; empty for all.
        checks: patterns of the checks that are shown, all of whose findings are; empty for all checks.
        only_new: of the findings only those that an earlier run did not have.
        only_summary: the summary alone.
        every_action: every action is shown in full, as before a question that is about them.
    """

    severity: str = ""
    checks: tuple[str, ...] = ()
    only_new: bool = False
    only_summary: bool = False
    every_action: bool = False

    @classmethod
    def of(cls, options: Options) -> "TableView":
        """Return what the options ask for."""
        return cls(options.severity, options.checks, options.new, options.summary)

    @property
    def is_whole(self) -> bool:
        """Whether everything that matches is shown, however long it is."""
        return bool(self.checks)

    def shows(self, finding: Mapping[str, Any], new: AbstractSet[str]) -> bool:
        """Say whether a finding is shown.

        Args:
            finding: of the result.
            new: ids of the findings that an earlier run did not have.
        """
        is_severe = not self.severity or RANKS.get(finding["severity"], -1) <= RANKS[self.severity]
        is_picked = not self.checks or any(fnmatchcase(finding["check"], pattern) for pattern in self.checks)
        return is_severe and is_picked and (not self.only_new or finding["finding_id"] in new)

    def filters(self) -> str:
        """Name the options that hide findings."""
        words = [f"--severity {self.severity}" if self.severity else "", *(f"--check {each}" for each in self.checks)]
        return " ".join(filter(None, (*words, "--new" if self.only_new else "")))


EVERYTHING = TableView()
"""All findings, as far as they have room."""


def new_ids(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of the findings that the earlier run did not have; none where the result does not name them."""
    found: Iterable[str] = (document.get("trend") or {}).get("new_findings", ())
    return frozenset(found)


def check_view(options: Options) -> None:
    """Refuse filters where there is no table to filter, and ``--new`` where nothing is compared.

    Raises:
        UsageError: that was asked for.
    """
    view = TableView.of(options)
    asked = "--summary" if view.only_summary else view.filters()
    if asked and options.format != "table":
        hint = f"leave out --format for the table; a result as {options.format} is always whole"
        raise UsageError(f"{asked} is for the table, not for {options.format}", hint)
    if view.only_new and options.verb != "report" and options.since is None:
        raise UsageError("--new compares with an earlier run", "add --since RESULT.json, the saved result of that run")
