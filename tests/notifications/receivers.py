"""What each receiver of messages takes: its published schema or limits, as JSON Schema of our own."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from functions.shared.aws.publisher import TopicMessage

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
ADDRESS = {"type": "string", "pattern": r"^https?://[^\s<>\"]+$", "maxLength": 3000}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    """Return the schema of an object with these members and no other."""
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def text_up_to(longest: int) -> dict[str, Any]:
    return {**TEXT, "maxLength": longest}


CUSTOM_NOTIFICATION = closed(
    ["version", "source", "content"],
    version={"const": "1.0"},
    source={"const": "custom"},
    id=TEXT,
    content=closed(
        ["description"],
        textType={"const": "client-markdown"},
        title=text_up_to(250),
        description=text_up_to(8000),
        nextSteps=TEXTS,
        keywords=TEXTS,
    ),
    metadata=closed(
        [],
        threadId=TEXT,
        summary=TEXT,
        eventType=TEXT,
        relatedResources=TEXTS,
        additionalContext={"type": "object", "additionalProperties": {"type": "string"}},
    ),
)
"""The event schema of Amazon Q Developer's custom notifications.

Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""


def _mrkdwn(longest: int) -> dict[str, Any]:
    return closed(["type", "text"], type={"const": "mrkdwn"}, text=text_up_to(longest), verbatim={"type": "boolean"})


def _plain(longest: int) -> dict[str, Any]:
    return closed(["type", "text"], type={"const": "plain_text"}, text=text_up_to(longest), emoji={"type": "boolean"})


_BUTTON = closed(["type", "text", "url"], type={"const": "button"}, text=_plain(75), url=ADDRESS)
_BLOCK = {
    "oneOf": [
        closed(["type", "text"], type={"const": "header"}, text=_plain(150)),
        closed(["type", "text"], type={"const": "section"}, text=_mrkdwn(3000)),
        closed(
            ["type", "fields"],
            type={"const": "section"},
            fields={"type": "array", "minItems": 1, "maxItems": 10, "items": _mrkdwn(2000)},
        ),
        closed(
            ["type", "elements"],
            type={"const": "actions"},
            elements={"type": "array", "minItems": 1, "maxItems": 25, "items": _BUTTON},
        ),
        closed(
            ["type", "elements"],
            type={"const": "context"},
            elements={"type": "array", "minItems": 1, "maxItems": 10, "items": _mrkdwn(3000)},
        ),
    ]
}
_BLOCKS = {"type": "array", "minItems": 1, "maxItems": 50, "items": _BLOCK}
SLACK = closed(
    ["text", "blocks", "attachments"],
    text=text_up_to(4000),
    blocks=_BLOCKS,
    attachments={
        "type": "array",
        "minItems": 1,
        "maxItems": 20,
        "items": closed(["color", "blocks"], color={"pattern": "^#[0-9a-f]{6}$"}, blocks=_BLOCKS),
    },
)
"""Block Kit: what a section, a header, a button hold at most. Attachments with blocks hold no other member.

Sources: https://docs.slack.dev/reference/block-kit/blocks/section-block,
https://docs.slack.dev/reference/block-kit/blocks/header-block,
https://docs.slack.dev/reference/block-kit/block-elements/button-element,
https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
"""

_TEXT_BLOCK = closed(
    ["type", "text"],
    type={"const": "TextBlock"},
    text=TEXT,
    wrap={"type": "boolean"},
    weight={"enum": ["Lighter", "Default", "Bolder"]},
    size={"enum": ["Small", "Default", "Medium", "Large", "ExtraLarge"]},
)
_TEXT_RUN = closed(["type", "text"], type={"const": "TextRun"}, text=TEXT, fontType={"enum": ["Default", "Monospace"]})
_ELEMENT = {
    "oneOf": [
        _TEXT_BLOCK,
        closed(
            ["type", "items"],
            type={"const": "Container"},
            style={"enum": ["default", "emphasis", "good", "attention", "warning", "accent"]},
            bleed={"type": "boolean"},
            items={"type": "array", "minItems": 1, "items": _TEXT_BLOCK},
        ),
        closed(
            ["type", "facts"],
            type={"const": "FactSet"},
            facts={"type": "array", "minItems": 1, "items": closed(["title", "value"], title=TEXT, value=TEXT)},
        ),
        closed(
            ["type", "inlines"],
            type={"const": "RichTextBlock"},
            spacing={"enum": ["None", "Default"]},
            inlines={"type": "array", "minItems": 1, "items": _TEXT_RUN},
        ),
    ]
}
_CARD = closed(
    ["type", "version", "body"],
    **{"$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"}},
    type={"const": "AdaptiveCard"},
    version={"const": "1.4"},
    msteams=closed([], width={"const": "Full"}),
    fallbackText=TEXT,
    body={"type": "array", "minItems": 1, "items": _ELEMENT},
    actions={
        "type": "array",
        "maxItems": 6,
        "items": closed(["type", "title", "url"], type={"const": "Action.OpenUrl"}, title=TEXT, url=ADDRESS),
    },
)
TEAMS = closed(
    ["type", "attachments"],
    type={"const": "message"},
    attachments={
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": closed(
            ["contentType", "content"],
            contentType={"const": "application/vnd.microsoft.card.adaptive"},
            content=_CARD,
        ),
    },
)
"""What we use of Adaptive Cards 1.4, in the message that a webhook of Teams takes.

Sources: https://adaptivecards.io/schemas/1.4.0/adaptive-card.json,
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""
TEAMS_BYTES = 28 * 1024
"""Source: https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations-with-actions"""

PAGERDUTY = closed(
    ["routing_key", "event_action", "dedup_key", "payload"],
    routing_key=TEXT,
    event_action={"enum": ["trigger", "acknowledge", "resolve"]},
    dedup_key=text_up_to(255),
    client=TEXT,
    client_url=ADDRESS,
    links={"type": "array", "items": closed(["href", "text"], href=ADDRESS, text=TEXT)},
    payload=closed(
        ["summary", "source", "severity"],
        summary=text_up_to(1024),
        source=TEXT,
        severity={"enum": ["critical", "error", "warning", "info"]},
        timestamp={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        component=TEXT,
        group=TEXT,
        **{"class": TEXT},
        custom_details={"type": "object"},
    ),
)
"""Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/"""
PAGERDUTY_BYTES = 512 * 1024
"""Source: https://developer.pagerduty.com/docs/events-api-v2-overview"""

JSON = closed(
    ["id", "detail-type", "source", "account", "time", "region", "detail"],
    version=TEXT,
    id=TEXT,
    source={"const": "watchkeeper"},
    account=TEXT,
    time=TEXT,
    region=TEXT,
    detail={"type": "object", "required": ["kind", "severity", "title", "text", "event_action", "dedup_key"]},
    **{"detail-type": {"const": "Message Posted"}},
)
"""An event of EventBridge.

Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
"""

SCHEMAS: Mapping[str, Any] = {"slack": SLACK, "teams": TEAMS, "pagerduty": PAGERDUTY, "json": JSON}
EVENT_BYTES = 256 * 1024
"""Of one event. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html"""

SNS_BYTES = 256 * 1024


def assert_takes(schema: Mapping[str, Any], body: Any) -> None:
    """Hold a body against the schema of its receiver."""
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(body)


def assert_sns_takes(sent: TopicMessage) -> None:
    """Hold *sent* against the limits of SNS.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    assert 0 < len(sent.subject) < 100
    assert sent.subject.isascii()
    assert sent.subject.isprintable()
    assert not sent.subject[0].isspace()
    assert len(sent.by_protocol().encode()) <= SNS_BYTES
    assert len(sent.attributes) <= 10
    assert all(str(value) for value in sent.attributes.values())


def texts_in(value: Any, *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield every text in a body, but for those of the members *but*."""
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from texts_in(item, but=but)
        case dict():
            for name, item in value.items():
                if name not in but:
                    yield from texts_in(item, but=but)
