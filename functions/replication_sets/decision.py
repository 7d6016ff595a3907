"""What is wrong with a replication set: the nouns, and the decisions about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.shared.finding import printable

SET_FAILED = "set-failed"
SET_STUCK = "set-stuck"
SET_VANISHED = "set-vanished"
UNPROTECTED = "deletion-unprotected"
SINGLE_REGION = "single-region"
NOT_ALLOWED = "region-not-allowed"
REGION_FAILED = "region-failed"
REGION_STUCK = "region-stuck"


@dataclass(frozen=True, slots=True)
class Region:
    """One Region of a set.

    Attributes:
        name: such as ``eu-west-1``.
        status: ``status``; empty where AWS does not say.
        since_at: ``statusUpdateDateTime``; None where AWS does not say.
        details: what else AWS says of it, by AWS's names.
    """

    name: str
    status: str
    since_at: datetime | None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReplicationSet:
    """A replication set, as a Region that is in it shows it.

    Attributes:
        arn: opaque.
        status: ``status``; empty where AWS does not say.
        protected: ``deletionProtected``; None where AWS does not say.
        modified_by: ``lastModifiedBy``.
        modified_at: ``lastModifiedTime``; None where AWS does not say.
        regions: ``regionMap``.
    """

    arn: str
    status: str
    protected: bool | None
    modified_by: str
    modified_at: datetime | None
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of this automation.

    Attributes:
        stuck_after: by state in capital letters, such as ``CREATING``.
        minimum_regions: that a set has at least.
        allowed_regions: None for any.
        require_protection: whether deletion protection has to be on.
    """

    stuck_after: Mapping[str, timedelta]
    minimum_regions: int = 2
    allowed_regions: frozenset[str] | None = None
    require_protection: bool = True

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read the automation's section of the configuration."""
        allowed = settings["allowed_regions"]
        minutes = settings["stuck_after_minutes"]
        return cls(
            stuck_after={state.upper(): timedelta(minutes=length) for state, length in minutes.items()},
            minimum_regions=settings["minimum_regions"],
            allowed_regions=None if allowed is None else frozenset(allowed),
            require_protection=settings["require_deletion_protection"],
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something does not comply.

    Attributes:
        check: its id.
        reason: a sentence for the person on call.
        region: the Region that it is about; None for the set as a whole.
    """

    check: str
    reason: str
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """A state allows no verdict."""

    reason: str


def decide(
    found: ReplicationSet, since_at: datetime | None, policy: Policy, now: datetime
) -> Iterator[Trouble | Unclear]:
    """Yield all that is wrong with a set.

    A Region that is ACTIVE is well, whatever its status message says: the message can be of an earlier state.

    Args:
        found: the set.
        since_at: since when it is seen in the state that it is in; None where nothing is known of that.
        policy: the configuration.
        now: the time of the run.
    """
    yield from _whole(found, since_at, policy, now)
    if found.protected is None:
        yield Unclear("AWS does not say whether deletion protection is on")
    elif policy.require_protection and not found.protected:
        yield Trouble(
            UNPROTECTED, "deletion protection is off: who deletes the last Region deletes all incidents and plans"
        )
    if len(found.regions) < policy.minimum_regions:
        count = f"{len(found.regions)} Region{'s' * (len(found.regions) != 1)}"
        yield Trouble(
            SINGLE_REGION, f"the replication set has {count}, at least {policy.minimum_regions} are asked for"
        )
    if foreign := _foreign(found, policy):
        yield Trouble(
            NOT_ALLOWED, f"incidents are replicated to {', '.join(foreign)}, which the configuration does not allow"
        )
    for region in found.regions:
        yield from _one(region, found, policy, now)


def vanished() -> Trouble:
    """Return what is wrong where a set that was there is in no complete listing any more."""
    return Trouble(
        SET_VANISHED, "the replication set is gone: Incident Manager has lost its response plans and incidents"
    )


def resolution(check: str, region: str, found: ReplicationSet) -> str:
    """Say how a finding about a set, or about a Region of it, ended, if it is not found again.

    Args:
        check: of the finding.
        region: of the finding.
        found: the set as it is now.
    """
    if check in (SET_FAILED, SET_STUCK):
        return f"the replication set is {printable(found.status)} now"
    if check in (REGION_FAILED, REGION_STUCK):
        state = next((printable(each.status) for each in found.regions if each.name == region), "")
        return f"Region {region} is {state} now" if state else f"Region {region} left the replication set"
    if check in (SINGLE_REGION, NOT_ALLOWED):
        names = ", ".join(each.name for each in found.regions)
        return f"the replication set is in {names} now, as the configuration asks"
    if check == SET_VANISHED:
        return "the replication set is there again"
    if check == UNPROTECTED:
        return "deletion protection is on" if found.protected else "the configuration does not ask for protection"
    return ""


def evidence(found: ReplicationSet, trouble: Trouble) -> dict[str, Any]:
    """Return what a person needs to know, in AWS's own words."""
    details: dict[str, Any] = {"lastModifiedBy": found.modified_by} if found.modified_by else {}
    if trouble.region is not None:
        return details | {"status": trouble.region.status} | dict(trouble.region.details)
    return details | {"status": found.status, "regions": {each.name: printable(each.status) for each in found.regions}}


def _whole(
    found: ReplicationSet, since_at: datetime | None, policy: Policy, now: datetime
) -> Iterator[Trouble | Unclear]:
    match found.status:
        case "ACTIVE":
            return
        case "FAILED":
            yield Trouble(SET_FAILED, "the replication set has failed: incidents are neither opened nor replicated")
        case "CREATING" | "UPDATING" | "DELETING" as state:
            begun_at = since_at or found.modified_at
            if begun_at is None:
                yield Unclear(f"AWS does not say since when the set is {state}")
            elif now - begun_at > policy.stuck_after[state]:
                yield Trouble(SET_STUCK, f"the replication set has been {state} since {_moment(begun_at)}")
        case unknown:
            yield Unclear(f"the set has the unknown status {printable(unknown)!r}")


def _one(region: Region, found: ReplicationSet, policy: Policy, now: datetime) -> Iterator[Trouble | Unclear]:
    match region.status:
        case "ACTIVE":
            return
        case "FAILED":
            said = region.details.get("statusMessage", "")
            why = f": {said}" if said else ", and AWS does not say why"
            yield Trouble(
                REGION_FAILED, f"Region {region.name} has failed under a set that is {found.status}{why}", region
            )
        case "CREATING" | "DELETING" as state:
            begun_at = region.since_at or found.modified_at
            if begun_at is None:
                yield Unclear(f"AWS does not say since when {region.name} is {state}")
            elif now - begun_at > policy.stuck_after[state]:
                yield Trouble(REGION_STUCK, f"Region {region.name} has been {state} since {_moment(begun_at)}", region)
        case unknown:
            yield Unclear(f"{region.name} has the unknown status {printable(unknown)!r}")


def _foreign(found: ReplicationSet, policy: Policy) -> list[str]:
    if policy.allowed_regions is None:
        return []
    return sorted(region.name for region in found.regions if region.name not in policy.allowed_regions)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
