"""The verdict of a diagnostic on one thing: its state, why, and how to fix it."""

from dataclasses import dataclass
from enum import StrEnum

CREDENTIALS = "credentials"
"""The name of the first diagnostic: all others need a caller."""

SERVICE_CONTROL_POLICIES = "service-control-policies"
"""The name of a diagnostic; the first reads find such policies too, because AWS names them when it denies access."""


class DiagnosisState(StrEnum):
    """The state of a thing."""

    OK = "OK"
    MISSING = "MISSING"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A verdict on one thing.

    Attributes:
        subject: the thing.
        state: UNREADABLE, never OK, for what could not be read.
        reason: one sentence.
        fix: what to do, with the command line to copy; empty where nothing is to be done.
        name: of the diagnostic that the verdict belongs to, if another diagnostic found it.
    """

    subject: str
    state: DiagnosisState
    reason: str
    fix: str = ""
    name: str = ""


def ok(subject: str, reason: str) -> Diagnosis:
    """Return a verdict that something is as it has to be."""
    return Diagnosis(subject, DiagnosisState.OK, reason)


def missing(subject: str, reason: str, fix: str) -> Diagnosis:
    """Return a verdict that something is missing or wrong."""
    return Diagnosis(subject, DiagnosisState.MISSING, reason, fix)


def unreadable(subject: str, reason: str, fix: str) -> Diagnosis:
    """Return a verdict that the state of something is not known."""
    return Diagnosis(subject, DiagnosisState.UNREADABLE, reason, fix)
