"""The channels of the hub: the topic that notifies people, and the bus that notifies other systems."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Arn, ArnFormat, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.shared.deployment.audience import subscribers
from functions.shared.deployment.resources import BUS_NAME, DISPLAY_NAME
from infra.iam.policies import DeploymentError
from infra.nag import acknowledge

_TOPIC_IN_CLEAR = (
    "alarms and EventBridge cannot publish to a topic under the AWS-managed key, and there is no other without a key "
    "of your own; transport is encrypted, and no message holds a secret"
)


class Channels(Construct):
    """The topic and the bus.

    Attributes:
        topic: for alerts, digests, reminders and alarms; the stack's own, or the configuration's.
        bus: receives what forwarders send, and every change of a finding.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        section: Mapping[str, Any],
        undelivered: sqs.IQueue,
        key: kms.IKey | None = None,
    ) -> None:
        """Create both.

        Args:
            scope: the stack.
            id_: of this construct.
            section: ``notifications`` of the configuration.
            undelivered: the queue for what a subscriber did not take.
            key: encrypts the topic, unless the configuration names another topic.

        Raises:
            DeploymentError: the configuration's topic is in another Region.
        """
        super().__init__(scope, id_)
        self.bus = events.EventBus(self, "Bus", event_bus_name=BUS_NAME)
        given = str(section["topic"])
        self.topic = self._create_topic(key) if given == "create" else self._take_topic(given)
        for each in subscribers(section["emails"]):
            wanted = {name: sns.SubscriptionFilter(values) for name, values in each.filter_policy.items()}
            self.topic.add_subscription(
                subscriptions.EmailSubscription(
                    each.address, dead_letter_queue=undelivered, filter_policy=wanted or None
                )
            )

    def _create_topic(self, key: kms.IKey | None) -> sns.ITopic:
        topic = sns.Topic(self, "Topic", display_name=DISPLAY_NAME, enforce_ssl=True, master_key=key)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
        )
        if key is None:
            acknowledge(topic, "SNS2", _TOPIC_IN_CLEAR)
        return topic

    def _take_topic(self, arn: str) -> sns.ITopic:
        region, home = Arn.split(arn, ArnFormat.NO_RESOURCE_NAME).region, Stack.of(self).region
        if region != home:
            raise DeploymentError(
                f"notifications.topic is in {region}; alarms can only publish in the hub's Region, {home}"
            )
        return sns.Topic.from_topic_arn(self, "Topic", arn)
