"""Webhooks: the event that EventBridge posts to them, and the body that each form of them understands.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGE_POSTED = "Message Posted"
"""The detail-type of what webhooks are sent."""

CREDENTIAL = ("X-Watchkeeper", "hub")
"""A header that EventBridge sends because a connection has to have a key; the secret is the URL."""

_PLACEHOLDER = re.compile(r'"<([\w.-]+)>"')


@dataclass(frozen=True, slots=True)
class WebhookForm:
    """What one kind of receiver understands.

    Attributes:
        body: of the request, in which ``"<detail.name>"`` stands for that member of the event.
        per_second: most requests that EventBridge makes.
        url_member: the member of the secret that is the URL; empty where it is the whole secret.
        added_member: a member of the secret that is added to the body under the same name.
        wanted: what the event's detail must be like.
    """

    body: Mapping[str, Any]
    per_second: int
    url_member: str = ""
    added_member: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keeps_incidents(self) -> bool:
        """Whether the receiver keeps an incident open until it is told that it is resolved."""
        return "event_action" in self.wanted

    def pattern(self, account: str, name: str) -> dict[str, Any]:
        """Return the pattern of the events that are posted to the webhook *name*.

        They are only the hub's own, although others use the bus too.
        """
        detail = {**self.wanted, "webhooks": [name]}
        return {"source": ["watchkeeper"], "detail-type": [MESSAGE_POSTED], "account": [account], "detail": detail}

    def transformer(self) -> dict[str, Any]:
        """Return EventBridge's input transformer: outside of quotes it puts any member of an event in as JSON."""
        template = json.dumps(self.body)
        names = {path: re.sub(r"\W", "_", path) for path in _PLACEHOLDER.findall(template)}
        return {
            "InputPathsMap": {name: f"$.{path}" for path, name in names.items()},
            "InputTemplate": _PLACEHOLDER.sub(lambda found: f"<{names[found[1]]}>", template),
        }


_ENVELOPE = ("version", "id", "detail-type", "source", "account", "time", "region")

FORMS: Mapping[str, WebhookForm] = {
    "slack": WebhookForm(
        {name: f"<detail.slack.{name}>" for name in ("text", "blocks", "attachments")},
        per_second=1,
    ),
    "teams": WebhookForm({"type": "message", "attachments": "<detail.teams.attachments>"}, per_second=1),
    "pagerduty": WebhookForm(
        {
            "event_action": "<detail.event_action>",
            "dedup_key": "<detail.dedup_key>",
            "client": "Watchkeeper",
            **{name: f"<detail.pagerduty.{name}>" for name in ("payload", "links", "client_url")},
        },
        per_second=2,
        url_member="url",
        added_member="routing_key",
        wanted={"event_action": ["trigger", "resolve"]},
    ),
    "json": WebhookForm({**{name: f"<{name}>" for name in _ENVELOPE}, "detail": "<detail.json>"}, per_second=5),
}
"""By the word of the configuration.

Sources: https://api.slack.com/messaging/webhooks,
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using,
https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
"""
