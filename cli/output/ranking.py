"""Puts findings in the order in which a person should look at them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.shared.finding import Compliance, Severity

_SEVEREST_FIRST = [str(severity) for severity in sorted(Severity, key=lambda s: s.rank, reverse=True)]
_STATUSES = ("FAILED", "DONE", "PLANNED", "SKIPPED")


def most_urgent_first(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort by severity, of one severity what could not be read last, muted ones after all.

    The same findings always come in the same order.
    """

    def urgency(finding: Mapping[str, Any]) -> tuple[Any, ...]:
        is_unread = finding["compliance"] == Compliance.INSUFFICIENT_DATA
        severity = _rank(_SEVEREST_FIRST, finding["severity"])
        return bool(finding["muted"]), severity, is_unread, *_identity(finding)

    return sorted(findings, key=urgency)


def failed_first(actions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort by status; actions of one status stay in the order in which they were made."""
    return sorted(actions, key=lambda action: _rank(_STATUSES, action["status"]))


def by_status(actions: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Count, failed ones first."""
    return _counted(_STATUSES, [str(action["status"]) for action in actions])


def by_severity(findings: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Count, the most severe first."""
    return _counted(_SEVEREST_FIRST, [str(finding["severity"]) for finding in findings])


def _counted(order: Sequence[str], words: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(words).items(), key=lambda pair: _rank(order, pair[0]))


def _rank(order: Sequence[str], word: str) -> int:
    """Return the place of *word*; one that nobody knows comes first."""
    return order.index(word) if word in order else -1


def _identity(finding: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(finding[part]) for part in ("automation", "check", "account", "region", "resource", "occurrence"))
