"""What a command's exit status says."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

from functions.shared.finding import Compliance

Row = Mapping[str, Any]
"""One element of a result document's ``coverage``, ``findings`` or ``actions``."""

_READ = ("COMPLETE", "NOT_APPLICABLE")


class ExitStatus(IntEnum):
    """The statuses that ``watchkeeper`` ends with."""

    COMPLIES = 0
    DOES_NOT_COMPLY = 1
    USAGE = 2
    UNREADABLE = 3
    INTERRUPTED = 130


def exit_status(document: Mapping[str, Iterable[Row]]) -> ExitStatus:
    """Judge a result document.

    What could not be read outweighs what does not comply. Muted findings do not count, nor does coverage that is
    incomplete for muted reasons alone; neither do actions that are only planned or that were skipped.
    """
    findings = list(document["findings"])
    counted = [finding for finding in findings if not finding["muted"]]
    if any(_unread(finding) for finding in counted) or any(_has_gap(row, findings) for row in document["coverage"]):
        return ExitStatus.UNREADABLE
    if counted or any(action["status"] == "FAILED" for action in document["actions"]):
        return ExitStatus.DOES_NOT_COMPLY
    return ExitStatus.COMPLIES


def _unread(finding: Row) -> bool:
    return bool(finding["compliance"] == Compliance.INSUFFICIENT_DATA)


def _has_gap(row: Row, findings: Iterable[Row]) -> bool:
    if row["status"] in _READ:
        return False
    target = ("automation", "account", "region")
    causes = [f for f in findings if _unread(f) and all(f[part] == row[part] for part in target)]
    return not causes or not all(cause["muted"] for cause in causes)
