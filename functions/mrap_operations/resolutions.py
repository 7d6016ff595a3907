"""How findings about operations and access points ended: what S3 shows of them now."""

from collections.abc import Collection

from functions.mrap_operations.decision import (
    FAILED,
    OVERDUE,
    REGION_FAILED,
    SLOW,
    AccessPoint,
    Operation,
    State,
    outcome_of,
    regions_in,
)
from functions.shared.automation import UNREADABLE
from functions.shared.finding import Ending, printable
from functions.shared.ledger.records import Item

OF_THE_WHOLE = frozenset({FAILED, OVERDUE, SLOW, UNREADABLE.id})
"""Not the failure in one Region: an access point can be READY without it."""

_OF_WAITING = frozenset({SLOW, UNREADABLE.id})


def ending(item: Item, operation: Operation, found: Collection[str]) -> Ending | None:
    """Say how a finding about an operation ended that is not found again; None if it is not over.

    Args:
        item: the record of the finding.
        operation: as S3 shows it now.
        found: the checks of what is wrong with the operation now.
    """
    check, region = item["check"], item["region"]
    if check == REGION_FAILED:
        has_succeeded = region in regions_in(operation, State.SUCCEEDED)
        return Ending(f"the {operation.name} SUCCEEDED in {printable(region)}") if has_succeeded else None
    if operation.is_overtaken:
        is_over = check in _OF_WAITING | {OVERDUE}
        return Ending(f"access point {_point(operation)} is being deleted, or gone") if is_over else None
    if (outcome := outcome_of(operation)) in (State.SUCCEEDED, State.FAILED):
        has_failed = outcome is State.FAILED
        end = Ending(f"the {operation.name} {'FAILED' if has_failed else 'SUCCEEDED'}", lapsed=has_failed)
        return end if check in OF_THE_WHOLE else None
    return _while_pending(operation, found) if check in _OF_WAITING else None


def ending_of_point(point: AccessPoint, *, is_well: bool) -> Ending:
    """Say how a finding about an access point ended that is not found again, though S3 lists the access point."""
    return Ending(f"access point {printable(point.name)} is {printable(point.status)} now", lapsed=not is_well)


def ending_of_missing(item: Item) -> Ending:
    """Say how a finding about an access point ended that S3 does not list any more."""
    name = item.get("resource_name") or item["resource"].rpartition("/")[2]  # earlier versions recorded no name
    return Ending(f"access point {printable(name)} is gone: S3 does not list it any more")


def _while_pending(operation: Operation, found: Collection[str]) -> Ending:
    if OVERDUE in found:
        return Ending(f"the {operation.name} is overdue", lapsed=True)
    return Ending(f"S3 answers again: the {operation.name} is {printable(operation.status)}")


def _point(operation: Operation) -> str:
    return printable(str(operation.details.get("access_point", "")))
