"""The queues for asynchronous work that could not be done."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.shared.deployment.resources import DEAD_LETTERS_KEPT
from infra.nag import acknowledge

_IS_ONE = "it is a dead-letter queue, of rules, schedules and functions; the rule knows those of queues only"


class DeadLetterQueue(sqs.Queue):
    """A queue for what could not be done."""

    def __init__(self, scope: Construct, id_: str, *, key: kms.IKey | None = None) -> None:
        """Create it, encrypted with *key* or one of SQS's own."""
        super().__init__(
            scope,
            id_,
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.days(DEAD_LETTERS_KEPT.days),
        )
        acknowledge(self, "SQS3", _IS_ONE)
        acknowledge(self, "SQSRedrivePolicy", _IS_ONE, pack="Serverless")

    def takes_from_rules(self) -> "DeadLetterQueue":
        """Let every rule of its account send: a queue's policy has no room for a statement each."""
        rules = Stack.of(self).format_arn(service="events", resource="rule", resource_name="*")
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RulesOfThisHub",
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                resources=[self.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            ),
        )
        return self


class DeadLetters(Construct):
    """The two dead-letter queues of the hub.

    Attributes:
        undelivered: what never reached a function or another target.
        failed: events that a function failed at for good.
    """

    def __init__(self, scope: Construct, id_: str, *, key: kms.IKey | None = None) -> None:
        """Create both queues."""
        super().__init__(scope, id_)
        self.undelivered = DeadLetterQueue(self, "Undelivered", key=key).takes_from_rules()
        self.failed = DeadLetterQueue(self, "Failed", key=key)
