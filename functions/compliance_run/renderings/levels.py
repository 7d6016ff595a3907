"""How bad a word is: its colour on the page, and the shape that says the same without one."""

from functions.shared.finding import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO, FINE = "critical", "high", "medium", "low", "info", "fine"

LEVELS = {
    "CRITICAL": (CRITICAL, "◆"),
    "HIGH": (HIGH, "▲"),
    "MEDIUM": (MEDIUM, "●"),
    "LOW": (LOW, "○"),
    "INFORMATIONAL": (INFO, "·"),
    "UNREADABLE": (HIGH, "✕"),
    "PARTIAL": (MEDIUM, "◐"),
    "COMPLETE": (FINE, "✓"),
    "NOT_APPLICABLE": (INFO, "–"),  # noqa: RUF001  # a dash is meant
    "FAILED": (HIGH, "✕"),
    "DONE": (FINE, "✓"),
    "PLANNED": (LOW, "○"),
    "SKIPPED": (INFO, "–"),  # noqa: RUF001  # likewise
}
"""Class and mark of each severity, coverage and state of an action."""

SEVEREST_FIRST = [str(severity) for severity in reversed(Severity)]
_COVERAGE = ["UNREADABLE", "PARTIAL", "COMPLETE", "NOT_APPLICABLE"]
_ACTIONS = ["FAILED", "DONE", "PLANNED", "SKIPPED"]

RANKS = {word: place for words in (SEVEREST_FIRST, _COVERAGE, _ACTIONS) for place, word in enumerate(words)} | {
    "open": 0,
    "unread": 0,
    "muted": 1,
}
"""The place of each word among its own: the worst first, what is muted last."""
