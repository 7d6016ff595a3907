"""What becomes of an invitation: every branch of the decision, without AWS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.ram_invitations.decision import (
    IRREVERSIBLE,
    TYPE_NOT_ALLOWED,
    UNTRUSTED,
    Accept,
    Answered,
    Hold,
    InspectContent,
    Invitation,
    Missed,
    NotOurs,
    Policy,
    Unclear,
    Untrusted,
    deadline,
    decide,
    decide_content,
    unavailable,
    warning,
)
from functions.shared.trust import LEAVABLE, TrustPolicy, TrustRule

US = "123456789012"
HUB = "210987654321"
STRANGER = "999999999999"
SENT_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
RULE = TrustRule("hub", frozenset({HUB}))


def invitation(**changes: Any) -> Invitation:
    given = {
        "arn": f"arn:aws:ram:eu-west-1:{HUB}:resource-share-invitation/1",
        "share_arn": f"arn:aws:ram:eu-west-1:{HUB}:resource-share/1",
        "share_name": "prod-network",
        "sender": HUB,
        "receiver": US,
        "region": "eu-west-1",
        "invited_at": SENT_AT,
        "status": "PENDING",
    }
    return Invitation(**(given | changes))


def policy(*rules: TrustRule, **changes: Any) -> Policy:
    return Policy(TrustPolicy(rules or (RULE,)), **changes)


def test_a_trusted_sender_is_looked_into() -> None:
    assert decide(invitation(), US, policy()) == InspectContent(RULE)


def test_a_sender_in_no_rule_is_a_stranger() -> None:
    assert isinstance(decide(invitation(sender=STRANGER), US, policy()), Untrusted)


def test_without_rules_everybody_is_a_stranger() -> None:
    assert isinstance(decide(invitation(), US, Policy()), Untrusted)


def test_another_accounts_invitation_is_never_acted_on() -> None:
    assert decide(invitation(receiver="111111111111"), US, policy()) == NotOurs()


@pytest.mark.parametrize("status", ["ACCEPTED", "REJECTED"])
def test_what_was_answered_needs_nothing(status: str) -> None:
    assert decide(invitation(status=status), US, policy()) == Answered()


def test_what_expired_was_missed_if_its_sender_is_known() -> None:
    assert isinstance(decide(invitation(status="EXPIRED"), US, policy()), Missed)
    assert decide(invitation(status="EXPIRED", sender=STRANGER), US, policy()) == Answered()


def test_an_unknown_status_allows_no_verdict() -> None:
    assert decide(invitation(status="MAYBE"), US, policy()) == Unclear("the invitation has the unknown status MAYBE")


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (TrustRule("r", frozenset({HUB}), regions=frozenset({"us-east-1"})), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("dev-*",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("PROD-*",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("prod",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("prod-[a-z]*",)), {}),
        (TrustRule("r", frozenset({HUB}), share_names=("*",)), {"share_name": "prod\x1b[31m"}),
        (TrustRule("r", frozenset({HUB}), share_names=("*",)), {"share_name": "prod\n"}),
        (TrustRule("r", frozenset({HUB}), share_names=("*",)), {"share_name": None}),
    ],
    ids=["Region", "name", "case", "whole name", "only * and ?", "control character", "newline", "no name"],
)
def test_region_and_name_only_narrow_what_the_sender_is_trusted_with(rule: TrustRule, found: dict[str, Any]) -> None:
    held = decide(invitation(**found), US, policy(rule))
    assert isinstance(held, Hold)
    assert held.check == UNTRUSTED


@pytest.mark.parametrize("pattern", ["*", "prod-*", "prod-networ?", "prod-network", "????-*"])
def test_a_glob_covers_the_whole_name(pattern: str) -> None:
    rule = TrustRule("r", frozenset({HUB}), share_names=(pattern,))
    assert decide(invitation(), US, policy(rule)) == InspectContent(rule)


def test_a_rule_without_names_covers_any_name() -> None:
    assert decide(invitation(share_name="\x00\u202e"), US, policy()) == InspectContent(RULE)


def test_the_first_rule_that_covers_decides() -> None:
    narrow = TrustRule("narrow", frozenset({HUB}), share_names=("prod-*",), resource_types=frozenset({"ec2:subnet"}))
    assert decide(invitation(), US, policy(narrow, RULE)) == InspectContent(narrow)
    assert decide(invitation(), US, policy(RULE, narrow)) == InspectContent(RULE)


def test_a_name_is_made_printable_in_the_reason() -> None:
    rule = TrustRule("r", frozenset({HUB}), share_names=("dev",))
    held = decide(invitation(share_name="a\x1b[2Jb"), US, policy(rule))
    assert isinstance(held, Hold)
    assert held.reason.isprintable()


@pytest.mark.parametrize(
    ("rule", "types", "check"),
    [
        (TrustRule("r", frozenset({HUB})), {"ec2:TransitGateway"}, None),
        (TrustRule("r", frozenset({HUB})), set(), None),
        (TrustRule("r", frozenset({HUB})), {"glue:Database"}, IRREVERSIBLE),
        (TrustRule("r", frozenset({HUB})), {"ec2:Subnet", "glue:Database"}, IRREVERSIBLE),
        (TrustRule("r", frozenset({HUB})), {"new:Thing"}, IRREVERSIBLE),
        (TrustRule("r", frozenset({HUB}), allow_irreversible=True), {"glue:Database"}, None),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), {"ec2:Subnet"}, None),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), {"EC2:SUBNET"}, None),
        (TrustRule("r", frozenset({HUB}), frozenset({"ec2:subnet"})), {"ec2:PrefixList"}, TYPE_NOT_ALLOWED),
        (TrustRule("r", frozenset({HUB}), frozenset({"glue:database"})), {"glue:Database"}, IRREVERSIBLE),
        (
            TrustRule("r", frozenset({HUB}), frozenset({"glue:database"}), allow_irreversible=True),
            {"glue:Database"},
            None,
        ),
    ],
)
def test_what_is_shared_decides_under_the_rule(rule: TrustRule, types: set[str], check: str | None) -> None:
    verdict = decide_content(rule, frozenset(types), HUB)
    assert (verdict.check if isinstance(verdict, Hold) else None) == check
    assert isinstance(verdict, Hold) or verdict == Accept("r", f"account {HUB} is trusted by rule r")


@pytest.mark.parametrize(
    ("types", "hours"),
    [
        ({"ec2:TransitGateway"}, 7 * 24),
        ({"EC2:transitgateway", "rds:Cluster"}, 7 * 24),
        ({"glue:Database"}, 12),
        ({"ec2:TransitGateway", "glue:Database"}, 12),
        ({"new:Thing"}, 12),
        (set(), 12),
        (None, 12),
    ],
)
def test_the_shortest_clock_of_the_types_counts(types: set[str] | None, hours: int) -> None:
    content = None if types is None else frozenset(types)
    assert deadline(invitation(), content) == SENT_AT + timedelta(hours=hours)


def test_the_types_with_the_long_clock_are_those_that_can_be_left() -> None:
    assert len(LEAVABLE) == 14


@pytest.mark.parametrize(
    ("types", "remaining", "after", "warned"),
    [
        ({"glue:Database"}, 0.5, timedelta(hours=5, minutes=59), False),
        ({"glue:Database"}, 0.5, timedelta(hours=6), True),
        ({"ec2:Subnet"}, 0.5, timedelta(hours=83), False),
        ({"ec2:Subnet"}, 0.5, timedelta(hours=84), True),
        (None, 0.25, timedelta(hours=8), False),
        (None, 0.25, timedelta(hours=9), True),
    ],
)
def test_the_warning_comes_at_its_share_of_the_clock(
    types: set[str] | None, remaining: float, after: timedelta, *, warned: bool
) -> None:
    content = None if types is None else frozenset(types)
    reason = warning(invitation(), content, policy(warn_at_remaining=remaining), SENT_AT + after)
    assert (reason is not None) is warned


def test_nobody_is_warned_of_a_strangers_deadline() -> None:
    late = SENT_AT + timedelta(hours=11)
    assert warning(invitation(sender=STRANGER), None, policy(), late) is None


def test_the_warning_is_the_same_sentence_in_every_sweep() -> None:
    sentences = {warning(invitation(), None, policy(), SENT_AT + timedelta(hours=h)) for h in (7, 8, 9)}
    assert len(sentences) == 1


@pytest.mark.parametrize(
    ("share", "resources", "minutes", "reason"),
    [
        ("ACTIVE", {"a": "AVAILABLE"}, 60, None),
        ("ACTIVE", {}, 60, None),
        ("PENDING", {}, 29, None),
        (None, {}, 29, None),
        ("PENDING", {}, 30, "the share is PENDING half an hour after it was accepted"),
        (None, {}, 30, "RAM does not show the share half an hour after it was accepted"),
        ("ACTIVE", {"a": "UNAVAILABLE", "b": "AVAILABLE"}, 60, "a is UNAVAILABLE"),
        ("ACTIVE", {"a": "NEW\x07"}, 60, "a is NEW\\x07"),
        (
            "ACTIVE",
            dict.fromkeys("abcdefg", "PENDING"),
            60,
            "; ".join(f"{n} is PENDING" for n in "abcde") + "; and 2 more",
        ),
    ],
)
def test_a_share_that_cannot_be_used_is_reported_after_half_an_hour(
    share: str | None, resources: dict[str, str], minutes: int, reason: str | None
) -> None:
    assert unavailable(share, resources, SENT_AT, SENT_AT + timedelta(minutes=minutes)) == reason
