"""Findings about operations: as a poll sees them, and as they stand until an access point shows that they are over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.mrap_operations.decision import (
    OVERDUE,
    AccessPoint,
    Operation,
    Policy,
    State,
    decide,
    name_of,
    outcome_of,
    regions_in,
    unknown_words,
)
from functions.mrap_operations.manifest import SHOW_POINT, SHOW_POLICY
from functions.mrap_operations.poll_state import Progress, age_of, is_unanswered, news_of, operation_of
from functions.mrap_operations.resolutions import OF_THE_WHOLE, ending
from functions.mrap_operations.tokens import CREATE, DELETE, POLICY, RESOURCE, Token
from functions.shared.finding import Compliance, Ending
from functions.shared.ledger.records import Item, moment, timestamp
from functions.shared.run.isolation import UnreadableError
from functions.shared.run.sweep import Sweep

REMEMBERED = timedelta(days=7)
"""A finding about an operation that nothing has ended by then ends by itself: S3 lists no operations."""

_SAME = timedelta(minutes=15)
"""What is known by a token and by its access point's name, and began so close together, is one operation."""


@dataclass(frozen=True, slots=True)
class Reported:
    """An operation about which a finding is open.

    Attributes:
        item: the ledger's record of the finding.
        token: of the operation.
        kind: the API's name of it.
        name: of its access point; empty if that is not known.
        begun_at: None if that is not known.
    """

    item: Item
    token: Token
    kind: str
    name: str
    begun_at: datetime | None

    @classmethod
    def of(cls, item: Item) -> "Reported":
        """Read a finding whose resource is a token."""
        token, evidence = Token.of(item["resource"]), item["evidence"]
        begun_at = moment(evidence["begun_at"]) if "begun_at" in evidence else token.since_at
        name, kind = evidence.get("access_point", token.name), evidence.get("operation", token.kind)
        return cls(item, token, kind, name, begun_at)


def reported_before(sweep: Sweep) -> Iterator[Reported]:
    """Yield each operation about which a finding was open before the run, once for each finding."""
    return (Reported.of(item) for item in sweep.open_before.values() if RESOURCE.fullmatch(item["resource"]))


def report(sweep: Sweep, token: Token, progress: Progress) -> list[str]:
    """Report what the last poll of an operation says, and return that news; what it no longer says has ended."""
    policy = Policy.from_settings(sweep.context.settings)
    news, operation = news_of(progress, policy, sweep.now), operation_of(progress)
    story = _story(sweep, operation, token) if operation else token.arn
    is_lost = is_unanswered(progress, age_of(progress, sweep.now)) and news[0] != "overdue"
    with sweep.isolated(story):
        if operation and not is_lost:
            _tell(sweep, story, operation, policy, progress["cause"])
        else:
            if operation:
                _find(sweep, story, operation, policy, "")
            raise UnreadableError(f"it cannot be polled: {progress['cause']}")
    return news


def judge(sweep: Sweep, operation: Operation) -> None:
    """Report what one look at an operation says."""
    story = _story(sweep, operation, Token.of(operation.token))
    with sweep.isolated(story):
        _tell(sweep, story, operation, Policy.from_settings(sweep.context.settings))


def keep_operations_open(sweep: Sweep, points: Mapping[str, AccessPoint]) -> bool:
    """Leave findings about operations open that no access point shows to be over; say whether there are any.

    Args:
        sweep: the run.
        points: all access points of the account, by name.
    """
    kept = False
    for each in reported_before(sweep):
        end = _over(each, points)
        if not end and sweep.now - moment(each.item["first_seen"]) >= REMEMBERED:
            name = name_of(each.kind, each.name)
            end = Ending(f"{REMEMBERED.days} days have passed, and S3 does not show how the {name} stands", lapsed=True)
        if end:
            sweep.ended_because(each.item["finding_id"], end.resolution, lapsed=end.lapsed)
        else:
            kept = _keep(sweep, each.item) or kept
    return kept


def _tell(sweep: Sweep, story: str, operation: Operation, policy: Policy, cause: str = "") -> None:
    """Report what is wrong with an operation that was read; end what is not wrong any more, and nothing else.

    Raises:
        UnreadableError: something of its status is not known: nothing ends by it.
    """
    checks = _find(sweep, story, operation, policy, cause)
    words = unknown_words(operation)
    if words and OVERDUE not in checks:
        raise UnreadableError("; ".join(words))
    if not checks:
        sweep.complies(Compliance.NOT_APPLICABLE if operation.is_overtaken else Compliance.COMPLIANT)
    for item in sweep.open_before.values():
        if item["resource"] != story or item["finding_id"] in sweep.findings:
            continue
        if end := ending(item, operation, checks):
            sweep.ended_because(item["finding_id"], end.resolution, lapsed=end.lapsed)
        else:
            _keep(sweep, item)
    sweep.mark_seen(story)
    if outcome_of(operation) is State.SUCCEEDED and not regions_in(operation, State.FAILED):
        _end_earlier_ones(sweep, story, operation)


def _find(sweep: Sweep, story: str, operation: Operation, policy: Policy, cause: str) -> set[str]:
    checks = set()
    evidence = {"operation": operation.kind, "begun_at": timestamp(operation.begun_at), **operation.details}
    of_aws = [arn for arn in (operation.token, story) if not Token.of(arn).is_ours]
    evidence |= {"request_token_arn": of_aws[0]} if of_aws else {}
    by_name = SHOW_POLICY if operation.kind == POLICY else SHOW_POINT
    for trouble in decide(operation, policy, sweep.now):
        sweep.find(
            trouble.check,
            story,
            f"{trouble.reason}; {cause}" if trouble.check == OVERDUE and cause else trouble.reason,
            occurrence=story,
            region=trouble.region,
            name=operation.name,
            began_at=trouble.began_at,
            deadline_at=trouble.deadline_at,
            command="" if of_aws else by_name,
            **evidence,
            **trouble.details,
        )
        checks.add(trouble.check)
    return checks


def _story(sweep: Sweep, operation: Operation, token: Token) -> str:
    """Return the ARN under which an operation is told: that under which it was told first.

    What became known by its access point's name, and by its token as well, stays one operation. A token of AWS's is
    never the same operation as another one of AWS's.
    """
    name, before = operation.details.get("access_point"), list(reported_before(sweep))
    for each in before if all(each.token.arn != operation.token for each in before) else ():
        is_alike = each.token.is_ours != token.is_ours and (each.kind, each.name) == (operation.kind, name)
        if is_alike and name and each.begun_at and abs(each.begun_at - operation.begun_at) <= _SAME:
            return each.token.arn
    return operation.token


def _end_earlier_ones(sweep: Sweep, story: str, operation: Operation) -> None:
    """End what earlier operations of the kind have left open; a deletion ends all."""
    name = operation.details.get("access_point")
    for each in reported_before(sweep):
        is_of_it = bool(name) and each.name == name and each.token.arn != story
        is_earlier = each.begun_at is None or each.begun_at <= operation.begun_at
        if is_of_it and is_earlier and operation.kind in (each.kind, DELETE):
            sweep.mark_seen(each.token.arn)
            sweep.ended_because(each.item["finding_id"], f"a later {operation.name} SUCCEEDED")


def _keep(sweep: Sweep, item: Item) -> bool:
    return sweep.keep_open(item["check"], item["resource"], item["occurrence"], item["region"])


def _over(each: Reported, points: Mapping[str, AccessPoint]) -> Ending | None:
    """Say how an access point shows that a finding about an operation is over; None if it does not."""
    if not each.name:
        return None
    if each.name not in points:
        return None if each.token.kind == CREATE else Ending(f"access point {each.name} is gone")
    is_ready = each.token.kind == CREATE and points[each.name].status == "READY"
    is_over = is_ready and each.item["check"] in OF_THE_WHOLE
    return Ending(f"access point {each.name} is READY now") if is_over else None
