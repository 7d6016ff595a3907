"""The exit statuses of the command."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from functions.report.verdict import RunVerdict, verdict_of


class ExitStatus(IntEnum):
    """The exit statuses of ``watchkeeper``; where nothing was looked at, that is USAGE."""

    COMPLIES = 0
    DOES_NOT_COMPLY = 1
    USAGE = 2
    UNREADABLE = 3
    INTERRUPTED = 130
    TERMINATED = 143


_OF_VERDICTS = {
    RunVerdict.COMPLIES: ExitStatus.COMPLIES,
    RunVerdict.DOES_NOT_COMPLY: ExitStatus.DOES_NOT_COMPLY,
    RunVerdict.UNREADABLE: ExitStatus.UNREADABLE,
    RunVerdict.NOTHING: ExitStatus.USAGE,
}


def exit_status(document: Mapping[str, Any]) -> ExitStatus:
    """Return the exit status for a result document."""
    return _OF_VERDICTS[verdict_of(document)]
