"""Where asynchronous work ends up that could not be done."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledgements import acknowledge

_IS_ONE = "it is a dead-letter queue, of rules, schedules and functions; the rule knows those of queues only"
_LONGEST_RETENTION = Duration.days(14)


class DeadLetters(Construct):
    """The two dead-letter queues of the hub.

    Attributes:
        undelivered: events and schedules that never reached their function.
        failed: what a function was given and failed at for good.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        """Create both queues; one statement lets every rule in, for a queue's policy has no room for one each."""
        super().__init__(scope, id_)
        self.undelivered = self._queue("Undelivered")
        self.failed = self._queue("Failed")
        stack = Stack.of(self)
        rules = stack.format_arn(service="events", resource="rule", resource_name="*")
        self.undelivered.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RulesOfThisHub",
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                resources=[self.undelivered.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            ),
        )

    def _queue(self, id_: str) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            id_,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=_LONGEST_RETENTION,
        )
        acknowledge(queue, "SQS3", _IS_ONE)
        return queue
