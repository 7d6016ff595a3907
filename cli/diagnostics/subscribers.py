"""Who is told: the subscribers of the topic, and the webhooks. Findings that nobody hears of are the silence again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok
from cli.diagnostics.hub_stack import DEPLOY, find
from cli.diagnostics.refusals import unread
from cli.hubs.cdk import STACK
from functions.shared.aws.calls import CallError

_PENDING, _DELETED = "PendingConfirmation", "Deleted"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription of the topic.

    Attributes:
        protocol: such as ``email``.
        endpoint: such as an address.
        is_confirmed: whether it is told anything.
    """

    protocol: str
    endpoint: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic: its ARN."""

    arn: str

    @property
    def subject(self) -> str:
        """How rows call it."""
        return f"topic {self.arn.rpartition(':')[2]}"

    def subscribing(self, email: str) -> str:
        """Return the command line that subscribes an address, or sends it the link again."""
        region = self.arn.split(":")[3]
        whom = f"--protocol email --notification-endpoint {email}"
        return f"aws sns subscribe --region {region} --topic-arn {self.arn} {whom}"


def subscriber_rows(
    topic: Topic, subscribers: Sequence[Subscriber], emails: Sequence[str], webhooks: Sequence[str]
) -> Iterator[Row]:
    """Judge who listens.

    Args:
        topic: the hub's.
        subscribers: of the topic.
        emails: ``notifications.emails`` of the configuration.
        webhooks: the names in ``notifications.webhooks``.
    """
    known = {each.endpoint.lower() for each in subscribers if each.protocol.startswith("email")}
    for email in emails:
        if email.lower() not in known:
            again = f"{topic.subscribing(email)}; then the link in the mail from AWS"
            yield missing(email, "notifications.emails has it, and the topic does not", f"make deploy; or {again}")
    for each in subscribers:
        if not each.is_confirmed:
            yield missing(
                each.endpoint, f"its subscription by {each.protocol} is not confirmed", _confirming(topic, each)
            )
    confirmed = [f"{each.protocol} {each.endpoint}" for each in subscribers if each.is_confirmed]
    listening = [*confirmed, *(f"webhook {name}" for name in webhooks)]
    if listening:
        yield ok(topic.subject, f"these listen: {', '.join(listening)}")
    else:
        one = f"{topic.subscribing('YOU@EXAMPLE.COM')}; then the link in the mail from AWS"
        yield missing(topic.subject, "nobody listens", f"Set notifications.emails, and: make deploy; or {one}")


def examine(patient: Patient) -> Iterator[Row]:
    """Ask the topic who subscribes it."""
    section = patient.settings.section("notifications")
    topic = _topic(patient, str(section["topic"]))
    if isinstance(topic, Row):
        yield topic
        return
    asked = {"TopicArn": topic.arn}
    try:
        listed = list(
            patient.calls("sns").items("ListSubscriptionsByTopic", "Subscriptions", token_name="NextToken", **asked)  # noqa: S106  # no secret
        )
    except CallError as error:
        if error.code in {"NotFound", "NotFoundException"}:
            yield missing(topic.subject, "it is not there: nobody is told anything", DEPLOY)
        else:
            yield unread(topic.subject, error, "sns:ListSubscriptionsByTopic")
        return
    subscribers = [
        Subscriber(each["Protocol"], each["Endpoint"], each["SubscriptionArn"] != _PENDING)
        for each in listed
        if each["SubscriptionArn"] != _DELETED
    ]
    webhooks = [webhook["name"] for webhook in section["webhooks"]]
    yield from subscriber_rows(topic, subscribers, section["emails"], webhooks)


def _topic(patient: Patient, configured: str) -> Topic | Row:
    if configured != "create":
        return Topic(configured)
    subject = "topic of the hub"
    try:
        stack = find(patient.calls("cloudformation"), STACK, patient.region)
    except CallError as error:
        return unread(subject, error, "cloudformation:DescribeStacks")
    arn = stack.outputs.get("TopicArn") if stack else None
    return Topic(arn) if arn else missing(subject, "the hub is not deployed: nobody is told anything", DEPLOY)


def _confirming(topic: Topic, subscriber: Subscriber) -> str:
    if subscriber.protocol.startswith("email"):
        link = "Follow the link in the mail from AWS, within three days of it; this sends another"
        return f"{link}: {topic.subscribing(subscriber.endpoint)}"
    return "Let the endpoint confirm it: aws sns confirm-subscription, with the token that SNS sent there"
