"""What a service delivers on behalf of a rule, a schedule, a topic or an alarm, as a question to IAM."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.iam.evaluation import Denial, judge
from emulator.iam.questions import keys_of_account
from emulator.iam.resource_policies import ACTIONS, admits, owner_of
from emulator.iam.service_roles import NotTrustedError, check
from emulator.iam.sessions import rights_of, role_at
from emulator.iam.statements import Question
from emulator.wire.identity import Location

_BY_ACCOUNT = "events:PutEvents"
"""An action that EventBridge does for a rule as the rule's account, not as a service."""


@dataclass(frozen=True, slots=True)
class ServiceDelivery:
    """A delivery of a service.

    Attributes:
        service: such as ``events.amazonaws.com``.
        source_arn: of the rule, schedule, topic or alarm.
        role_arn: of the role that the service assumes for it; empty for none.
        action: IAM's name, such as ``sqs:SendMessage``.
        resource: ARN of what it delivers to.
        keys: condition keys that only this action has.
    """

    service: str
    source_arn: str
    role_arn: str
    action: str
    resource: str
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def denial_of(delivery: ServiceDelivery) -> Denial | None:
    """Return why a delivery is denied; None if it is not.

    With a role, the role needs the right, and in another account the resource has to admit it too. Without one, a bus
    has to admit the account of the rule if it is another one; every other resource has to admit the service.

    Raises:
        PolicyError: a policy cannot be read.
        UnsupportedPolicyError: the emulator cannot evaluate a statement about it.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
    """
    account, is_far = _account(delivery), _account(delivery) != owner_of(delivery.resource)
    if delivery.role_arn:
        denial = _denial_of_role(delivery)
        names = frozenset({"*", account, delivery.role_arn})
        return denial or _admitted(delivery, _question(delivery, delivery.role_arn), names, is_needed=is_far)
    if delivery.action == _BY_ACCOUNT:
        question = _question(delivery, f"arn:{Location.of(delivery.source_arn).partition}:iam::{account}:root")
        return _admitted(delivery, question, frozenset({"*", account}), is_needed=is_far)
    names = frozenset({"*", delivery.service})
    return _admitted(delivery, _question(delivery, ""), names, is_needed=True)


def _account(delivery: ServiceDelivery) -> str:
    return Location.of(delivery.source_arn).account


def _admitted(
    delivery: ServiceDelivery, question: Question, names: frozenset[str], *, is_needed: bool
) -> Denial | None:
    return admits(question, names, is_needed=is_needed) if delivery.action in ACTIONS else None


def _denial_of_role(delivery: ServiceDelivery) -> Denial | None:
    try:
        check(delivery.role_arn, delivery.service)
    except NotTrustedError as error:
        return Denial(f"because {error}")
    role = role_at(delivery.role_arn)
    return judge(_question(delivery, delivery.role_arn), rights_of(role)) if role else None


def _question(delivery: ServiceDelivery, principal_arn: str) -> Question:
    """Return the question; without *principal_arn* the service itself asks."""
    source, owner = Location.of(delivery.source_arn), owner_of(delivery.resource)
    keys = {
        **keys_of_account(source.account if principal_arn else "", source.partition, principal_arn),
        "aws:principalisawsservice": (str(not principal_arn).lower(),),
        "aws:principalservicename": () if principal_arn else (delivery.service,),
        "aws:requestedregion": (delivery.resource.split(":")[3],),
        "aws:resourceaccount": (owner,),
        "aws:securetransport": ("true",),
        "aws:sourceaccount": (source.account,),
        "aws:sourcearn": (delivery.source_arn,),
        "aws:sourceorgid": keys_of_account(source.account, source.partition, "")["aws:principalorgid"],
        "aws:sourceowner": (source.account,) if delivery.service == "cloudwatch.amazonaws.com" else (),
    }
    return Question(delivery.action, delivery.resource, {**keys, **delivery.keys})
