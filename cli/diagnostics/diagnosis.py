"""What an examination says of one thing: how it is, why, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something is."""

    OK = "OK"
    MISSING = "MISSING"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Row:
    """A verdict on one thing.

    Attributes:
        subject: what was looked at.
        state: what could not be read is UNREADABLE, never OK.
        reason: one sentence.
        mend: what to do, with the command line to copy; empty where nothing is to be done.
        name: of the examination, where the row belongs to another than the one that found it out.
    """

    subject: str
    state: State
    reason: str
    mend: str = ""
    name: str = ""


def ok(subject: str, reason: str) -> Row:
    """Say that something is as it has to be."""
    return Row(subject, State.OK, reason)


def missing(subject: str, reason: str, mend: str) -> Row:
    """Say that something is known to be missing or wrong."""
    return Row(subject, State.MISSING, reason, mend)


def unreadable(subject: str, reason: str, mend: str) -> Row:
    """Say that nobody knows how something is."""
    return Row(subject, State.UNREADABLE, reason, mend)
