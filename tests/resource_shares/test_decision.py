"""What is wrong with a share, over all states, missing members and unknown values: no AWS."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from functions.resource_shares.decision import (
    RESOURCE_STATUSES,
    SHARE_STATUSES,
    Association,
    Policy,
    PrincipalState,
    Resource,
    Share,
    failed,
    failed_association,
    is_late,
    late,
    may_be_external,
    not_allowed,
    outside,
    rule_for,
    state_of,
    unavailable,
    untrusted,
    waits_since,
)
from functions.resource_shares.untouchable import untouchable
from functions.shared.trust import TrustPolicy, TrustRule
from tests.resource_shares.conftest import FRIEND, GATEWAY, HUB, LOCKED, OUTSIDER, US

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MODEL = Session().get_service_model("ram")
ORGANIZATION = "arn:aws:organizations::123456789012:organization/o-exampleorgid"
UNIT = "arn:aws:organizations::123456789012:ou/o-exampleorgid/ou-abcd-12345678"
ROLE = f"arn:aws:iam::{OUTSIDER}:role/reader"
SERVICE = "network-firewall.amazonaws.com"
SHARE = Share("arn:share", "prod", US, "ACTIVE")
THEIRS = Share("arn:share", "prod", HUB, "ACTIVE")
RULE = TrustRule("hub", frozenset([HUB]))


def enum_of(shape: str) -> frozenset[str]:
    return frozenset(MODEL.shape_for(shape).enum)  # type: ignore[attr-defined]


def principal(status: str = "ASSOCIATED", entity: str = OUTSIDER, **more: Any) -> Association:
    return Association("arn:share", entity, status, **{"created_at": NOW, "updated_at": NOW} | more)


# Principals of ours

JUDGED = {
    "ASSOCIATING": PrincipalState.OUTSIDE,
    "ASSOCIATED": PrincipalState.OUTSIDE,
    "SUSPENDED": PrincipalState.OUTSIDE,
    "SUSPENDING": PrincipalState.OUTSIDE,
    "RESTORING": PrincipalState.OUTSIDE,
    "DISASSOCIATING": PrincipalState.LEAVING,
    "DISASSOCIATED": PrincipalState.GONE,
    "FAILED": PrincipalState.GONE,
}


def test_every_association_status_of_the_model_has_its_place() -> None:
    assert JUDGED.keys() == enum_of("ResourceShareAssociationStatus")


@pytest.mark.parametrize(("status", "place"), JUDGED.items())
def test_a_principal_that_is_not_listed_is_outside_wherever_it_can_use_the_share(
    status: str, place: PrincipalState
) -> None:
    assert state_of(principal(status), Policy(allowed=frozenset([FRIEND])), NOW) is place
    in_its_place = PrincipalState.ALLOWED if place is PrincipalState.OUTSIDE else place
    assert state_of(principal(status, FRIEND), Policy(allowed=frozenset([FRIEND])), NOW) is in_its_place
    assert state_of(principal(status), Policy(allowed=None), NOW) is in_its_place
    assert state_of(principal(status), Policy(allowed=frozenset()), NOW) is place


@pytest.mark.parametrize("status", ["", "associated", "FROBNICATED"])
def test_an_unknown_status_of_a_principal_allows_no_verdict(status: str) -> None:
    for allowed in (None, frozenset[str](), frozenset([OUTSIDER])):
        assert state_of(principal(status), Policy(allowed=allowed), NOW) is PrincipalState.UNCLEAR


def test_a_removal_that_does_not_end_within_an_hour_has_not_happened() -> None:
    nobody = Policy(allowed=frozenset())
    leaving = principal("DISASSOCIATING")
    assert state_of(leaving, nobody, NOW + timedelta(minutes=59)) is PrincipalState.LEAVING
    assert state_of(leaving, nobody, NOW + HOUR) is PrincipalState.OUTSIDE
    assert state_of(replace(leaving, created_at=None, updated_at=None), nobody, NOW + DAY) is PrincipalState.LEAVING
    assert "has not come to an end" in outside(leaving, SHARE, "")


ROOT = f"arn:aws:iam::{FRIEND}:root"
FORMS = (FRIEND, ROOT, ORGANIZATION, UNIT, ROLE, ROLE.replace("role", "user"), SERVICE)


@pytest.mark.parametrize(("listed", "met"), [*itertools.product(FORMS, FORMS)])
def test_principals_are_compared_exactly(listed: str, met: str) -> None:
    place = state_of(principal(entity=met), Policy(allowed=frozenset([listed])), NOW)
    assert (place is PrincipalState.ALLOWED) == (listed == met)


@given(st.frozensets(st.sampled_from(FORMS)), st.sampled_from(FORMS), st.sampled_from(sorted(JUDGED)))
def test_nobody_who_is_allowed_and_nobody_at_all_without_a_list_is_ever_outside(
    allowed: frozenset[str], entity: str, status: str
) -> None:
    met = principal(status, entity)
    assert state_of(met, Policy(allowed=None), NOW) is not PrincipalState.OUTSIDE
    assert state_of(met, Policy(allowed=allowed | {entity}), NOW) is not PrincipalState.OUTSIDE


@pytest.mark.parametrize(
    ("entity", "external", "counts"),
    [
        (OUTSIDER, True, True),
        (OUTSIDER, None, True),
        (OUTSIDER, False, False),
        (ROLE, True, True),
        (ROLE, None, True),
        (ORGANIZATION, True, False),
        (UNIT, None, False),
        (SERVICE, True, False),
    ],
)
def test_only_an_account_role_or_user_that_ram_does_not_call_ours_needs_an_open_share(
    *, entity: str, external: bool | None, counts: bool
) -> None:
    assert may_be_external(principal(entity=entity, external=external)) is counts


CLOCKS = [
    (timedelta(hours=11, minutes=59), [LOCKED], False),
    (timedelta(hours=12), [LOCKED], True),
    (timedelta(hours=12), [LOCKED, GATEWAY], True),
    (timedelta(hours=12), [], True),
    (timedelta(hours=12), ["nobody:Knows"], True),
    (timedelta(hours=12), [GATEWAY], False),
    (timedelta(days=7) - timedelta(seconds=1), [GATEWAY.upper(), "EC2:SUBNET"], False),
    (timedelta(days=7), [GATEWAY], True),
    (timedelta(hours=11), None, False),
    (timedelta(hours=12), None, None),
    (timedelta(days=7), None, True),
]


@pytest.mark.parametrize(("waited", "types", "verdict"), CLOCKS)
def test_an_invitation_is_late_after_the_shortest_clock_of_its_types(
    waited: timedelta, types: list[str] | None, *, verdict: bool | None
) -> None:
    assert is_late(NOW - waited, NOW, types) is verdict


def test_only_a_principal_that_is_associating_waits() -> None:
    assert {status for status in JUDGED if waits_since(principal(status))} == {"ASSOCIATING"}
    assert waits_since(principal("ASSOCIATING", created_at=None, updated_at=NOW - DAY)) == NOW - DAY
    assert waits_since(principal("ASSOCIATING", created_at=None, updated_at=None)) is None
    assert "2026-11-20 09:00 UTC" in late(principal(), SHARE, NOW, NOW + 12 * HOUR, [LOCKED])


@pytest.mark.parametrize(
    ("waited", "types", "is_certain"),
    [
        (12 * HOUR, [LOCKED], True),
        (12 * HOUR, [LOCKED, GATEWAY], False),
        (12 * HOUR, [], False),
        (7 * DAY, [LOCKED, GATEWAY], True),
        (7 * DAY, None, True),
    ],
)
def test_a_deadline_that_is_only_the_earliest_possible_says_so(
    waited: timedelta, types: list[str] | None, *, is_certain: bool
) -> None:
    told = late(principal("ASSOCIATING"), SHARE, NOW, NOW + waited, types)
    assert ("did not accept in time" in told) is is_certain
    assert ("at the earliest" in told) is not is_certain


@pytest.mark.parametrize("status", JUDGED)
def test_an_association_failed_if_it_says_so(status: str) -> None:
    reason = failed_association(principal(status, message="quota\n"), SHARE)
    told = f"RAM could not associate {OUTSIDER} with the share 'prod': quota\\n"
    assert reason == (told if status == "FAILED" else None)


# What is never changed


@pytest.mark.parametrize(
    ("share", "is_changed"),
    [
        (SHARE, True),
        (replace(SHARE, tag_keys=frozenset(["team", "aws:cloudformation:stack-name"])), True),
        (replace(SHARE, feature_set="CREATED_FROM_POLICY"), False),
        (replace(SHARE, feature_set="PROMOTING_TO_STANDARD"), False),
        (replace(SHARE, feature_set=""), False),
        (replace(SHARE, feature_set="FROBNICATED"), False),
        (replace(SHARE, owner=HUB), False),
        (replace(SHARE, tag_keys=frozenset(["aws:networkmanager:core-network"])), False),
        (replace(SHARE, name="LakeFormation-V4-ABCDEFGH"), True),
        (replace(SHARE, name=None), True),
    ],
)
def test_only_standard_shares_of_our_own_making_are_changed(share: Share, *, is_changed: bool) -> None:
    hindrance = untouchable(share, US, [GATEWAY])
    assert (hindrance == "") is is_changed
    assert ("Watchkeeper does not remove it: " in outside(principal(), share, hindrance)) is not is_changed


def test_every_feature_set_of_the_model_but_one_is_left_alone() -> None:
    sets = enum_of("ResourceShareFeatureSet")
    assert {name for name in sets if not untouchable(replace(SHARE, feature_set=name), US, [])} == {"STANDARD"}


CATALOGUE = ["glue:Catalog", "glue:Database", "GLUE:TABLE"]


@pytest.mark.parametrize(
    ("name", "types", "is_changed"),
    [
        ("LakeFormation-V4-X", CATALOGUE, False),
        ("LakeFormation-V4-X", ["glue:Table"], False),
        ("LakeFormation-prod-data", [*CATALOGUE, GATEWAY], True),
        ("LakeFormation-prod-data", [GATEWAY], True),
        ("LakeFormation-prod-data", [], True),
        ("LakeFormation-prod-data", None, False),
        ("prod-data", CATALOGUE, True),
        ("prod-data", None, True),
        (None, CATALOGUE, True),
    ],
)
def test_a_name_alone_protects_no_share(name: str | None, types: list[str] | None, *, is_changed: bool) -> None:
    assert (untouchable(replace(SHARE, name=name), US, types) == "") is is_changed


# Shares of others


@pytest.mark.parametrize(
    ("rule", "share", "is_covered"),
    [
        (RULE, THEIRS, True),
        (RULE, replace(THEIRS, owner=OUTSIDER), False),
        (replace(RULE, regions=frozenset(["eu-west-1"])), THEIRS, True),
        (replace(RULE, regions=frozenset(["us-east-1"])), THEIRS, False),
        (replace(RULE, share_names=("pro?",)), THEIRS, True),
        (replace(RULE, share_names=("PROD",)), THEIRS, False),
        (replace(RULE, share_names=("*",)), replace(THEIRS, name=None), False),
        (RULE, replace(THEIRS, name=None), True),
        (replace(RULE, share_names=("*",)), replace(THEIRS, name="pro\nd"), False),
    ],
)
def test_an_owner_is_trusted_by_the_rule_that_would_accept_its_invitation(
    rule: TrustRule, share: Share, *, is_covered: bool
) -> None:
    policy = Policy(TrustPolicy((rule,)))
    assert (rule_for(share, "eu-west-1", policy) is rule) is is_covered
    if not is_covered:
        told = untrusted(share, "eu-west-1", policy)
        assert told.startswith("no rule trusts" if share.owner == OUTSIDER else "the rules for account")
        assert "\n" not in told


@pytest.mark.parametrize(
    ("rule", "type_name", "is_allowed"),
    [
        (RULE, GATEWAY, True),
        (RULE, GATEWAY.upper(), True),
        (RULE, LOCKED, False),
        (replace(RULE, allow_irreversible=True), LOCKED, True),
        (replace(RULE, resource_types=frozenset([GATEWAY.lower()])), GATEWAY, True),
        (replace(RULE, resource_types=frozenset([GATEWAY.lower()])), "ec2:Subnet", False),
        (replace(RULE, resource_types=frozenset([LOCKED.lower()])), LOCKED, False),
        (replace(RULE, resource_types=frozenset([LOCKED.lower()]), allow_irreversible=True), LOCKED, True),
        (RULE, "nobody:Knows", False),
    ],
)
def test_what_a_share_holds_is_allowed_as_it_would_be_before_an_acceptance(
    rule: TrustRule, type_name: str, *, is_allowed: bool
) -> None:
    assert (not_allowed(Resource("arn:share", "arn:thing", type_name), SHARE, rule) is None) is is_allowed


UNUSABLE = {"ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "UNAVAILABLE"}


@pytest.mark.parametrize("status", sorted(RESOURCE_STATUSES))
def test_a_resource_is_unavailable_unless_it_is_available_or_freshly_pending(status: str) -> None:
    fresh = Resource("arn:share", "arn:thing", GATEWAY, status, "why\x07", NOW)
    assert (unavailable(fresh, SHARE, NOW) is not None) == (status in UNUSABLE)
    later = unavailable(fresh, SHARE, NOW + timedelta(minutes=30))
    assert (later is not None) == (status in UNUSABLE | {"PENDING"})
    assert later is None or later == f"the share 'prod' holds arn:thing, which is {status}: why\\x07"
    assert (unavailable(replace(fresh, since_at=None), SHARE, NOW) is not None) == (status in UNUSABLE | {"PENDING"})


def test_the_statuses_are_those_of_the_model() -> None:
    assert enum_of("ResourceShareStatus") == SHARE_STATUSES
    assert enum_of("ResourceStatus") == RESOURCE_STATUSES


@pytest.mark.parametrize("status", sorted(SHARE_STATUSES))
def test_a_share_failed_if_it_says_so(status: str) -> None:
    assert (failed(replace(SHARE, status=status)) is not None) == (status == "FAILED")


def test_a_reason_stays_the_same_while_nothing_but_time_changes() -> None:
    waiting = principal("ASSOCIATING")
    assert late(waiting, SHARE, NOW, NOW + 13 * HOUR, []) == late(waiting, SHARE, NOW, NOW + 20 * HOUR, [])
    assert outside(waiting, SHARE, "") == outside(replace(waiting, status="ASSOCIATED"), SHARE, "")
