"""SNS: every message is recorded, and delivered to its subscribers later."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from moto.moto_api._internal import mock_random
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription

from emulator.delivery.due_queue import DueQueue
from emulator.delivery.records import Records
from emulator.delivery.targets import Payload, Targets, UndeliverableError
from emulator.wire.times import iso_milliseconds

_LONGEST_SUBJECT = 100
_LARGEST_MESSAGE = 256 * 1024


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """A message that was published to a topic.

    Attributes:
        topic_arn: of the topic.
        subject: as published, or empty.
        message: as published.
        structure: ``json`` if the message holds a text for each protocol, else empty.
        by_protocol: those texts; only ``default`` without a structure.
        attributes: of the message, by name, each with ``Type`` and ``Value``.
        at: time of the publication.
        addresses: of the subscriptions by e-mail whose filter policy lets it through, confirmed or not.
    """

    topic_arn: str
    subject: str
    message: str
    structure: str
    by_protocol: Mapping[str, str]
    attributes: Mapping[str, Any] = field(hash=False)
    at: datetime
    addresses: tuple[str, ...] = ()

    def for_protocol(self, protocol: str) -> str:
        """Return the text for a subscriber of *protocol*, such as ``email``."""
        return self.by_protocol.get(protocol, self.by_protocol["default"])


class PublishedMessages(Records[PublishedMessage]):
    """Every message that was published to any topic, oldest first."""

    def of(self, topic_arn: str) -> list[PublishedMessage]:
        """Return what was published to one topic."""
        return [message for message in self if message.topic_arn == topic_arn]


@contextmanager
def installed(inbox: PublishedMessages, due_queue: DueQueue, targets: Targets) -> Iterator[None]:
    """Let moto's topics check messages as AWS does, record them, and deliver them to subscribers later."""
    publish, bring = SNSBackend.publish, Subscription.publish

    def check_and_publish(backend: SNSBackend, message: str, arn: str | None = None, **arguments: Any) -> str:
        subject, structure = arguments.get("subject"), arguments.get("message_structure")
        texts = _checked(message, subject, structure)
        message_id = publish(backend, message, arn, **arguments)
        if arn:
            attributes = arguments.get("message_attributes") or {}
            said = (arn, subject or "", message, structure or "", texts, attributes, datetime.now(UTC))
            subscribed = [each for each in backend.subscriptions.values() if each.topic.arn == arn]
            by_mail = (each for each in subscribed if each.protocol in ("email", "email-json"))
            inbox.add(PublishedMessage(*said, tuple(e.endpoint for e in by_mail if _passes(e, message, arguments))))
        return message_id

    def bring_later(subscription: Subscription, message: str, message_id: str, **arguments: Any) -> None:
        if not _passes(subscription, message, arguments):
            return
        if subscription.protocol == "lambda":
            later = _to_function(subscription, message, message_id, arguments, targets)
        elif subscription.protocol == "sqs":

            def later() -> None:
                targets.check(subscription.endpoint, _payload(subscription, message))
                bring(subscription, message, message_id, **arguments)

        else:
            return
        due_queue.put(lambda: _redriven(subscription, message, later, targets))

    with (
        patch.object(SNSBackend, "publish", check_and_publish),
        patch.object(Subscription, "publish", bring_later),
    ):
        yield


def _passes(subscription: Subscription, message: str, arguments: Mapping[str, Any]) -> bool:
    """Tell whether the subscription's filter policy, if it has one, lets a message through."""
    matcher = subscription._filter_policy_matcher  # noqa: SLF001  # moto has no other way to ask
    return matcher is None or matcher.matches(arguments.get("message_attributes"), message)


def _checked(message: str, subject: str | None, structure: str | None) -> dict[str, str]:
    if not message:
        raise SNSInvalidParameter("Invalid parameter: Empty message")
    if len(message.encode()) > _LARGEST_MESSAGE:
        raise SNSInvalidParameter("Invalid parameter: Message too long")
    if subject is not None and not _is_subject(subject):
        raise SNSInvalidParameter("Invalid parameter: Subject")
    if structure != "json":
        return {"default": message}
    try:
        texts = json.loads(message)
    except ValueError as error:
        reason = "Invalid parameter: Message Structure - JSON message body failed to parse"
        raise SNSInvalidParameter(reason) from error
    if not isinstance(texts, dict) or not isinstance(texts.get("default"), str):
        raise SNSInvalidParameter("Invalid parameter: Message Structure - No default entry in JSON message body")
    return {protocol: text for protocol, text in texts.items() if isinstance(text, str)}


def _is_subject(subject: str) -> bool:
    """Tell whether SNS accepts it: at most 100 printable ASCII characters, the first not a space.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    printable = subject.isascii() and subject.isprintable()
    return printable and 0 < len(subject) <= _LONGEST_SUBJECT and not subject[0].isspace()


def _to_function(
    subscription: Subscription, message: str, message_id: str, arguments: Mapping[str, Any], targets: Targets
) -> Any:
    text = json.loads(message) if arguments.get("message_structure") == "json" else {"default": message}
    attributes = {
        name: {"Type": each.get("Type"), "Value": each.get("Value")}
        for name, each in (arguments.get("message_attributes") or {}).items()
    }
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": arguments.get("subject"),
        "Message": text.get("lambda", text["default"]),
        "Timestamp": iso_milliseconds(datetime.now(UTC)),
        "MessageAttributes": attributes,
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": notification,
    }
    text = json.dumps({"Records": [record]})
    return lambda: targets.deliver(subscription.endpoint, _payload(subscription, text))


def _payload(subscription: Subscription, text: str, **attributes: str) -> Payload:
    return Payload(text, attributes=attributes, service="sns.amazonaws.com", source_arn=subscription.topic.arn)


def _redriven(subscription: Subscription, message: str, bring: Any, targets: Targets) -> None:
    try:
        bring()
    except UndeliverableError:
        policy = subscription.attributes.get("RedrivePolicy")
        if not policy:
            raise
        queue = json.loads(policy)["deadLetterTargetArn"]
        targets.deliver(queue, _payload(subscription, message, RequestID=str(mock_random.uuid4())))
