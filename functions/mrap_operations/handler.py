"""Starts a poller for each operation on a Multi-Region Access Point, and looks at the access points themselves."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, assert_never

from functions.mrap_operations.decision import (
    INCONSISTENT,
    STUCK,
    AccessPoint,
    Policy,
    Trouble,
    Unclear,
    decide_access_point,
)
from functions.mrap_operations.effects import HOME, NO_ACCESS_POINT, NO_OPERATION, AccessPoints
from functions.mrap_operations.findings import judge, keep_operations_open, reported_before
from functions.mrap_operations.manifest import AUTOMATION
from functions.mrap_operations.poller_launcher import Busy, Pollers
from functions.mrap_operations.resolutions import ending_of_missing, ending_of_point
from functions.mrap_operations.tokens import CREATE, DELETE, Token, by_name, token_in
from functions.shared.aws.calls import CallError
from functions.shared.finding import Compliance, printable
from functions.shared.ledger.records import moment, timestamp
from functions.shared.observability import log
from functions.shared.run.entrypoint import entry_point, sweep_selected
from functions.shared.run.events import Selection
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_KINDS = {"CREATING": CREATE, "DELETING": DELETE}
_NOT_THERE = (NO_OPERATION, NO_ACCESS_POINT, "ValidationException", "InvalidRequest")
"""S3's words about a token of which it knows nothing, and about a text that is no token."""
_OF_POINTS = frozenset({INCONSISTENT, STUCK})
_LATEST_EVENT = timedelta(minutes=30)
_STATUS_CHANGE = "Durable Execution Status Change"
_EXECUTION = re.compile(r"(?:.*/durable-execution/)?(mrap-(\d{12})-[0-9a-f]{40})(?:/.*)?")


def run(sweep: Sweep) -> None:
    """Look at all access points, or take over the operations that are named."""
    if named := sweep.context.selection.resources:
        _take_over(map(Token.of, sorted(named)), sweep)
    else:
        _audit_all(sweep)


def _answer_call(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    token = token_in(event)
    if token is None:
        log.warning("the event names no operation that could be polled: the next sweep looks at the access points")
        return {"coverage": []}
    selection = Selection(token.account, HOME, frozenset({token.arn}))
    return sweep_selected(AUTOMATION, partial(_take_over, [token]), selection, context)


def _answer_early_end(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Look at the state of the account, and start again the poller that ended before its operation did.

    Only what Lambda says in the hub's own account is about a poller: whatever else is on the bus was put there.
    """
    if event.get("account") != context.invoked_function_arn.split(":")[4]:
        return {"coverage": []}
    texts = [*_texts(event.get("detail")), *_texts(event.get("resources"))]
    accounts = {match[1]: match[2] for text in texts if (match := _EXECUTION.fullmatch(text))}
    if len(accounts) != 1:
        return {"coverage": []}  # of another durable function, or it names none
    ((execution, account),) = accounts.items()
    return sweep_selected(AUTOMATION, partial(_after_early_end, execution), Selection(account, HOME), context)


def _texts(value: Any) -> Iterable[str]:
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for text in members if isinstance(text, str)]


def _after_early_end(execution: str, sweep: Sweep) -> None:
    run(sweep)
    if pollers := Pollers.of(sweep):
        pollers.start_again(execution)


def _take_over(tokens: Iterable[Token], sweep: Sweep) -> None:
    """Give operations to pollers; where there are none to start, look at each once."""
    pollers = Pollers.of(sweep)
    for token in tokens:
        with sweep.isolated(token.arn):
            if token.account != sweep.target.account:
                sweep.not_ours()
            elif pollers:
                pollers.take_over(token)
                sweep.answered()
            else:
                _look_once(token, sweep)


def _look_once(token: Token, sweep: Sweep) -> None:
    """Look at an operation that somebody names; what is not there, and was never told, is not applicable."""
    try:
        operation = AccessPoints(sweep.calls("s3control"), sweep.target).operation(token, sweep.now)
    except CallError as error:
        if error.code not in _NOT_THERE or any(each.token.arn == token.arn for each in reported_before(sweep)):
            raise
        sweep.answered()
        sweep.complies(Compliance.NOT_APPLICABLE)
    else:
        judge(sweep, operation)


def _audit_all(sweep: Sweep) -> None:
    target, policy = sweep.target, Policy.from_settings(sweep.context.settings)
    points: dict[str, AccessPoint] = {}
    busy_since: dict[str, datetime] = {}
    everything = f"arn:{target.partition}:s3::{target.account}:accesspoint/*"
    with sweep.listing(everything) as listing:
        for point in AccessPoints(sweep.calls("s3control"), target).present():
            points[point.name] = point
            with listing.item(point.arn if point.name else ""):
                if not point.has_identity:
                    listing.may_be_any()
                _judge(sweep, point, policy, busy_since)
        sweep.remember(busy={name: timestamp(at) for name, at in busy_since.items()})
    with sweep.isolated(target.root_arn):
        if pollers := Pollers.of(sweep):
            pollers.start_missing(_unheard_of(sweep, points, busy_since, policy))
    if listing.is_complete:
        _tell_missing(sweep, {point.arn for point in points.values()})
        is_kept = keep_operations_open(sweep, points)
        sweep.listed_all(not_used=not points and not is_kept)


def _judge(sweep: Sweep, point: AccessPoint, policy: Policy, busy_since: dict[str, datetime]) -> None:
    if not point.name:
        raise UnreadableError("an access point has no name")
    if point.status in _KINDS:
        busy_since[point.name] = since_at = _first_seen(sweep, point)
        verdict = decide_access_point(point, policy, sweep.now, since_at)
    else:
        verdict = decide_access_point(point, policy, sweep.now)
    match verdict:
        case Trouble(check, reason):
            since = timestamp(point.created_at) if point.created_at else ""
            sweep.find(
                check,
                point.arn,
                reason,
                occurrence=since,
                name=printable(point.name),
                began_at=verdict.began_at,
                access_point=printable(point.name),
                status=point.status,
                **point.details,
            )
        case Unclear(reason):
            raise UnreadableError(reason)
        case None:
            sweep.complies()
        case never:
            assert_never(never)
    end = ending_of_point(point, is_well=verdict is None)
    for finding_id, item in sweep.open_before.items():
        if item["check"] in _OF_POINTS and item["resource"] == point.arn:
            sweep.ended_because(finding_id, end.resolution, lapsed=end.lapsed)


def _tell_missing(sweep: Sweep, arns: Collection[str]) -> None:
    """Say of the access points that S3 does not list any more that they are gone."""
    for finding_id, item in sweep.open_before.items():
        if item["check"] in _OF_POINTS and item["resource"] not in arns:
            sweep.ended_because(finding_id, ending_of_missing(item).resolution)


def _first_seen(sweep: Sweep, point: AccessPoint) -> datetime:
    """Return since when an access point is being created or deleted: of a deletion only we can know."""
    if point.status == "CREATING" and point.created_at:
        return point.created_at
    before = sweep.remembered.get("busy", {}).get(point.name)
    return moment(before) if before else sweep.now


def _unheard_of(
    sweep: Sweep, points: Mapping[str, AccessPoint], busy_since: Mapping[str, datetime], policy: Policy
) -> list[Busy]:
    """Return what to poll by name: what is under way for so long that its event would be here, if one came.

    What is under way longer than an operation is polled is told by its own state.
    """
    target = sweep.target
    return [
        Busy(Token.of(by_name(target.partition, target.account, kind, name, timestamp(since_at))), since_at)
        for name, since_at in busy_since.items()
        if (kind := _KINDS[points[name].status]) and _LATEST_EVENT <= sweep.now - since_at < policy.deadline
    ]


_answer_any = entry_point(AUTOMATION, run)


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Start the poller of the operation that *event* names, or look at everything in scope."""
    if isinstance(event, Mapping) and event.get("detail-type") == _STATUS_CHANGE:
        return _answer_early_end(event, context)
    if isinstance(event, Mapping) and ("request_token_arn" in event or event.get("source") == "aws.s3"):
        return _answer_call(event, context)
    return _answer_any(event, context)
