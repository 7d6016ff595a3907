"""Errands: what a rule or a schedule sends to a target, until it arrives or is given up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.delivery.due_queue import Post
from emulator.delivery.targets import Parcel, Targets, UndeliverableError

_TRIES = 185
_LONGEST = timedelta(hours=24)
_LONGEST_WAIT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Errand:
    """One event on its way to one target of a rule or schedule."""

    source_arn: str
    target: Mapping[str, Any]
    text: str
    begun_at: datetime
    retries: int = 0


class Errands:
    """Brings texts to targets, as EventBridge does.

    What fails for a while is tried again, after one second, two, four and so on up to five minutes, for 24 hours and
    185 times unless the target's RetryPolicy says less. Then, or at once where it fails for good, it goes to the
    target's dead-letter queue.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
    """

    def __init__(self, post: Post, targets: Targets) -> None:
        """Take what waits and what receives."""
        self._post = post
        self._targets = targets

    def bring(self, source_arn: str, target: Mapping[str, Any], text: str) -> None:
        """Queue *text* for *target*, on behalf of the rule or schedule *source_arn*."""
        errand = _Errand(source_arn, target, text, datetime.now(UTC))
        self._post.put(lambda: self._run(errand))

    def _run(self, errand: _Errand) -> None:
        parcel = _parcel(errand)
        try:
            self._targets.deliver(errand.target["Arn"], parcel)
        except UndeliverableError as error:
            if error.passing and (wait := _wait(errand)) is not None:
                again = replace(errand, retries=errand.retries + 1)
                self._post.put(lambda: self._run(again), after=wait)
            else:
                self._give_up(errand, error)

    def _give_up(self, errand: _Errand, error: UndeliverableError) -> None:
        queue = errand.target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            raise error
        attributes = {
            "RULE_ARN": errand.source_arn,
            "TARGET_ARN": errand.target["Arn"],
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
            "RETRY_ATTEMPTS": str(errand.retries),
        }
        self._targets.deliver(queue, Parcel(errand.text, attributes=attributes))


def _parcel(errand: _Errand) -> Parcel:
    target = errand.target
    return Parcel(
        errand.text,
        group_id=target.get("SqsParameters", {}).get("MessageGroupId"),
        http=target.get("HttpParameters", {}),
        role_arn=target.get("RoleArn", ""),
        service=f"{errand.source_arn.split(':')[2]}.amazonaws.com",
    )


def _wait(errand: _Errand) -> timedelta | None:
    policy = errand.target.get("RetryPolicy", {})
    oldest = timedelta(seconds=policy.get("MaximumEventAgeInSeconds", _LONGEST.total_seconds()))
    wait = timedelta(seconds=min(2**errand.retries, _LONGEST_WAIT_SECONDS))
    spent = errand.retries >= policy.get("MaximumRetryAttempts", _TRIES)
    return None if spent or datetime.now(UTC) + wait - errand.begun_at > oldest else wait
