"""How much of a target a run could read, and why not more."""

from collections.abc import Sequence
from enum import IntEnum, StrEnum

from functions.shared.aws.calls import CallError
from functions.shared.finding import printable


class CoverageStatus(StrEnum):
    """How much of a target a run could read."""

    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    UNREADABLE = "UNREADABLE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Reading(IntEnum):
    """How much AWS has answered so far."""

    NOTHING = 0
    SOMETHING = 1
    EVERYTHING = 2


def coverage_of(
    reading: Reading, causes: Sequence[str], not_applicable: str, *, was_judged: bool
) -> tuple[CoverageStatus, str]:
    """Return the status of a target, and a word on it.

    Args:
        reading: how much AWS has answered.
        causes: why something could not be read.
        not_applicable: why there is nothing to watch; empty if there is.
        was_judged: the run came to a verdict on something.
    """
    if not_applicable and not causes:
        return CoverageStatus.NOT_APPLICABLE, not_applicable
    if reading is Reading.NOTHING and not causes and was_judged:
        return CoverageStatus.NOT_APPLICABLE, "the event names nothing of this account and Region"
    if reading is Reading.NOTHING:
        return CoverageStatus.UNREADABLE, causes[0] if causes else "nothing was read"
    if causes:
        more = f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""
        return CoverageStatus.PARTIAL, f"{causes[0]}{more}"
    return CoverageStatus.COMPLETE, ""


def cause_of(error: Exception) -> str:
    """Say why something could not be read, in words that stay the same while the cause does."""
    match error:
        case CallError(answered=True):
            return f"{error.operation} was refused: {error.code}: {printable(error.message)}"
        case CallError():
            return f"{error.operation} was not answered: {error.code}"
        case _:
            return f"{type(error).__name__}: {printable(str(error))}"
