"""What a command's exit status says."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from functions.report.verdict import Verdict, verdict_of


class ExitStatus(IntEnum):
    """The statuses that ``watchkeeper`` ends with."""

    COMPLIES = 0
    DOES_NOT_COMPLY = 1
    USAGE = 2
    UNREADABLE = 3
    INTERRUPTED = 130


_OF_VERDICTS = {
    Verdict.COMPLIES: ExitStatus.COMPLIES,
    Verdict.DOES_NOT_COMPLY: ExitStatus.DOES_NOT_COMPLY,
    Verdict.UNREADABLE: ExitStatus.UNREADABLE,
}


def exit_status(document: Mapping[str, Any]) -> ExitStatus:
    """Say what a result document comes to."""
    return _OF_VERDICTS[verdict_of(document)]
