"""What people and other systems are told of a run that has written its report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.report.verdict import Verdict
from functions.shared.run.hub import Hub

EVENT = "Compliance Run Completed"
"""Detail type of the event on our bus."""

_SEVEREST_FIRST = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL")


class NotAnnouncedError(Exception):
    """EventBridge took the call and not the event."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be told.

    Attributes:
        run: which one it was.
        verdict: what it comes to.
        summary: in one line.
        severities: open findings that are not muted, by severity.
        coverage: targets, by how much of them was read.
        trend: against the last report; None for the first.
        report: where the page is: an S3 URI.
    """

    run: Mapping[str, Any]
    verdict: Verdict
    summary: str
    severities: Mapping[str, int]
    coverage: Mapping[str, int]
    trend: Mapping[str, Any] | None
    report: str

    def prose(self) -> str:
        """Return the text for e-mail."""
        found = [f"{self.severities[each]:>7,} {each}" for each in _SEVEREST_FIRST if each in self.severities]
        since = [
            f"Since the last report: {each['new']:,} new, {each['resolved']:,} resolved." for each in _some(self.trend)
        ]
        return "\n".join(
            [
                f"{self.verdict}.",
                f"{self.summary[0].upper()}{self.summary[1:]}.",
                "",
                *found,
                *(["", *since] if since else []),
                "",
                f"Report: {self.report}",
                f"Fetch it: aws s3 cp {self.report} .",
                f"Run: {self.run['id']}, {self.run['started_at']} to {self.run['finished_at']}",
            ]
        )

    def chat(self) -> dict[str, Any]:
        """Return the text for chat.

        Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
        """
        content = {
            "textType": "client-markdown",
            "title": f"Compliance run: {self.verdict}",
            "description": self.summary,
            "nextSteps": [f"`aws s3 cp {self.report} .`"],
            "keywords": ["Watchkeeper", "compliance run"],
        }
        return {"version": "1.0", "source": "custom", "id": str(self.run["id"]), "content": content}

    def detail(self) -> dict[str, Any]:
        """Return what the event says."""
        return {
            "run": dict(self.run),
            "verdict": self.verdict.name,
            "severities": dict(self.severities),
            "coverage": dict(self.coverage),
            "trend": dict(self.trend) if self.trend else None,
            "report": self.report,
        }


def _some(trend: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [trend] if trend else []


def announce(announcement: Announcement, hub: Hub, *, topic: str, bus: str) -> None:
    """Tell people by the topic, and other systems by the bus.

    Raises:
        CallError: SNS or EventBridge refused the call.
        NotAnnouncedError: EventBridge took the call and not the event.
    """
    region = hub.settings.hub_region
    chat = json.dumps(announcement.chat())
    prose = announcement.prose()
    hub.clients.calls("sns", region)(
        "Publish",
        TopicArn=topic,
        Subject=f"Compliance run: {announcement.verdict}",
        Message=json.dumps({"default": prose, "email": prose, "http": chat, "https": chat}),
        MessageStructure="json",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "report"}},
    )
    entry = {
        "EventBusName": bus,
        "Source": "watchkeeper",
        "DetailType": EVENT,
        "Detail": json.dumps(announcement.detail(), sort_keys=True),
    }
    answer = hub.clients.calls("events", region)("PutEvents", Entries=[entry])
    if answer["FailedEntryCount"]:
        failed = answer["Entries"][0]
        raise NotAnnouncedError(f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}")
