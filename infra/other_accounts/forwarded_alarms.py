"""Alarms of forwarders: no alarm publishes in another Region, so they come to the hub's topic as events."""

from collections.abc import Iterable
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.foundation.dead_letters import DeadLetters
from infra.functions.triggers import delivered_patiently

_TEXT = '"<alarm>, in account <account> and Region <region>"'
_FROM_EVENT = {
    "alarm": "$.detail.configuration.description",
    "account": "$.account",
    "region": "$.region",
}


def alarm_pattern(arns: Iterable[str] = ()) -> dict[str, Any]:
    """Return the pattern of an alarm that goes off: any that comes, or one of *arns*."""
    which = {"resources": [*arns]} if arns else {}
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"state": {"value": ["ALARM"]}},
        **which,
    }


class ForwardedAlarms(Construct):
    """The rule that tells the topic of each alarm that comes by the hub's bus."""

    def __init__(
        self, scope: Construct, id_: str, *, bus: events.IEventBus, topic: sns.ITopic, dead_letters: DeadLetters
    ) -> None:
        """Create the rule; a topic that is not the stack's own has to let EventBridge publish.

        AWS's page says that a topic's policy has no conditions for EventBridge, and EventBridge is seen to fill them:
        where it tells its rule it has to be ours, and where it does not, the alarm arrives all the same.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        """
        super().__init__(scope, id_)
        rule = events.CfnRule(
            self,
            "Rule",
            event_bus_name=bus.event_bus_name,
            event_pattern=alarm_pattern(),
            targets=[
                delivered_patiently(
                    "Topic",
                    topic.topic_arn,
                    dead_letters.undelivered,
                    text=events.CfnRule.InputTransformerProperty(input_template=_TEXT, input_paths_map=_FROM_EVENT),
                )
            ],
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
