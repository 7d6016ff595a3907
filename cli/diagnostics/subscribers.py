"""Who receives notifications: the subscribers of the topic, and the webhooks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from cli.diagnostics.hub_stack import DEPLOY, find
from functions.shared.aws.calls import CallError
from functions.shared.deployment.audience import subscribers as configured
from functions.shared.deployment.resources import STACK_NAME

_PENDING, _DELETED = "PendingConfirmation", "Deleted"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription of the topic.

    Attributes:
        protocol: such as ``email``.
        endpoint: such as an address.
        is_confirmed: whether it receives messages.
    """

    protocol: str
    endpoint: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class AlertTopic:
    """The topic of the alerts: its ARN."""

    arn: str

    @property
    def subject(self) -> str:
        """Its name in a diagnosis."""
        return f"topic {self.arn.rpartition(':')[2]}"

    def subscribing(self, email: str) -> str:
        """Return the command line that subscribes an address, or sends the link again."""
        region = self.arn.split(":")[3]
        endpoint = f"--protocol email --notification-endpoint {email}"
        return f"aws sns subscribe --region {region} --topic-arn {self.arn} {endpoint}"


def judge_subscriptions(
    topic: AlertTopic, subscribers: Sequence[Subscription], emails: Sequence[str], webhooks: Sequence[str]
) -> Iterator[Diagnosis]:
    """Judge who receives notifications.

    Args:
        topic: of the hub.
        subscribers: of the topic.
        emails: the addresses in ``notifications.emails`` of the configuration.
        webhooks: the names in ``notifications.webhooks``.
    """
    known = {each.endpoint.lower() for each in subscribers if each.protocol.startswith("email")}
    for email in emails:
        if email.lower() not in known:
            again = f"{topic.subscribing(email)}; then follow the link in the mail from AWS"
            yield missing(
                email,
                "notifications.emails names it, but the topic has no such subscription",
                f"make deploy; or {again}",
            )
    for each in subscribers:
        if not each.is_confirmed:
            yield missing(
                each.endpoint, f"its subscription by {each.protocol} is not confirmed", _confirming(topic, each)
            )
    confirmed = [f"{each.protocol} {each.endpoint}" for each in subscribers if each.is_confirmed]
    subscribed = [*confirmed, *(f"webhook {name}" for name in webhooks)]
    if subscribed:
        yield ok(topic.subject, f"subscribed: {', '.join(subscribed)}")
    else:
        one = f"{topic.subscribing('YOU@EXAMPLE.COM')}; then follow the link in the mail from AWS"
        yield missing(topic.subject, "nobody is subscribed", f"Set notifications.emails, and: make deploy; or {one}")


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Read the subscriptions of the topic."""
    section = context.settings.section("notifications")
    topic = _topic(context, str(section["topic"]))
    if isinstance(topic, Diagnosis):
        yield topic
        return
    asked = {"TopicArn": topic.arn}
    try:
        listed = list(
            context.calls("sns").items("ListSubscriptionsByTopic", "Subscriptions", token_name="NextToken", **asked)  # noqa: S106  # no secret
        )
    except CallError as error:
        if error.code in {"NotFound", "NotFoundException"}:
            yield missing(topic.subject, "it does not exist: nobody receives notifications", DEPLOY)
        else:
            yield unread(topic.subject, error, "sns:ListSubscriptionsByTopic")
        return
    subscribers = [
        Subscription(each["Protocol"], each["Endpoint"], each["SubscriptionArn"] != _PENDING)
        for each in listed
        if each["SubscriptionArn"] != _DELETED
    ]
    webhooks = [webhook["name"] for webhook in section["webhooks"]]
    addresses = [each.address for each in configured(section["emails"])]
    yield from judge_subscriptions(topic, subscribers, addresses, webhooks)


def _topic(context: DiagnosticContext, configured: str) -> AlertTopic | Diagnosis:
    if configured != "create":
        return AlertTopic(configured)
    subject = "topic of the hub"
    try:
        stack = find(context.calls("cloudformation"), STACK_NAME, context.region)
    except CallError as error:
        return unread(subject, error, "cloudformation:DescribeStacks")
    arn = stack.outputs.get("TopicArn") if stack else None
    return (
        AlertTopic(arn) if arn else missing(subject, "the hub is not deployed: nobody receives notifications", DEPLOY)
    )


def _confirming(topic: AlertTopic, subscription: Subscription) -> str:
    if subscription.protocol.startswith("email"):
        link = "Follow the link in the mail from AWS within three days; this command sends the mail again"
        return f"{link}: {topic.subscribing(subscription.endpoint)}"
    return "Confirm it: aws sns confirm-subscription, with the token that SNS sent to the endpoint"
