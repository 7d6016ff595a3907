"""AWS::SNS and AWS::SQS."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Kind,
    Made,
    Place,
    Properties,
    Put,
    Remade,
    as_json,
    as_list,
    as_tags,
)

_OF_QUEUES = frozenset(
    {
        *("DelaySeconds", "FifoQueue", "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize"),
        *("MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "SqsManagedSseEnabled"),
        "VisibilityTimeout",
    }
)
_OF_TOPICS = frozenset({"DisplayName", "KmsMasterKeyId"})


class Topic(Kind):
    """A topic."""

    properties = frozenset({*_OF_TOPICS, "Tags", "TopicName"})
    replacing = frozenset({"TopicName"})
    named_by = ("TopicName", 256)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        tags, attributes = as_list(given.get("Tags")), _attributes(given, _OF_TOPICS)
        arn = place.call("sns", "CreateTopic", Name=name, Attributes=attributes, Tags=tags)["TopicArn"]
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change its attributes."""
        for name, value in (
            dict.fromkeys(_attributes(before, _OF_TOPICS), "") | _attributes(given, _OF_TOPICS)
        ).items():
            arn = made.physical_id
            place.call("sns", "SetTopicAttributes", TopicArn=arn, AttributeName=name, AttributeValue=value)
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("sns", "DeleteTopic", TopicArn=made.physical_id)


class TopicPolicy(Put):
    """Who may use topics."""

    properties = frozenset({"PolicyDocument", "Topics"})
    replacing = frozenset({"Topics"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it on its topics."""
        for arn in given["Topics"]:
            document = as_json(given["PolicyDocument"])
            place.call("sns", "SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document)
        return Made(name)

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Leave its topics to their owner; AWS puts its default there."""


class Subscription(Remade):
    """What a topic sends to."""

    properties = frozenset({"Endpoint", "FilterPolicy", "Protocol", "RawMessageDelivery", "RedrivePolicy", "TopicArn"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Subscribe."""
        attributes = _attributes(given, frozenset({"FilterPolicy", "RawMessageDelivery", "RedrivePolicy"}))
        target = {key: given[key] for key in ("Endpoint", "Protocol", "TopicArn")}
        made = place.call("sns", "Subscribe", Attributes=attributes, ReturnSubscriptionArn=True, **target)
        return Made(made["SubscriptionArn"], {"Arn": made["SubscriptionArn"]})

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Unsubscribe."""
        place.end("sns", "Unsubscribe", SubscriptionArn=made.physical_id)


class Queue(Kind):
    """A queue."""

    properties = _OF_QUEUES | {"QueueName", "Tags"}
    replacing = frozenset({"FifoQueue", "QueueName"})
    named_by = ("QueueName", 80)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Create it."""
        attributes = _attributes(given, _OF_QUEUES)
        tags = as_tags(given.get("Tags"))
        url = place.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes, tags=tags)["QueueUrl"]
        return Made(url, {"Arn": place.arn("sqs", name), "QueueName": name, "QueueUrl": url})

    def update(self, place: Place, made: Made, given: Properties, before: Properties) -> Made:
        """Change its attributes."""
        place.call("sqs", "SetQueueAttributes", QueueUrl=made.physical_id, Attributes=_attributes(given, _OF_QUEUES))
        return made

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("sqs", "DeleteQueue", QueueUrl=made.physical_id)


class QueuePolicy(Put):
    """Who may use queues."""

    properties = frozenset({"PolicyDocument", "Queues"})
    replacing = frozenset({"Queues"})

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it on its queues."""
        for url in given["Queues"]:
            policy = {"Policy": as_json(given["PolicyDocument"])}
            place.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=policy)
        return Made(name)

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Take it off its queues."""
        for url in given["Queues"]:
            place.end("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": ""})


def _attributes(given: Properties, names: frozenset[str]) -> dict[str, str]:
    return {name: _text(value) for name, value in given.items() if name in names}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else as_json(value)
