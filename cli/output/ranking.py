"""Puts findings and actions in the order in which a person should look at them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from functions.report.display import RANKS
from functions.shared.finding import Compliance


def most_urgent_first(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort by severity, of one severity what could not be read last, muted ones after all.

    The same findings always come in the same order.
    """

    def urgency(finding: Mapping[str, Any]) -> tuple[Any, ...]:
        is_unread = finding["compliance"] == Compliance.INSUFFICIENT_DATA
        return bool(finding["muted"]), _rank(finding["severity"]), is_unread, *_identity(finding)

    return sorted(findings, key=urgency)


def failed_first(actions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort by status; actions of one status stay in the order in which they were made."""
    return sorted(actions, key=lambda action: _rank(action["status"]))


def counts(words: Iterable[str]) -> list[tuple[str, int]]:
    """Count severities or statuses, the worst first."""
    return sorted(Counter(words).items(), key=lambda pair: _rank(pair[0]))


def _rank(word: str) -> int:
    """Return the rank of *word*; an unknown one comes first."""
    return RANKS.get(word, -1)


def _identity(finding: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(finding[part]) for part in ("automation", "check", "account", "region", "resource", "occurrence"))
