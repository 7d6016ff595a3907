"""How far the polling of one operation has come: what a durable execution keeps between two polls."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from functions.mrap_operations.decision import Operation, Policy, State, has_ended, regions_in, unknown_words
from functions.shared.ledger.records import moment, timestamp

Stage = Literal["", "slow", "unreadable", "overdue", "ended"]
"""How far it is: nothing yet, it takes long or cannot be read, or the end of the polling, which is the last."""

LAST: tuple[Stage, ...] = ("overdue", "ended")
"""The stages after which nobody polls any more."""

MOST_ERRORS = 10
"""So many errors in a row are no hiccup any more."""

YOUNG = timedelta(minutes=2)
"""For so long S3 may not know yet of a request that it has accepted."""


class Progress(TypedDict):
    """In JSON's types.

    Attributes:
        since: when the operation began, as far as is known.
        again_at: when somebody asked for it to be polled again after it was overdue; empty if nobody did.
        polls: how often it was asked for.
        errors: how many polls in a row had no answer.
        cause: of the last error, in AWS's words.
        throttled: the last poll was asked to be slower.
        missing: S3 knows of no such operation.
        unknown: how many answers had a status that is not known.
        seen: the last answer.
        reported: the news that was reported last.
    """

    since: str
    again_at: str
    polls: int
    errors: int
    cause: str
    throttled: bool
    missing: bool
    unknown: int
    seen: dict[str, Any] | None
    reported: list[str]


def begun(again_at: str = "") -> Progress:
    """Return where every polling begins; the first poll says when."""
    return Progress(
        since="",
        again_at=again_at,
        polls=0,
        errors=0,
        cause="",
        throttled=False,
        missing=False,
        unknown=0,
        seen=None,
        reported=[""],
    )


def after_answer(progress: Progress, operation: Operation) -> Progress:
    """Return where it is after AWS has answered."""
    return progress | {
        "since": timestamp(operation.begun_at),
        "polls": progress["polls"] + 1,
        "errors": 0,
        "cause": "",
        "throttled": False,
        "missing": False,
        "unknown": progress["unknown"] + bool(unknown_words(operation)),
        "seen": {**asdict(operation), "begun_at": timestamp(operation.begun_at)},
    }


def after_error(
    progress: Progress, cause: str, now: datetime, *, throttled: bool = False, missing: bool = False
) -> Progress:
    """Return where it is after a poll without an answer; a throttle is no failure, nor is a token that is young."""
    since = progress["since"] or timestamp(now)
    is_young = missing and now - moment(since) < YOUNG
    return progress | {
        "since": since,
        "polls": progress["polls"] + 1,
        "errors": progress["errors"] + (not throttled and not is_young),
        "cause": cause,
        "throttled": throttled,
        "missing": missing,
    }


def news_of(progress: Progress, policy: Policy, now: datetime) -> list[str]:
    """Return what is to be reported by *now*: the stage, and each Region that failed and each word that is unknown."""
    operation = operation_of(progress)
    details = [*regions_in(operation, State.FAILED), *unknown_words(operation)] if operation else []
    return [stage_of(progress, policy, now), *details]


def stage_of(progress: Progress, policy: Policy, now: datetime) -> Stage:
    """Return how far the polling is by *now*."""
    operation = operation_of(progress)
    age = age_of(progress, now)
    if operation is not None and has_ended(operation):
        return "ended"
    if age >= age_limit(progress, policy):
        return "overdue"
    if is_unanswered(progress, age) or (operation is not None and unknown_words(operation)):
        return "unreadable"
    return "slow" if age >= policy.slow_after else ""


def is_unanswered(progress: Progress, age: timedelta) -> bool:
    """Say whether AWS has gone so long without an answer, or without knowing the operation, that it is worth a word."""
    return progress["errors"] >= MOST_ERRORS or (progress["missing"] and age >= YOUNG)


def age_limit(progress: Progress, policy: Policy) -> timedelta:
    """Return up to which age an operation is polled: to its deadline, and as long once more when somebody asks."""
    again_at = progress["again_at"]
    return policy.deadline + (
        max(timedelta(), moment(again_at) - moment(progress["since"])) if again_at else timedelta()
    )


def age_of(progress: Progress, now: datetime) -> timedelta:
    """Return how old the operation is; nothing is older than a moment that is still to come."""
    return max(timedelta(), now - moment(progress["since"]))


def operation_of(progress: Progress) -> Operation | None:
    """Return the operation as AWS showed it last; None if it never did."""
    seen = progress["seen"]
    if not seen:
        return None
    regions = tuple((name, status) for name, status in seen["regions"])
    return Operation(**{**seen, "begun_at": moment(seen["begun_at"]), "regions": regions})
