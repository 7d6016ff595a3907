"""Says in one line what a run came to."""

from collections.abc import Mapping, Sequence
from typing import Any

from cli.output.ranking import by_severity, by_status
from functions.report.verdict import verdict_of


def closing_line(document: Mapping[str, Any]) -> str:
    """Return the verdict and the counts behind it."""
    if not (document["coverage"] or document["findings"] or document["actions"]):
        return "Nothing was looked at."
    counted = [finding for finding in document["findings"] if not finding["muted"]]
    muted = len(document["findings"]) - len(counted)
    parts = [_findings(counted), f"{muted} muted" if muted else "", *_actions(document["actions"])]
    return f"{verdict_of(document)}: {', '.join(part for part in parts if part)}."


def _findings(counted: Sequence[Mapping[str, Any]]) -> str:
    if not counted:
        return "no finding that needs a person"
    severities = ", ".join(f"{count} {severity}" for severity, count in by_severity(counted))
    return f"{len(counted)} finding{'s' * (len(counted) > 1)} ({severities})"


def _actions(actions: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{count} action{'s' * (count > 1)} {status.lower()}" for status, count in by_status(actions)]
