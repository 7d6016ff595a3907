"""AWS::SNS and AWS::SQS."""

from typing import Any

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    PutProvider,
    ReplacingProvider,
    ResourceProvider,
    StackLocation,
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
_DEFAULTS = {
    "DelaySeconds": "0",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}
"""Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""
_OF_TOPICS = frozenset({"DisplayName", "KmsMasterKeyId"})


class TopicProvider(ResourceProvider):
    """A topic."""

    properties = frozenset({*_OF_TOPICS, "Tags", "TopicName"})
    replacing = frozenset({"TopicName"})
    named_by = ("TopicName", 256)
    deletion = ("sns", "DeleteTopic", "TopicArn")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        tags, attributes = as_list(properties.get("Tags")), _attributes(properties, _OF_TOPICS)
        arn = aws.call("sns", "CreateTopic", Name=name, Attributes=attributes, Tags=tags)["TopicArn"]
        return Created(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its attributes."""
        for name, value in (
            dict.fromkeys(_attributes(previous, _OF_TOPICS), "") | _attributes(properties, _OF_TOPICS)
        ).items():
            arn = created.physical_id
            aws.call("sns", "SetTopicAttributes", TopicArn=arn, AttributeName=name, AttributeValue=value)
        return created


class TopicPolicyProvider(PutProvider):
    """The policy of topics."""

    properties = frozenset({"PolicyDocument", "Topics"})
    replacing = frozenset({"Topics"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Put it on its topics."""
        for arn in properties["Topics"]:
            document = as_json(properties["PolicyDocument"])
            aws.call("sns", "SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document)
        return Created(name)

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        """Do nothing; AWS restores the default policy."""


class SubscriptionProvider(ReplacingProvider):
    """A subscription of a topic."""

    properties = frozenset({"Endpoint", "FilterPolicy", "Protocol", "RawMessageDelivery", "RedrivePolicy", "TopicArn"})
    deletion = ("sns", "Unsubscribe", "SubscriptionArn")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        attributes = _attributes(properties, frozenset({"FilterPolicy", "RawMessageDelivery", "RedrivePolicy"}))
        target = {key: properties[key] for key in ("Endpoint", "Protocol", "TopicArn")}
        created = aws.call("sns", "Subscribe", Attributes=attributes, ReturnSubscriptionArn=True, **target)
        return Created(created["SubscriptionArn"], {"Arn": created["SubscriptionArn"]})


class QueueProvider(ResourceProvider):
    """A queue."""

    properties = _OF_QUEUES | {"QueueName", "Tags"}
    replacing = frozenset({"FifoQueue", "QueueName"})
    named_by = ("QueueName", 80)
    deletion = ("sqs", "DeleteQueue", "QueueUrl")

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        attributes = _attributes(properties, _OF_QUEUES)
        tags = as_tags(properties.get("Tags"))
        url = aws.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes, tags=tags)["QueueUrl"]
        return Created(url, {"Arn": aws.arn("sqs", name), "QueueName": name, "QueueUrl": url})

    def update(self, aws: StackLocation, created: Created, properties: Properties, previous: Properties) -> Created:
        """Change its attributes; what the template leaves out now is AWS's default again."""
        left_out = {name: _DEFAULTS[name] for name in previous.keys() - properties.keys() if name in _DEFAULTS}
        attributes = left_out | _attributes(properties, _OF_QUEUES)
        aws.call("sqs", "SetQueueAttributes", QueueUrl=created.physical_id, Attributes=attributes)
        return created


class QueuePolicyProvider(PutProvider):
    """The policy of queues."""

    properties = frozenset({"PolicyDocument", "Queues"})
    replacing = frozenset({"Queues"})

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        """Put it on its queues."""
        for url in properties["Queues"]:
            policy = {"Policy": as_json(properties["PolicyDocument"])}
            aws.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=policy)
        return Created(name)

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        """Remove it from its queues."""
        for url in properties["Queues"]:
            aws.delete("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": ""})


def _attributes(properties: Properties, names: frozenset[str]) -> dict[str, str]:
    return {name: _text(value) for name, value in properties.items() if name in names}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else as_json(value)
