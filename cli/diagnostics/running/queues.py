"""The dead-letter queues of the hub and its forwarders: a message there is work that failed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from cli.diagnostics.forwarders import regions_of
from cli.diagnostics.hub_stack import StackResource, is_absent, of_the_hub, resources
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import FORWARDER_STACK_NAME

_QUEUE = "AWS::SQS::Queue"
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """A dead-letter queue: its address and its Region."""

    url: str
    region: str

    @property
    def subject(self) -> str:
        """Its name in a diagnosis."""
        return f"queue {self.url.rpartition('/')[2]} in {self.region}"


def judge_queue(queue: DeadLetterQueue, waiting: int) -> Diagnosis:
    """Judge the number of messages that wait."""
    if not waiting:
        return ok(queue.subject, "empty")
    where = f"--region {queue.region} --queue-url {queue.url}"
    read = f"aws sqs receive-message {where} --max-number-of-messages 10 --visibility-timeout 0 "
    messages = "1 message waits" if waiting == 1 else f"{waiting} messages wait"
    return missing(
        queue.subject,
        f"{messages}: the work was not done when it was due",
        f"Read it: {read}--attribute-names All --message-attribute-names All; the schedules sweep again by themselves, "
        f"so after fixing the cause: aws sqs purge-queue {where}",
    )


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Count the messages in each queue of the stacks."""
    subject = "dead-letter queues of the hub"
    found = of_the_hub(context, subject)
    if isinstance(found, Diagnosis):
        yield found
        return
    yield from _of(context, found, context.region)
    for region in regions_of(context):
        try:
            made = resources(context.calls("cloudformation", region), f"{FORWARDER_STACK_NAME}-{region}")
        except CallError as error:
            if not is_absent(error):  # forwarders says that it does not exist
                yield unread(f"queues of {FORWARDER_STACK_NAME}-{region}", error, "cloudformation:ListStackResources")
        else:
            yield from _of(context, made, region)


def _of(context: DiagnosticContext, made: list[StackResource], region: str) -> Iterator[Diagnosis]:
    calls = context.calls("sqs", region)
    for each in made:
        if each.kind == _QUEUE:
            queue = DeadLetterQueue(each.physical_id, region)
            try:
                found = calls("GetQueueAttributes", expects="Attributes", QueueUrl=queue.url, AttributeNames=_COUNTS)
            except CallError as error:
                yield unread(queue.subject, error, "sqs:GetQueueAttributes")
            else:
                yield judge_queue(queue, sum(int(found["Attributes"][count]) for count in _COUNTS))
