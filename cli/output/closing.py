"""Sums up a result in one line."""

from collections.abc import Mapping
from typing import Any

from cli.output.ranking import counts
from functions.report.verdict import RunVerdict, verdict_of


def closing_line(document: Mapping[str, Any]) -> str:
    """Return the verdict and the counts behind it."""
    verdict = verdict_of(document)
    if verdict is RunVerdict.NOTHING:
        return f"{verdict}."
    severities = [str(finding["severity"]) for finding in document["findings"] if not finding["muted"]]
    muted = len(document["findings"]) - len(severities)
    parts = [_findings(severities), *([f"{muted} muted"] if muted else [])]
    for status, count in counts(str(action["status"]) for action in document["actions"]):
        parts.append(f"{count} action{'s' * (count > 1)} {status.lower()}")
    return f"{verdict}: {', '.join(parts)}."


def _findings(severities: list[str]) -> str:
    if not severities:
        return "no finding that needs a person"
    each = ", ".join(f"{count} {severity}" for severity, count in counts(severities))
    return f"{len(severities)} finding{'s' * (len(severities) > 1)} ({each})"
