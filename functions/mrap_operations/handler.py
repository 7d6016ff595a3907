"""Starts a poller for each operation on a Multi-Region Access Point, and looks at the access points themselves."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, assert_never

from functions.mrap_operations.decision import CHECKS, AccessPoint, Policy, Trouble, Unclear, decide_access_point
from functions.mrap_operations.effects import HOME, AccessPoints
from functions.mrap_operations.findings import judge, keep_standing
from functions.mrap_operations.poller_launcher import Pollers, poller_arn
from functions.mrap_operations.tokens import CREATE, DELETE, RESOURCE, Token, by_name, token_in
from functions.shared.ledger.records import moment, timestamp
from functions.shared.observability import log
from functions.shared.run.entrypoint import handle_event
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

_NAME = "mrap_operations"
_KINDS = {"CREATING": CREATE, "DELETING": DELETE}
_LATEST_EVENT = timedelta(minutes=30)
_STATUS_CHANGE = "Durable Execution Status Change"
_EXECUTION = re.compile(r"(?:.*/durable-execution/)?(mrap-(\d{12})-[0-9a-f]{40})(?:/.*)?")


def lambda_handler(event: object, context: Any) -> dict[str, Any]:
    """Start the poller of the operation that *event* tells of, or look at everything in scope."""
    if not isinstance(event, Mapping):
        return handle_event(event, context, _NAME, run, RESOURCE)
    if event.get("detail-type") == _STATUS_CHANGE:
        return _answer_death(event, context)
    if "request_token_arn" in event or event.get("source") == "aws.s3":
        return _answer_call(event, context)
    return handle_event(event, context, _NAME, run, RESOURCE)


def run(sweep: Sweep) -> None:
    """Look at all access points, or take over the operations that are named."""
    target, named = sweep.target, sweep.context.selection.resources
    with sweep.isolated(f"arn:{target.partition}:s3::{target.account}:accesspoint/*"):
        if named:
            _take_over(map(Token.of, sorted(named)), sweep)
        else:
            _look_at_all(sweep)


def _answer_call(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    token = token_in(event)
    if token is None:
        log.warning("the event names no operation that could be polled: the next sweep looks at the access points")
        return {"coverage": []}
    selection = {"source": "aws.s3", "account": token.account, "region": HOME, "detail": {"requestTokenARN": token.arn}}
    return handle_event(selection, context, _NAME, partial(_take_over, [token]), RESOURCE)


def _answer_death(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Look at the state of the account, and start again whose poller ended before the operation did."""
    texts = [*_texts(event.get("detail")), *_texts(event.get("resources"))]
    accounts = {match[1]: match[2] for text in texts if (match := _EXECUTION.fullmatch(text))}
    if len(accounts) != 1:
        return {"coverage": []}  # of another durable function, or of none that could be told
    ((execution, account),) = accounts.items()
    selection = {"source": "aws.lambda", "account": account, "region": HOME}
    return handle_event(selection, context, _NAME, partial(_after_death, execution), RESOURCE)


def _texts(value: Any) -> Iterable[str]:
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for text in members if isinstance(text, str)]


def _after_death(execution: str, sweep: Sweep) -> None:
    run(sweep)
    Pollers.of(sweep).start_again(execution)


def _take_over(tokens: Iterable[Token], sweep: Sweep) -> None:
    """Give operations to pollers; where there are none to start, look at each once."""
    for token in tokens:
        with sweep.isolated(token.arn):
            if poller_arn():
                Pollers.of(sweep).start(token)
                sweep.answered()
            else:
                judge(sweep, AccessPoints(sweep.calls("s3control"), sweep.target).operation(token, sweep.now))


def _look_at_all(sweep: Sweep) -> None:
    policy = Policy.from_settings(sweep.context.settings)
    points: dict[str, AccessPoint] = {}
    busy_since: dict[str, datetime] = {}
    for point in AccessPoints(sweep.calls("s3control"), sweep.target).present():
        points[point.name] = point
        with sweep.isolated(point.arn):
            _judge(sweep, point, policy, busy_since)
    is_kept = keep_standing(sweep, points)
    sweep.listed_all(not_used=not points and not is_kept)
    sweep.remember(busy={name: timestamp(at) for name, at in busy_since.items()})
    if poller_arn():
        Pollers.of(sweep).start_missing(_unheard_of(sweep, points, busy_since))


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
            sweep.find(check, CHECKS[check], point.arn, reason, occurrence=since, status=point.status, **point.told)
        case Unclear(reason):
            raise UnreadableError(reason)
        case None:
            sweep.complies()
        case never:
            assert_never(never)


def _first_seen(sweep: Sweep, point: AccessPoint) -> datetime:
    """Return since when an access point is being created or deleted: of a deletion only we can know."""
    if point.status == "CREATING" and point.created_at:
        return point.created_at
    before = sweep.remembered.get("busy", {}).get(point.name)
    return moment(before) if before else sweep.now


def _unheard_of(sweep: Sweep, points: Mapping[str, AccessPoint], busy_since: Mapping[str, datetime]) -> Iterator[Token]:
    """Yield what to poll by name: what is under way for so long that its event would be here, if one came."""
    for name, since_at in busy_since.items():
        if sweep.now - since_at >= _LATEST_EVENT:
            target, kind = sweep.target, _KINDS[points[name].status]
            yield Token.of(by_name(target.partition, target.account, kind, name, timestamp(since_at)))
