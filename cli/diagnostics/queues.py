"""The dead-letter queues of the hub and its forwarders: what waits there was not done, and nobody else tells of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok
from cli.diagnostics.forwarders import STACK_PREFIX, forwarding_regions
from cli.diagnostics.hub_stack import Resource, is_absent, of_the_hub, resources
from cli.diagnostics.refusals import unread
from functions.shared.aws.calls import CallError

_QUEUE = "AWS::SQS::Queue"
_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class Queue:
    """A dead-letter queue: its address and its Region."""

    url: str
    region: str

    @property
    def subject(self) -> str:
        """How rows call it."""
        return f"queue {self.url.rpartition('/')[2]} in {self.region}"


def queue_row(queue: Queue, waiting: int) -> Row:
    """Judge how many messages wait."""
    if not waiting:
        return ok(queue.subject, "empty")
    where = f"--region {queue.region} --queue-url {queue.url}"
    look = f"aws sqs receive-message {where} --max-number-of-messages 10 --visibility-timeout 0 "
    wait, was = ("message waits", "it was") if waiting == 1 else ("messages wait", "they were")
    return missing(
        queue.subject,
        f"{waiting} {wait}: what {was} about was not done when it was due",
        f"See what: {look}--attribute-names All --message-attribute-names All; the schedules look again by themselves, "
        f"so when the cause is mended: aws sqs purge-queue {where}",
    )


def examine(patient: Patient) -> Iterator[Row]:
    """Count what waits in each queue of the stacks."""
    subject = "dead-letter queues of the hub"
    found = of_the_hub(patient, subject)
    if isinstance(found, Row):
        yield found
        return
    yield from _of(patient, found, patient.region)
    for region in forwarding_regions(patient):
        try:
            made = resources(patient.calls("cloudformation", region), f"{STACK_PREFIX}-{region}")
        except CallError as error:
            if not is_absent(error):  # that it is not there is what forwarders says
                yield unread(f"queues of {STACK_PREFIX}-{region}", error, "cloudformation:ListStackResources")
        else:
            yield from _of(patient, made, region)


def _of(patient: Patient, made: list[Resource], region: str) -> Iterator[Row]:
    calls = patient.calls("sqs", region)
    for each in made:
        if each.kind == _QUEUE:
            queue = Queue(each.physical_id, region)
            try:
                found = calls("GetQueueAttributes", expects="Attributes", QueueUrl=queue.url, AttributeNames=_COUNTS)
            except CallError as error:
                yield unread(queue.subject, error, "sqs:GetQueueAttributes")
            else:
                yield queue_row(queue, sum(int(found["Attributes"][count]) for count in _COUNTS))
