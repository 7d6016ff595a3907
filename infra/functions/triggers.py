"""Rules and the ledger's stream, which trigger functions, each with the queue for what it cannot deliver."""

from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.shared.automation import StreamTrigger
from functions.shared.deployment.event_rules import DEFAULT_BUS, RuleDescription
from functions.shared.deployment.resources import DELIVERY, STREAM_GATHERS
from infra.foundation.foundation import Foundation
from infra.logical_ids import logical


def rule_target(
    id_: str,
    arn: str,
    undelivered: sqs.IQueue,
    *,
    role_arn: str | None = None,
    transformer: Mapping[str, Any] | None = None,
) -> events.CfnRule.TargetProperty:
    """Describe a rule's target, and the queue for what could not be delivered to it for a day.

    Args:
        id_: of the target, in its rule.
        arn: of the target.
        undelivered: the queue.
        role_arn: of the role in which EventBridge delivers, where the target wants one.
        transformer: EventBridge's input transformer; None for the event as it is.
    """
    return events.CfnRule.TargetProperty(
        id=id_,
        arn=arn,
        role_arn=role_arn,
        input_transformer=events.CfnRule.InputTransformerProperty(
            input_paths_map=transformer["InputPathsMap"], input_template=transformer["InputTemplate"]
        )
        if transformer
        else None,
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=undelivered.queue_arn),
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=DELIVERY.longest.total_seconds(), maximum_retry_attempts=DELIVERY.retries
        ),
    )


class RuleTrigger(Construct):
    """The rules that bring one kind of event to a function, from the default bus, from our own, or from both."""

    def __init__(
        self,
        scope: Construct,
        trigger: str,
        rules: Iterable[RuleDescription],
        *,
        function: lambda_.Function,
        foundation: Foundation,
    ) -> None:
        """Create the rules.

        Args:
            scope: the function's construct.
            trigger: its name in the manifest.
            rules: all of that trigger.
            function: what they invoke.
            foundation: of the hub, with its bus and its queue.
        """
        super().__init__(scope, logical(trigger))
        target = rule_target("Function", function.function_arn, foundation.dead_letters.undelivered)
        for described in rules:
            is_here, pattern = described.bus == DEFAULT_BUS, described.pattern
            id_, bus = ("Here", None) if is_here else ("Forwarded", foundation.channels.bus.event_bus_name)
            rule = events.CfnRule(self, id_, event_bus_name=bus, event_pattern=pattern, targets=[target])
            lambda_.CfnPermission(
                self,
                f"{id_}Permission",
                action="lambda:InvokeFunction",
                function_name=function.function_name,
                principal="events.amazonaws.com",
                source_arn=rule.attr_arn,
            )


class LedgerTrigger(Construct):
    """The mapping that gives a function the ledger's stream; a broken record holds up none but itself."""

    def __init__(
        self, scope: Construct, trigger: StreamTrigger, *, function: lambda_.IFunction, foundation: Foundation
    ) -> None:
        """Create the mapping."""
        super().__init__(scope, logical(trigger.name))
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=foundation.ledger.table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=trigger.batch_size,
            max_batching_window=Duration.seconds(STREAM_GATHERS.total_seconds()),
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=trigger.retries,
            max_record_age=Duration.seconds(DELIVERY.longest.total_seconds()),
            filters=[lambda_.FilterCriteria.filter(dict(pattern)) for pattern in trigger.filters],
            on_failure=sources.SqsDlq(foundation.dead_letters.failed),
        )
