"""Findings about operations: as a poll sees them, and as they stand until an access point shows that they are over."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.mrap_operations.decision import (
    FAILED,
    OVERDUE,
    SLOW,
    AccessPoint,
    Operation,
    Policy,
    State,
    decide,
    state_of,
)
from functions.mrap_operations.poll_state import Progress, Stage, operation_of, stage_of
from functions.mrap_operations.tokens import CREATE, DELETE, RESOURCE, Token
from functions.shared.automation import UNREADABLE
from functions.shared.ledger.records import moment, timestamp
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

REMEMBERED = timedelta(days=7)
"""A finding about an operation that nothing has ended by then ends by itself: S3 lists no operations."""


def report(sweep: Sweep, token: Token, progress: Progress) -> Stage:
    """Report what the last poll of an operation says, and return how far that is; what it no longer says has ended."""
    policy = Policy.from_settings(sweep.context.settings)
    stage = stage_of(progress, policy, sweep.now)
    seen = operation_of(progress)
    operation = seen or Operation(token.arn, token.kind, "", moment(progress["since"]))
    is_unknown = progress["missing"] and seen is None
    with sweep.isolated(token.arn):
        if not is_unknown:
            _find(sweep, operation, policy, progress)
        if stage == "unreadable" or (stage == "overdue" and is_unknown):
            raise UnreadableError(f"it cannot be polled: {progress['cause']}")
        sweep.mark_seen(token.arn)
        _say_how_it_ended(sweep, operation, stage)
    return stage


def judge(sweep: Sweep, operation: Operation) -> None:
    """Report what one look at an operation says."""
    _find(sweep, operation, Policy.from_settings(sweep.context.settings))
    sweep.mark_seen(operation.token)


def keep_operations_open(sweep: Sweep, points: Mapping[str, AccessPoint]) -> bool:
    """Leave findings about operations open that no access point shows to be over; say whether there are any.

    Args:
        sweep: the run.
        points: all access points of the account, by name.
    """
    kept = False
    for item in sweep.open_before.values():
        if RESOURCE.fullmatch(item["resource"]):
            why = _over(item, points)
            if not why and sweep.now - moment(item["first_seen"]) >= REMEMBERED:
                why = f"{REMEMBERED.days} days have passed, and S3 does not say how it ended"
            if why:
                sweep.ended_because(item["resource"], why)
            else:
                kept = sweep.keep_open(item["check"], item["resource"], item["occurrence"], item["region"]) or kept
    return kept


def _find(sweep: Sweep, operation: Operation, policy: Policy, progress: Progress | None = None) -> None:
    found = list(decide(operation, policy, sweep.now))
    for trouble in found:
        why = f"; {progress['cause']}" if trouble.check == OVERDUE and progress and progress["cause"] else ""
        sweep.find(
            trouble.check,
            operation.token,
            trouble.reason + why,
            occurrence=operation.token,
            region=trouble.region,
            **_evidence(operation),
        )
    if not found:
        sweep.complies()


def _evidence(operation: Operation) -> dict[str, Any]:
    return {"operation": operation.kind, "begun_at": timestamp(operation.begun_at), **operation.details}


def _say_how_it_ended(sweep: Sweep, operation: Operation, stage: Stage) -> None:
    """Give the findings that end now their reason, also those that an earlier operation of the kind has left open."""
    if stage != "ended":
        sweep.ended_because(operation.token, "the operation is overdue" if stage == "overdue" else "AWS answers again")
        return
    if state_of(operation.status) is not State.SUCCEEDED:
        sweep.ended_because(operation.token, "the operation failed")
        return
    sweep.ended_because(operation.token, "the operation succeeded")
    name, begun_at = operation.details.get("access_point"), timestamp(operation.begun_at)
    for item in sweep.open_before.values():
        details = item["evidence"]
        is_of_it = bool(name) and details.get("access_point") == name and item["resource"] != operation.token
        is_done = operation.kind in (details.get("operation"), DELETE)
        if is_of_it and is_done and RESOURCE.fullmatch(item["resource"]) and details.get("begun_at", "") <= begun_at:
            sweep.mark_seen(item["resource"])
            sweep.ended_because(item["resource"], "a later operation on the access point succeeded")


def _over(item: Mapping[str, Any], points: Mapping[str, AccessPoint]) -> str:
    """Say how an access point shows that a finding about an operation is over; empty if it does not."""
    token = Token.of(item["resource"])
    name = item["evidence"].get("access_point") or token.name
    if not name:
        return ""
    if name not in points:
        return "" if token.kind == CREATE else "the access point is gone"
    is_ready = token.kind == CREATE and points[name].status == "READY"
    return "the access point is READY" if is_ready and item["check"] in _ENDED_BY_READY else ""


_ENDED_BY_READY = frozenset({FAILED, OVERDUE, SLOW, UNREADABLE.id})
"""Not the failure in one Region: an access point can be READY without it."""
