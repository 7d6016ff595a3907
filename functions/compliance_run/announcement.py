"""The message and the event that say that a run has written its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.report.verdict import RunVerdict
from functions.shared.aws.publisher import Publisher, TopicMessage, chat_notification
from functions.shared.finding import SEVEREST_FIRST

EVENT = "Compliance Run Completed"
"""Detail type of the event on our bus."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be said of a run.

    Attributes:
        run: which one it was.
        verdict: of the whole run.
        summary: in one line.
        severities: open findings that are not muted, by severity.
        coverage: targets, by how much of them was read.
        trend: against the last report; None for the first.
        report: S3 URI of the page.
    """

    run: Mapping[str, Any]
    verdict: RunVerdict
    summary: str
    severities: Mapping[str, int]
    coverage: Mapping[str, int]
    trend: Mapping[str, Any] | None
    report: str

    def send(self, publisher: Publisher, at: datetime) -> None:
        """Send it to the topic for people, and to the bus for other systems.

        Raises:
            CallError: SNS or EventBridge refused it.
        """
        subject = f"Compliance run: {self.verdict}"
        publisher.publish(TopicMessage(subject, self._prose(), self._chat(subject), {"kind": "report"}))
        publisher.put_event(EVENT, self._detail(), at)

    def _prose(self) -> str:
        trend = self.trend or {}
        since = "Since the last report: {new:,} new, {resolved:,} resolved."
        return "\n".join(
            [
                f"{self.verdict}.",
                f"{self.summary[0].upper()}{self.summary[1:]}.",
                "",
                *(f"{self.severities[each]:>7,} {each}" for each in SEVEREST_FIRST if each in self.severities),
                *(["", since.format(**trend)] if trend else []),
                "",
                f"Report: {self.report}",
                f"Fetch it: aws s3 cp {self.report} .",
                f"Run: {self.run['id']}, {self.run['started_at']} to {self.run['finished_at']}",
            ]
        )

    def _chat(self, title: str) -> dict[str, Any]:
        content = {
            "title": title,
            "description": self.summary,
            "nextSteps": [f"`aws s3 cp {self.report} .`"],
            "keywords": ["Watchkeeper", "compliance run"],
        }
        return chat_notification(content, id=str(self.run["id"]))

    def _detail(self) -> dict[str, Any]:
        return {
            "run": dict(self.run),
            "verdict": self.verdict.name,
            "severities": dict(self.severities),
            "coverage": dict(self.coverage),
            "trend": dict(self.trend) if self.trend else None,
            "report": self.report,
        }
