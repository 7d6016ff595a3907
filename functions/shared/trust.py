"""Whom the configuration trusts to share with us, and how far: the same rules before and after an acceptance."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

LONG_CLOCK = timedelta(days=7)
SHORT_CLOCK = timedelta(hours=12)
"""How long an invitation waits; the long clock is for shares of nothing but types that can be left again.

Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
"""

LEAVABLE = frozenset(
    {
        "rds:cluster",
        "ec2:capacityreservation",
        "ec2:dedicatedhost",
        "license-manager:licenseconfiguration",
        "ec2:localgatewayroutetable",
        "outposts:outpost",
        "outposts:site",
        "route53resolver:resolverrule",
        "ec2:coippool",
        "ec2:prefixlist",
        "ec2:subnet",
        "ec2:trafficmirrortarget",
        "ec2:transitgateway",
        "ec2:transitgatewaymulticastdomain",
    },
)
"""The types, in lower case, whose shares a receiver can leave again; an invitation to them lives for 7 days.

Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-leave.html
"""


def can_be_left(*resource_types: str) -> bool:
    """Say whether a receiver can leave a share that holds nothing but these types."""
    return all(name.lower() in LEAVABLE for name in resource_types)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an invitation expires.

    Attributes:
        at: the moment; the earliest that is possible, where it is not certain.
        is_certain: AWS documents one clock for all that the share holds.
    """

    at: datetime
    is_certain: bool

    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC{'' if self.is_certain else ' at the earliest'}"


def deadline(invited_at: datetime, resource_types: Collection[str] | None) -> Deadline:
    """Return when an invitation expires: RAM has no member for it, and says nothing of mixed and of empty shares.

    Args:
        invited_at: when it was sent.
        resource_types: of all that the share holds; None where that is not known.
    """
    if resource_types and can_be_left(*resource_types):
        return Deadline(invited_at + LONG_CLOCK, is_certain=True)
    has_one_clock = bool(resource_types) and not any(map(can_be_left, resource_types or ()))
    return Deadline(invited_at + SHORT_CLOCK, is_certain=has_one_clock)


def pending_deadline(invited_at: datetime, resource_types: Collection[str] | None, now: datetime) -> Deadline:
    """Return when an invitation expires that is pending: what has outlived the short clock has the long one."""
    expires = deadline(invited_at, resource_types)
    outlived = not expires.is_certain and now >= expires.at
    return Deadline(invited_at + LONG_CLOCK, is_certain=True) if outlived else expires


@dataclass(frozen=True, slots=True)
class TrustRule:
    """Whom to trust, and how far.

    Attributes:
        name: stands in the record of each acceptance.
        accounts: the senders.
        resource_types: in lower case; None for every type that can be left again.
        share_names: globs over the whole name; None for any.
        regions: None for every Region in scope.
        allow_irreversible: accept also what cannot be left again.
    """

    name: str
    accounts: frozenset[str]
    resource_types: frozenset[str] | None = None
    share_names: tuple[str, ...] | None = None
    regions: frozenset[str] | None = None
    allow_irreversible: bool = False

    def covers(self, *, sender: str, region: str, share_name: str | None) -> bool:
        """Say whether this rule decides about a share of that name."""
        return (
            sender in self.accounts
            and (self.regions is None or region in self.regions)
            and (self.share_names is None or _matches(share_name, self.share_names))
        )

    def not_covered(self, resource_types: Iterable[str]) -> set[str]:
        """Return those of the types that the rule does not name; none where it names no types at all."""
        covered = self.resource_types
        return set() if covered is None else {name for name in resource_types if name.lower() not in covered}

    @property
    def covers_any_type(self) -> bool:
        """Whether it covers whatever may still be put into a share."""
        return self.resource_types is None and self.allow_irreversible

    def locked(self, resource_types: Iterable[str]) -> set[str]:
        """Return those of the types that could not be left again, and that the rule does not allow for it."""
        return set() if self.allow_irreversible else {name for name in resource_types if not can_be_left(name)}


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """The trust rules, in order.

    Attributes:
        rules: the first that covers a share decides.
    """

    rules: tuple[TrustRule, ...] = ()

    @classmethod
    def from_settings(cls, rules: Iterable[Mapping[str, Any]]) -> "TrustPolicy":
        """Read ``ram_invitations.trust`` of the configuration."""
        return cls(tuple(_rule(rule) for rule in rules))

    def rule_for(self, *, sender: str, region: str, share_name: str | None) -> TrustRule | None:
        """Return the first rule that covers sender, Region and name."""
        covering = (rule for rule in self.rules if rule.covers(sender=sender, region=region, share_name=share_name))
        return next(covering, None)

    def knows(self, sender: str) -> bool:
        """Say whether *sender* stands in any rule."""
        return any(sender in rule.accounts for rule in self.rules)


def _rule(settings: Mapping[str, Any]) -> TrustRule:
    types, names, regions = (settings.get(key) for key in ("resource_types", "share_names", "regions"))
    return TrustRule(
        name=settings["name"],
        accounts=frozenset(settings["accounts"]),
        resource_types=None if types is None else frozenset(name.lower() for name in types),
        share_names=None if names is None else tuple(names),
        regions=None if regions is None else frozenset(regions),
        allow_irreversible=settings["allow_irreversible"],
    )


def _matches(name: str | None, patterns: Iterable[str]) -> bool:
    """Match the whole name, with its case; what cannot be printed cannot be meant by a pattern."""
    if name is None or not name.isprintable():
        return False
    return any(re.fullmatch(_regular_expression(pattern), name) for pattern in patterns)


def _regular_expression(glob: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in glob)
