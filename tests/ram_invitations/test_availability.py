"""Whether an accepted share can be used and holds what its rule covers: every state and an unknown one, no AWS."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.session import Session

from functions.ram_invitations.availability import (
    RESOURCE_STATUSES,
    SHARE_STATUSES,
    AcceptedShare,
    SharedResource,
    added_later,
    recovered,
    unavailable,
    unknown_status,
)
from functions.ram_invitations.decision import EMPTY, IRREVERSIBLE, SHARE_UNAVAILABLE, TYPE_NOT_ALLOWED, Policy
from functions.shared.trust import TrustPolicy, TrustRule

HUB = "210987654321"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
GATEWAY, LOCKED = "ec2:TransitGateway", "glue:Database"
NAMED = "the share 'prod' of account 210987654321"
UNUSABLE = f"{NAMED} holds what cannot be used: "
MODEL = Session().get_service_model("ram")


def share(status: str = "ACTIVE", **of: str) -> AcceptedShare:
    return AcceptedShare(**{"owner": HUB, "name": "prod", "status": status} | of)


def resources(statuses: dict[str, str]) -> list[SharedResource]:
    return [SharedResource(arn, GATEWAY, status) for arn, status in statuses.items()]


@pytest.mark.parametrize(
    ("status", "states", "minutes", "reason"),
    [
        ("ACTIVE", {"a": "AVAILABLE"}, 60, None),
        ("ACTIVE", {}, 60, None),
        ("PENDING", {}, 29, None),
        (None, {}, 29, None),
        ("PENDING", {}, 30, f"{NAMED} is PENDING half an hour after it was accepted"),
        ("FAILED", {}, 30, f"{NAMED} is FAILED half an hour after it was accepted"),
        ("DELETING", {}, 30, None),
        ("DELETED", {}, 30, None),
        (None, {}, 30, f"RAM does not show {NAMED} half an hour after it was accepted"),
        (None, {}, 24 * 60, None),
        ("ACTIVE", {"a": "UNAVAILABLE", "b": "AVAILABLE"}, 60, f"{UNUSABLE}a is UNAVAILABLE"),
        ("ACTIVE", {"a": "NEW\x07"}, 60, f"{UNUSABLE}a is NEW\\x07"),
        (
            "ACTIVE",
            dict.fromkeys("abcdefg", "PENDING"),
            60,
            UNUSABLE + "; ".join(f"{n} is PENDING" for n in "abcde") + "; and 2 more",
        ),
    ],
)
def test_a_share_that_cannot_be_used_is_reported_after_half_an_hour(
    status: str | None, states: dict[str, str], minutes: int, reason: str | None
) -> None:
    shown = None if status is None else share(status)
    assert unavailable(shown, NAMED, resources(states), AT, AT + timedelta(minutes=minutes)) == reason


def test_the_states_are_those_of_the_model() -> None:
    assert set(MODEL.shape_for("ResourceShareStatus").enum) == SHARE_STATUSES  # type: ignore[attr-defined]
    assert set(MODEL.shape_for("ResourceStatus").enum) == RESOURCE_STATUSES  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [*sorted(SHARE_STATUSES), "", "AVAILABLE", "FROBNICATED"])
def test_only_a_known_state_of_a_share_allows_a_verdict(status: str) -> None:
    assert unknown_status(share(status), []) == (None if status in SHARE_STATUSES else status)
    assert unknown_status(None, []) is None


@pytest.mark.parametrize("status", [*sorted(RESOURCE_STATUSES), "ACTIVE", "FROBNICATED"])
def test_only_a_known_state_of_a_resource_allows_a_verdict(status: str) -> None:
    of_both = resources({"a": "AVAILABLE", "b": status})
    assert unknown_status(share(), of_both) == (None if status in RESOURCE_STATUSES else status)


@pytest.mark.parametrize(
    ("check", "status", "judges_content", "ending"),
    [
        (SHARE_UNAVAILABLE, "ACTIVE", True, f"{NAMED} can be used now, with all that is in it"),
        (SHARE_UNAVAILABLE, "DELETING", True, f"the owner deleted {NAMED}"),
        (IRREVERSIBLE, "DELETED", True, f"the owner deleted {NAMED}"),
        (IRREVERSIBLE, "ACTIVE", True, f"{NAMED} holds nothing any more that a rule excludes"),
        (TYPE_NOT_ALLOWED, "ACTIVE", False, f"resource_shares judges now what is in {NAMED}"),
        (
            SHARE_UNAVAILABLE,
            "",
            True,
            f"RAM does not show {NAMED} any more: its owner deleted it, or took this account out of it",
        ),
    ],
)
def test_how_a_trouble_ended_is_said_for_every_state(
    check: str, status: str, ending: str, *, judges_content: bool
) -> None:
    shown = share(status) if status else None
    assert recovered(check, shown, NAMED, judges_content=judges_content) == ending


RULE = TrustRule("hub", frozenset([HUB]))
NARROW = TrustRule("narrow", frozenset([HUB]), resource_types=frozenset([GATEWAY.lower()]))
OPEN = TrustRule("open", frozenset([HUB]), allow_irreversible=True)
ELSEWHERE = TrustRule("elsewhere", frozenset([HUB]), regions=frozenset(["us-east-1"]))


@pytest.mark.parametrize(
    ("rule", "types", "check"),
    [
        (RULE, [GATEWAY], None),
        (RULE, [], None),
        (RULE, [GATEWAY, LOCKED], IRREVERSIBLE),
        (NARROW, [GATEWAY, "ec2:Subnet"], TYPE_NOT_ALLOWED),
        (OPEN, [GATEWAY, LOCKED], None),
        (ELSEWHERE, [LOCKED], None),
    ],
)
def test_what_is_put_into_an_accepted_share_is_judged_as_before_the_acceptance(
    rule: TrustRule, types: list[str], check: str | None
) -> None:
    held = added_later(
        share(),
        NAMED,
        [SharedResource("a", name, "AVAILABLE") for name in types],
        "eu-west-1",
        Policy(TrustPolicy((rule,))),
    )
    assert (held.check if held else None) == check != EMPTY
