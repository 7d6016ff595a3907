"""Asynchronous invocations: queued, retried, and sent to a destination at their end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from emulator.awslambda.configuration import dead_letter_queue_of
from emulator.awslambda.durable.functions import DurableFunctions, is_durable
from emulator.awslambda.functions import Functions, NoCodeError, function_at, qualifier_in, sent_by
from emulator.awslambda.runtime import LATEST, Outcome
from emulator.delivery.due_queue import DueQueue
from emulator.delivery.targets import Payload, Targets, UndeliverableError
from emulator.wire.times import iso_milliseconds

_RETRIES = 2
_WAITS = (timedelta(minutes=1), timedelta(minutes=2))
_LONGEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class _Waiting:
    function_arn: str
    event: Any
    request_id: str
    queued_at: datetime
    failures: int = 0


class AsynchronousInvocations:
    """Invokes functions asynchronously, as Lambda does for events.

    A failed run is retried after one minute and after two more; then the event is sent to the function's failure
    destination (``put_function_event_invoke_config``) and to its dead-letter queue (``DeadLetterConfig``), if it has
    them, and is lost otherwise.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """

    def __init__(self, functions: Functions, durable: DurableFunctions, due_queue: DueQueue, targets: Targets) -> None:
        """Run functions from *due_queue*, and send results to *targets*."""
        self._functions = functions
        self._durable = durable
        self._due_queue = due_queue
        self._targets = targets
        targets.serve("lambda", self._take)

    def queue(self, function: LambdaFunction, event: Any) -> None:
        """Run *function* soon, outside the current call."""
        if is_durable(function):
            self._durable.begin(function, event)
            return
        waiting = _Waiting(str(function.function_arn), event, str(mock_random.uuid4()), datetime.now(UTC))
        self._due_queue.put(lambda: self._run(waiting))

    def _take(self, arn: str, payload: Payload) -> None:
        function = function_at(arn)
        if function is None:
            raise UndeliverableError("RESOURCE_NOT_FOUND", f"unknown function {arn}")
        if is_durable(function) and not qualifier_in(arn):
            raise UndeliverableError("INVALID_PARAMETER", f"a durable function needs a version or an alias: {arn}")
        self.queue(function, json.loads(payload.body))

    def _run(self, waiting: _Waiting) -> None:
        function = function_at(waiting.function_arn)
        if function is None:  # deleted while the event waited
            return
        outcome = self._outcome(function, waiting)
        if not outcome.failed:
            self._end(function, waiting, outcome, "OnSuccess", "Success")
            return
        failed = replace(waiting, failures=waiting.failures + 1)
        wait = self._wait(function, failed)
        if wait is None:
            self._end(function, failed, outcome, "OnFailure", "RetriesExhausted")
        else:
            self._due_queue.put(lambda: self._run(failed), after=wait)

    def _outcome(self, function: LambdaFunction, waiting: _Waiting) -> Outcome:
        try:
            return self._functions.invoke(function, waiting.event, waiting.request_id)
        except NoCodeError as error:
            raise UndeliverableError("NO_CODE", str(error)) from error

    def _wait(self, function: LambdaFunction, failed: _Waiting) -> timedelta | None:
        settings = _settings(function)
        if failed.failures > settings.get("MaximumRetryAttempts", _RETRIES):
            return None
        wait = _WAITS[failed.failures - 1]
        oldest = timedelta(seconds=settings.get("MaximumEventAgeInSeconds", _LONGEST.total_seconds()))
        return wait if datetime.now(UTC) + wait - failed.queued_at <= oldest else None

    def _end(self, function: LambdaFunction, waiting: _Waiting, outcome: Outcome, side: str, condition: str) -> None:
        destination = _settings(function).get("DestinationConfig", {}).get(side, {}).get("Destination")
        if destination:
            record = _record(waiting, outcome, condition)
            self._targets.deliver(destination, sent_by(function, json.dumps(record)))
        if outcome.failed and (dead_letters := dead_letter_queue_of(function)):
            named = {"RequestID": waiting.request_id, "ErrorMessage": json.dumps(outcome.payload)[:1024]}
            self._targets.deliver(dead_letters, sent_by(function, json.dumps(waiting.event), named))


def _settings(function: LambdaFunction) -> Mapping[str, Any]:
    return function.event_invoke_config[-1].config if function.event_invoke_config else {}


def _record(waiting: _Waiting, outcome: Outcome, condition: str) -> dict[str, Any]:
    attempts = waiting.failures if outcome.failed else waiting.failures + 1
    return {
        "version": "1.0",
        "timestamp": iso_milliseconds(datetime.now(UTC)),
        "requestContext": {
            "requestId": waiting.request_id,
            "functionArn": waiting.function_arn
            if qualifier_in(waiting.function_arn)
            else f"{waiting.function_arn}:{LATEST}",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": waiting.event,
        "responseContext": outcome.response_context,
        "responsePayload": outcome.payload,
    }
