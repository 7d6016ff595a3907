"""How findings about a replication set ended: what the set, or its Region, is now."""

from collections.abc import Collection

from functions.replication_sets.decision import (
    REGION_FAILED,
    REGION_STUCK,
    SET_FAILED,
    SET_STUCK,
    SET_VANISHED,
    UNPROTECTED,
    ReplicationSet,
    name_of,
)
from functions.shared.finding import Ending, printable


def ending(check: str, region: str, found: ReplicationSet) -> Ending:
    """Say how a finding about a set, or about a Region of it, ended, if it is not found again.

    Args:
        check: of the finding.
        region: of the finding.
        found: the set as it is now.
    """
    if check in (SET_FAILED, SET_STUCK):
        has_failed = found.status == "FAILED"
        return Ending(f"replication set {found.name} is {printable(found.status)} now", lapsed=has_failed)
    if check in (REGION_FAILED, REGION_STUCK):
        return _of_region(check, region, found)
    if check == SET_VANISHED:
        return Ending(f"replication set {found.name} is there again")
    if check == UNPROTECTED:
        protection = f"deletion protection of replication set {found.name}"
        return Ending(f"{protection} is on" if found.protected else f"the configuration does not ask for {protection}")
    names = ", ".join(each.name for each in found.regions)  # it had too few Regions, or one that is not allowed
    return Ending(f"replication set {found.name} is in {names} now, as the configuration asks")


def ending_of_missing(arn: str, check: str, others: Collection[str]) -> Ending:
    """Say how a finding about a set ended that a complete listing does not show any more.

    Args:
        arn: of the set.
        check: of the finding.
        others: ARNs of the sets that the listing shows.
    """
    if not others:
        return Ending(f"replication set {name_of(arn)} is gone, and the account has no other", lapsed=True)
    present = f"the account has replication set {', '.join(map(name_of, sorted(others)))} now"
    return Ending(present if check == SET_VANISHED else f"replication set {name_of(arn)} is gone, and {present}")


def _of_region(check: str, region: str, found: ReplicationSet) -> Ending:
    state = next((printable(each.status) for each in found.regions if each.name == region), "")
    if not state:
        return Ending(f"Region {region} is not in replication set {found.name} any more")
    has_failed = state == "FAILED"
    now = "again" if has_failed and check == REGION_FAILED else "now"
    return Ending(f"Region {region} of replication set {found.name} is {state} {now}", lapsed=has_failed)
