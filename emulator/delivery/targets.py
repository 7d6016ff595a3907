"""Delivery to a target by its ARN."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from werkzeug.exceptions import HTTPException

from emulator.faults import Fault, Faults
from emulator.iam.deliveries import ServiceDelivery
from emulator.iam.guard import Guard
from emulator.iam.questions import keys_of_event
from emulator.wire.errors import ApiError

API_DESTINATION = "api-destination"
"""The name of API destinations in faults; their ARNs have EventBridge's service name."""

_PASSING = frozenset({"throttle", "server-error", "unavailable", "timeout-before", "timeout-after", "broken-page"})


class UndeliverableError(Exception):
    """A delivery fails.

    Attributes:
        code: the error code in a dead letter.
        passing: whether a later attempt may succeed.
    """

    def __init__(self, code: str, message: str, *, passing: bool = False) -> None:
        """Keep the reason."""
        super().__init__(message)
        self.code = code
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Payload:
    """What is delivered.

    Attributes:
        body: text, JSON for most targets.
        group_id: of the message, for a FIFO queue.
        attributes: of the message, if the target has them.
        http: the target's HttpParameters, for an API destination.
        subject: of the message, for a topic; empty for none.
        role_arn: of the role that is used for the delivery, if the target has one.
        service: that delivers, such as ``events.amazonaws.com``; it assumes that role.
        source_arn: of the rule, schedule, topic or alarm on whose behalf it delivers.
    """

    body: str
    group_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    http: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    role_arn: str = ""
    service: str = ""
    source_arn: str = ""


Deliverer = Callable[[str, Payload], None]

_ACTIONS: Mapping[str, str] = {
    API_DESTINATION: "events:InvokeApiDestination",
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}
"""What the delivery to a service needs the right to; a state machine is started by an ordinary call of the role."""


class Targets:
    """Delivers to targets by their ARNs.

    A fault on ``deliver:<service>``, such as ``deliver:sqs``, applies by account and Region of the target;
    one on ``deliver:api-destination`` acts as if the server had answered 429, 500, 403 or not at all.
    """

    def __init__(self, faults: Faults, guard: Guard) -> None:
        """Deliver to queues and topics what *guard* allows; other services are added by :meth:`serve`."""
        self._faults = faults
        self._guard = guard
        self._deliverers: dict[str, Deliverer] = {"sqs": _to_queue, "sns": _to_topic}

    def serve(self, service: str, deliverer: Deliverer) -> None:
        """Let *deliverer* deliver to ARNs of *service*."""
        self._deliverers[service] = deliverer

    def deliver(self, arn: str, payload: Payload) -> None:
        """Deliver *payload* to *arn*.

        Raises:
            UndeliverableError: the delivery fails.
        """
        service, region, account = _parts(arn)
        deliverer = self._deliverers.get(service)
        if deliverer is None:
            msg = f"the emulator does not deliver to {service}: {arn}"
            raise UndeliverableError("NOT_EMULATED", msg)
        self.check(arn, payload)
        fault = self._faults.inject(f"deliver:{service}", account, region, dict)
        if fault and fault.kind != "timeout-after":
            raise _failure(fault, arn)
        deliverer(arn, payload)
        if fault:
            raise _failure(fault, arn)

    def check(self, arn: str, payload: Payload) -> None:
        """Check that the service that delivers *payload* may deliver it to *arn*.

        Raises:
            UndeliverableError: it may not.
        """
        action = _ACTIONS.get(_parts(arn)[0])
        if not payload.service or action is None:
            return
        keys = _keys(payload.body) if action == "events:PutEvents" else {}
        delivery = ServiceDelivery(payload.service, payload.source_arn, payload.role_arn, action, arn, keys)
        try:
            self._guard.check_delivery(delivery)
        except ApiError as error:
            code = "NO_PERMISSIONS" if error.code == "AccessDeniedException" else "NOT_EMULATED"
            raise UndeliverableError(code, error.message) from error


def _keys(event: str) -> Mapping[str, tuple[str, ...]]:
    put = json.loads(event)
    return keys_of_event(put.get("source", ""), put.get("detail-type", ""), by_rule=True)


def _parts(arn: str) -> tuple[str, str, str]:
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":  # noqa: PLR2004  # an ARN has six parts
        raise UndeliverableError("INVALID_ARN", f"not an ARN: {arn!r}")
    is_destination = parts[2] == "events" and parts[5].startswith(f"{API_DESTINATION}/")
    return API_DESTINATION if is_destination else parts[2], parts[3], parts[4]


def _failure(fault: Fault, arn: str) -> UndeliverableError:
    passing = fault.kind in _PASSING
    code = fault.error or {"throttle": "THROTTLING", "denied": "NO_PERMISSIONS"}.get(fault.kind, "INTERNAL_ERROR")
    return UndeliverableError(code, f"a fault was injected into the delivery to {arn}", passing=passing)


def _to_queue(arn: str, payload: Payload) -> None:
    _, region, account = _parts(arn)
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in payload.attributes.items()}
    _deliver(
        arn,
        lambda: sqs_backends[account][region].send_message(
            arn.rpartition(":")[2],
            payload.body,
            message_attributes=attributes,
            group_id=payload.group_id,
            deduplication_id=None,
        ),
    )


def _to_topic(arn: str, payload: Payload) -> None:
    _, region, account = _parts(arn)
    topics, subject = sns_backends[account][region], payload.subject or None
    _deliver(arn, lambda: topics.publish(payload.body, arn=arn, subject=subject, message_attributes={}))


def _deliver(arn: str, ask: Callable[[], Any]) -> None:
    try:
        ask()
    except (ServiceException, HTTPException, ValueError) as error:  # how moto refuses
        code = getattr(error, "error_type", None) or getattr(error, "code", type(error).__name__)
        raise UndeliverableError(str(code), f"{arn}: {error}") from error
