"""What is wrong with a replication set: the nouns, and the decisions about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.shared.finding import printable, quoted

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

    @property
    def name(self) -> str:
        """What people call it: the end of its ARN."""
        return name_of(self.arn)

    @property
    def ask_in(self) -> str:
        """A Region in which a command about it is answered: one of its own, which is ACTIVE if any is."""
        names = [region.name for region in self.regions]
        return next((region.name for region in self.regions if region.status == "ACTIVE"), names[0] if names else "")


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
        began_at: since when it is so; None where AWS does not say.
        details: what a person needs beside the state of the set.
    """

    check: str
    reason: str
    region: Region | None = None
    began_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


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
        yield Unclear(f"AWS does not say whether deletion protection of replication set {found.name} is on")
    elif policy.require_protection and not found.protected:
        danger = "whoever deletes its last Region deletes all incidents and response plans"
        yield Trouble(UNPROTECTED, f"Deletion protection of replication set {found.name} is off: {danger}")
    if len(found.regions) < policy.minimum_regions:
        count = f"{len(found.regions)} Region{'s' * (len(found.regions) != 1)}"
        wanted = f"the configuration asks for at least {policy.minimum_regions}"
        reason = f"Replication set {found.name} has {count}, and {wanted}"
        yield Trouble(SINGLE_REGION, reason, details={"minimum_regions": policy.minimum_regions})
    if foreign := _foreign(found, policy):
        where = f"{', '.join(foreign)}, which the configuration does not allow"
        reason = f"Replication set {found.name} replicates incidents to {where}"
        yield Trouble(NOT_ALLOWED, reason, details={"not_allowed": foreign})
    for region in found.regions:
        yield from _one(region, found, policy, now)


def vanished(arn: str) -> Trouble:
    """Return what is wrong where a set that was there is in no complete listing any more."""
    loss = "Incident Manager has lost its response plans and incidents"
    return Trouble(SET_VANISHED, f"Replication set {name_of(arn)} is gone: {loss}")


def name_of(arn: str) -> str:
    """Return what people call a set: the end of its ARN."""
    return printable(arn.rpartition("/")[2])


def evidence(found: ReplicationSet, trouble: Trouble) -> dict[str, Any]:
    """Return what a person needs to know, in AWS's own words."""
    details: dict[str, Any] = {"lastModifiedBy": found.modified_by} if found.modified_by else {}
    details |= {"ask_in": found.ask_in, **trouble.details}
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
            causes = "".join(
                f"; Region {each.name}: {_said(each)}" for each in found.regions if each.status == "FAILED"
            )
            loss = "incidents are neither opened nor replicated"
            yield Trouble(SET_FAILED, f"Replication set {found.name} has failed: {loss}{causes}")
        case "CREATING" | "UPDATING" | "DELETING" as state:
            begun_at = since_at or found.modified_at
            if begun_at is None:
                yield Unclear(f"AWS does not say since when replication set {found.name} is {state}")
            elif now - begun_at > policy.stuck_after[state]:
                reason = f"Replication set {found.name} has been {state} since {_moment(begun_at)}"
                yield Trouble(SET_STUCK, reason, began_at=begun_at)
        case unknown:
            yield Unclear(f"replication set {found.name} has the unknown status {quoted(unknown)}")


def _one(region: Region, found: ReplicationSet, policy: Policy, now: datetime) -> Iterator[Trouble | Unclear]:
    what = f"Region {region.name} of replication set {found.name}"
    match region.status:
        case "ACTIVE":
            return
        case "FAILED":
            reason = f"{what} has failed while the set is {printable(found.status) or 'of no status'}: {_said(region)}"
            yield Trouble(REGION_FAILED, reason, region, region.since_at)
        case "CREATING" | "DELETING" as state:
            begun_at = region.since_at or found.modified_at
            if begun_at is None:
                yield Unclear(f"AWS does not say since when {what} is {state}")
            elif now - begun_at > policy.stuck_after[state]:
                yield Trouble(REGION_STUCK, f"{what} has been {state} since {_moment(begun_at)}", region, begun_at)
        case unknown:
            yield Unclear(f"{what} has the unknown status {quoted(unknown)}")


def _said(region: Region) -> str:
    return region.details.get("statusMessage", "") or "AWS does not say why"


def _foreign(found: ReplicationSet, policy: Policy) -> list[str]:
    if policy.allowed_regions is None:
        return []
    return sorted(region.name for region in found.regions if region.name not in policy.allowed_regions)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
