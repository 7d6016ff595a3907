"""Publishes to the hub's SNS topic, for people, and to its EventBridge bus, for other systems."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.shared.aws.calls import CallError, Calls


def compact_json(value: object) -> str:
    """Write a value as JSON in as few bytes as UTF-8 allows; what UTF-8 has no bytes for is escaped."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class TopicMessage:
    """One message to the topic, with a text for each protocol.

    Attributes:
        subject: at most 100 characters of ASCII.
        prose: for e-mail.
        chat: for Amazon Q Developer, as `chat_notification` returns it.
        attributes: for the subscriptions' filter policies; of a list, each value counts.
    """

    subject: str
    prose: str
    chat: Mapping[str, Any]
    attributes: Mapping[str, str | Sequence[str]]

    def by_protocol(self) -> str:
        """Return the message in SNS's JSON structure.

        Source: https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
        """
        chat = compact_json(self.chat)
        return compact_json({"default": self.prose, "email": self.prose, "http": chat, "https": chat})


def chat_notification(content: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """Return a custom notification of Amazon Q Developer.

    Args:
        content: its title, its description in markdown, and more.
        members: of the notification beside the content, such as ``id`` and ``metadata``.

    Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """
    return {"version": "1.0", "source": "custom", **members, "content": {"textType": "client-markdown", **content}}


@dataclass(frozen=True, slots=True)
class Publisher:
    """The hub's topic and its bus.

    Attributes:
        sns: calls of SNS.
        events: calls of EventBridge.
        topic_arn: of the topic.
        bus_name: of the bus.
    """

    sns: Calls
    events: Calls
    topic_arn: str
    bus_name: str

    def publish(self, message: TopicMessage) -> None:
        """Send a message to the subscribers of the topic.

        Raises:
            CallError: SNS refused it.
        """
        attributes = {name: _attribute(value) for name, value in message.attributes.items()}
        self.sns(
            "Publish",
            TopicArn=self.topic_arn,
            Subject=message.subject,
            Message=message.by_protocol(),
            MessageStructure="json",
            MessageAttributes=attributes,
        )

    def find_bus(self) -> None:
        """Make sure that the bus is there: EventBridge takes events for one that is not, and says nothing.

        Raises:
            CallError: it is not there, or that cannot be read.
        """
        self.events("DescribeEventBus", Name=self.bus_name)

    def put_event(
        self, detail_type: str, detail: Mapping[str, Any], at: datetime, resources: Sequence[str] = ()
    ) -> None:
        """Put one event on the bus.

        Raises:
            CallError: EventBridge refused the call or the event.
        """
        entry = {
            "EventBusName": self.bus_name,
            "Source": "watchkeeper",
            "DetailType": detail_type,
            "Detail": compact_json(detail),
            "Resources": [*resources],
            "Time": at,
        }
        answer = self.events("PutEvents", Entries=[entry])
        if answer["FailedEntryCount"]:
            failed = answer["Entries"][0]
            code, reason = str(failed.get("ErrorCode")), str(failed.get("ErrorMessage"))
            raise CallError("PutEvents", code, reason, retryable=True, answered=True)


def _attribute(value: str | Sequence[str]) -> dict[str, str]:
    """Write an attribute of a message.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
    """
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": str(value)}
    return {"DataType": "String.Array", "StringValue": json.dumps([*map(str, value)])}
