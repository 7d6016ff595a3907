"""Rules and the ledger's stream, which wake functions, each with the queue for what it cannot deliver."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.shared.automation import EventTrigger, StreamTrigger
from infra.foundation.dead_letters import DeadLetters
from infra.logical_ids import logical

LONGEST_DELIVERY = Duration.hours(24)
MOST_DELIVERIES = 185
_STREAM_GATHERS = Duration.seconds(10)
"""What a storm brings within this time comes as one batch, and becomes one digest."""


def delivered_patiently(
    id_: str,
    arn: str,
    undelivered: sqs.IQueue,
    *,
    role_arn: str | None = None,
    text: events.CfnRule.InputTransformerProperty | None = None,
) -> events.CfnRule.TargetProperty:
    """Describe a rule's target, to which EventBridge delivers for a day, and to a queue what did not arrive by then."""
    return events.CfnRule.TargetProperty(
        id=id_,
        arn=arn,
        role_arn=role_arn,
        input_transformer=text,
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=undelivered.queue_arn),
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=LONGEST_DELIVERY.to_seconds(),
            maximum_retry_attempts=MOST_DELIVERIES,
        ),
    )


class RuleTrigger(Construct):
    """The rules that bring one kind of event to a function, from the default bus and from our own."""

    def __init__(
        self,
        scope: Construct,
        trigger: EventTrigger,
        *,
        function: lambda_.Function,
        bus: events.IEventBus,
        dead_letters: DeadLetters,
    ) -> None:
        """Create the rules: none on the default bus if AWS never emits the event in the hub's Region."""
        super().__init__(scope, logical(trigger.name))
        self._target = delivered_patiently("Function", function.function_arn, dead_letters.undelivered)
        if trigger.home_region in {"", Stack.of(self).region}:
            self._rule("Here", trigger, function, bus_name=None)
        self._rule("Forwarded", trigger, function, bus_name=bus.event_bus_name)

    def _rule(self, id_: str, trigger: EventTrigger, function: lambda_.Function, bus_name: str | None) -> None:
        rule = events.CfnRule(
            self,
            id_,
            event_bus_name=bus_name,
            event_pattern=dict(trigger.pattern),
            targets=[self._target],
        )
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
        self,
        scope: Construct,
        trigger: StreamTrigger,
        *,
        function: lambda_.IFunction,
        table: dynamodb.ITable,
        dead_letters: DeadLetters,
    ) -> None:
        """Create the mapping."""
        super().__init__(scope, logical(trigger.name))
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=trigger.batch_size,
            max_batching_window=_STREAM_GATHERS,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=trigger.retries,
            max_record_age=LONGEST_DELIVERY,
            filters=[lambda_.FilterCriteria.filter(dict(pattern)) for pattern in trigger.filters],
            on_failure=sources.SqsDlq(dead_letters.failed),
        )
