"""Alarms of forwarders: no alarm publishes in another Region, so they come to the hub's topic as events."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from functions.shared.deployment.resources import ALARM_MESSAGE, alarm_pattern
from infra.foundation.foundation import Foundation
from infra.functions.triggers import rule_target


class ForwardedAlarms(Construct):
    """The rule that sends the topic a message for each alarm that comes by the hub's bus."""

    def __init__(self, scope: Construct, id_: str, *, foundation: Foundation) -> None:
        """Create the rule; a topic that is not the stack's own has to let EventBridge publish.

        AWS's page says that a topic's policy has no conditions for EventBridge; but EventBridge has been seen to fill
        them. Where it names its rule, the rule has to be ours; where it does not, the alarm arrives all the same.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        """
        super().__init__(scope, id_)
        topic, undelivered = foundation.channels.topic, foundation.dead_letters.undelivered
        rule = events.CfnRule(
            self,
            "Rule",
            event_bus_name=foundation.channels.bus.event_bus_name,
            event_pattern=alarm_pattern(),
            targets=[rule_target("Topic", topic.topic_arn, undelivered, transformer=ALARM_MESSAGE)],
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ForwardedAlarms",
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={
                    "ArnEqualsIfExists": {"aws:SourceArn": rule.attr_arn},
                    "StringEqualsIfExists": {"aws:SourceAccount": Stack.of(self).account},
                },
            ),
        )
