"""Deliveries of rules and schedules to their targets, with retries and dead letters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.delivery.due_queue import DueQueue
from emulator.delivery.targets import Payload, Targets, UndeliverableError

_TRIES = 185
_LONGEST = timedelta(hours=24)
_LONGEST_WAIT_SECONDS = 300
_SCHEDULER = "scheduler.amazonaws.com"


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt to deliver a text to a target."""

    source_arn: str
    target: Mapping[str, Any]
    text: str
    begun_at: datetime
    retries: int = 0


class RetryingSender:
    """Sends texts to targets as EventBridge does.

    A temporary failure is retried after one second, two, four and so on up to five minutes, for 24 hours and 185 times
    unless the target's RetryPolicy says less. After that, or at once after a permanent failure, the text goes to the
    target's dead-letter queue.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
    """

    def __init__(self, due_queue: DueQueue, targets: Targets) -> None:
        """Deliver to *targets* through *due_queue*."""
        self._due_queue = due_queue
        self._targets = targets

    def send(self, source_arn: str, target: Mapping[str, Any], compose: Callable[[], str]) -> None:
        """Queue what *compose* returns for *target*, on behalf of the rule or schedule *source_arn*.

        What cannot be composed is not delivered, and no dead letter either.
        """
        now = datetime.now(UTC)
        self._due_queue.put(lambda: self._run(_Attempt(source_arn, target, compose(), now)))

    def _run(self, attempt: _Attempt) -> None:
        payload = _payload(attempt)
        try:
            self._targets.deliver(attempt.target["Arn"], payload)
        except UndeliverableError as error:
            if error.passing and (wait := _wait(attempt)) is not None:
                again = replace(attempt, retries=attempt.retries + 1)
                self._due_queue.put(lambda: self._run(again), after=wait)
            else:
                self._give_up(attempt, error)

    def _give_up(self, attempt: _Attempt, error: UndeliverableError) -> None:
        queue = attempt.target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            raise error
        attributes = {
            "RULE_ARN": attempt.source_arn,
            "TARGET_ARN": attempt.target["Arn"],
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
            "RETRY_ATTEMPTS": str(attempt.retries),
        }
        whole = _payload(attempt)
        role_arn = whole.role_arn if whole.service == _SCHEDULER else ""  # a rule sends its letters as EventBridge
        self._targets.deliver(queue, replace(whole, attributes=attributes, group_id=None, role_arn=role_arn))


def _payload(attempt: _Attempt) -> Payload:
    target = attempt.target
    return Payload(
        attempt.text,
        group_id=target.get("SqsParameters", {}).get("MessageGroupId"),
        http=target.get("HttpParameters", {}),
        role_arn=target.get("RoleArn", ""),
        service=f"{attempt.source_arn.split(':')[2]}.amazonaws.com",
        source_arn=attempt.source_arn,
    )


def _wait(attempt: _Attempt) -> timedelta | None:
    policy = attempt.target.get("RetryPolicy", {})
    oldest = timedelta(seconds=policy.get("MaximumEventAgeInSeconds", _LONGEST.total_seconds()))
    wait = timedelta(seconds=min(2**attempt.retries, _LONGEST_WAIT_SECONDS))
    spent = attempt.retries >= policy.get("MaximumRetryAttempts", _TRIES)
    return None if spent or datetime.now(UTC) + wait - attempt.begun_at > oldest else wait
